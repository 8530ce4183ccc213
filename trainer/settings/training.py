"""The settings of a training run: what a recipe may hold and what the flags set."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from dualview.trainer.query_template import DEFAULT_TEMPLATE
from dualview.trainer.settings.combinations import check_settings

# What says where a run is kept, how long it may go on and what its card is called: it may change while a run
# goes on. Everything else decides the model's weights.
_NOT_IN_THE_RUN = {
    "output",
    "base_cache",
    "restart",
    "model_name",
    "base_model_id",
    "base_license",
    "license",
    "report_to",
    "logging_steps",
    "workers",
    "max_hours",
    "early_stopping",
    "diverges_at",
    "push_to_hub",
    "public",
    "yes",
}


def _field(default: object, text: str) -> Any:  # noqa: ANN401 - a field stands where any type is declared
    return dataclasses.field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class TrainingSettings:
    """What a recipe may set. Every field is a key of the YAML file and a flag of the command line."""

    # The model
    model: str = _field("", "model to start from: a folder, a Hub id, or package:NAME/SUBFOLDER")
    model_revision: str = _field("", "branch, tag or commit of the model on the Hub")
    trust_remote_code: bool = _field(False, "run code that comes with the model; pin --model-revision then")
    attn_implementation: str = _field(
        "",
        "attention of the model, such as sdpa, flash_attention_2, or packed, which pads nothing",
    )
    pooling: str = _field(
        "",
        "for a raw encoder, what becomes of its tokens: cls, mean, lasttoken (default: as its modules say)",
    )
    query_prompt: str = _field("", "text before every query, stored in the model (default: the model's own)")
    document_prompt: str = _field(
        "", "text before every passage, stored in the model (default: the model's own)"
    )
    template: str = _field(DEFAULT_TEMPLATE, "how query and instruction are joined; stored in the model")
    max_tokens: int = _field(256, "tokens a text is cut at")
    frozen_layers: int = _field(
        -1, "freeze the token embeddings and so many layers above them; -1 freezes nothing"
    )
    frozen_documents: bool = _field(
        False,
        "train the queries' encoder alone; passages keep the base model's vectors, so that an index lasts",
    )
    lora_rank: int = _field(
        0, "train low-rank adapters of this rank and merge them in the end; 0 trains all weights"
    )
    dropout: float = _field(-1.0, "share of activations dropped in training; -1: as the model has it")
    base_share: float = _field(0.0, "after training, average the weights with the base model's: its share")

    # The data
    dataset: list[str] = field(
        default_factory=list,
        metadata={"help": "dual-view datasets: folders or Hub ids, each with a weight if wanted (NAME=2)"},
    )
    mixture: str = _field(
        "", "which views go in: ins-orig, ins-dv, all-orig, all-dv, tri-view, paraphrase-control"
    )
    reversed_share: float = _field(
        0.5, "share of the reversed views among a mixture's original and reversed ones"
    )
    budget: int = _field(0, "samples of the mixture (a view is a sample); 0 takes all there are")
    source_weights: dict[str, float] = field(
        default_factory=dict, metadata={"help": "how often the rows of a source are repeated (seeds=3)"}
    )
    plain_share: float = _field(0.0, "share of the batches that are made of plain rows, without instructions")
    streaming: bool = _field(False, "read the training rows while training, for corpora larger than memory")
    pairs_per_row: int = _field(6, "pairs of opposite instructions asked of one query's passages at a time")
    paraphrases: bool = _field(True, "train on the paraphrase of the original instruction too")
    max_negatives: int = _field(
        30, "passages a row besides its views' own, at most; instruction negatives first"
    )
    corpus_negatives: int = _field(
        0, "passages of the whole training text beside each batch's own; needs frozen_documents"
    )

    # The loss
    temperature: float = _field(0.02, "softmax temperature")
    in_batch_negatives: bool = _field(True, "other rows' passages are negatives too")
    gather_across_devices: bool = _field(False, "the passages of the other processes are negatives too")
    in_set_weight: float = _field(
        0.0, "weight of a term over each set's own passages alone; 0 switches it off"
    )
    neutral_weight: float = _field(1.0, "weight of the bare queries' term; 0 switches it off")
    doc_to_query_weight: float = _field(0.0, "weight of the document-to-query term; 0 switches it off")
    keep_weight: float = _field(
        0.0, "weight of keeping the base model's bare-query similarities; 0 switches it off"
    )
    keep_documents_weight: float = _field(
        0.0, "weight of keeping the passages where the base model has them; 0 switches it off"
    )
    keep_queries_weight: float = _field(
        0.0,
        "weight of keeping queries without an instruction where the base model has them; 0 switches it off",
    )
    kept_sentences: int = _field(20, "sentences of the passages that keep_queries_weight keeps, a step")
    matryoshka_dims: list[int] = field(
        default_factory=list, metadata={"help": "also train these smaller embedding sizes"}
    )
    cached: bool = _field(
        False, "gradient caching: very large batches in constant memory, at a third more time"
    )
    chunk_tokens: int = _field(
        0, "tokens a forward pass holds (default: 512 on a CPU; on a GPU 131,072, or 16,384 where cached)"
    )

    # The optimiser
    max_steps: int = _field(100, "optimiser steps; 0: as --epochs says")
    epochs: float = _field(0.0, "passes over the rows, where max_steps is 0")
    batch_size: int = _field(12, "rows (candidate sets) a step and process")
    batch_views: int = _field(0, "views a step and process instead of batch_size rows, to compare mixtures")
    gradient_accumulation: int = _field(1, "batches a step")
    gradient_checkpointing: bool = _field(False, "compute activations twice instead of keeping them")
    learning_rate: float = _field(5e-5, "peak learning rate")
    layer_decay: float = _field(
        1.0, "learning rate of a layer as a share of that of the layer above it; 1: the same for all"
    )
    schedule: str = _field(
        "linear", "learning rate after the warm-up: linear, cosine or constant_with_warmup"
    )
    warmup: float = _field(0.1, "share of the steps in which the learning rate rises")
    weight_decay: float = _field(0.01, "AdamW's weight decay")
    max_grad_norm: float = _field(1.0, "gradients are scaled down to this norm; 0 leaves them")
    precision: str = _field("fp32", "fp32 or bf16")
    torch_compile: bool = _field(False, "compile the encoder's layers")
    workers: int = _field(0, "processes that prepare batches, a training process")
    seed: int = _field(0, "seed of everything random")

    # The run
    output: str = _field("", "folder for checkpoints and the trained model")
    base_cache: str = _field(
        "", "folder that keeps the base model's vectors for other runs (default: this run's, in --output)"
    )
    restart: bool = _field(False, "throw away what --output holds of a run with other settings")
    evaluations: int = _field(3, "evaluations on the validation split, evenly spread; the best one is kept")
    metric: str = _field("flip_accuracy", "the evaluator's figure that decides the best checkpoint")
    early_stopping: int = _field(0, "stop after so many evaluations without a better one; 0 never does")
    max_hours: float = _field(0.0, "stop after so many hours and keep the best checkpoint; 0 has no limit")
    diverges_at: float = _field(4.0, "stop when the loss is so many times what it was at first; 0 never does")
    logging_steps: int = _field(10, "steps between two lines of the log")
    push_to_hub: str = _field("", "publish every checkpoint and the model under this id on the Hub")
    public: bool = _field(False, "let everybody see what is pushed to the Hub")
    yes: bool = _field(False, "do not ask before it becomes public")
    report_to: list[str] = field(
        default_factory=list, metadata={"help": "also log to tensorboard, trackio, wandb"}
    )
    model_name: str = _field("dualview", "name of the trained model, for the card")
    base_model_id: str = _field("", "the base model's name on the Hub, for the card (default: --model)")
    base_license: str = _field("", "the base model's licence, for the card")
    license: str = _field("", "the trained model's licence, for the card (default: the base model's)")

    def __post_init__(self) -> None:
        """Check values.

        :raises InputError: naming the setting and what it may be.
        """
        check_settings(self)

    @property
    def keeps_base(self) -> bool:
        """Whether the training needs what the base model makes of the training texts."""
        weights = (self.keep_weight, self.keep_documents_weight, self.keep_queries_weight)
        return self.frozen_documents or any(weight > 0 for weight in weights)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a recipe would hold them."""
        return dataclasses.asdict(self)

    def of_the_run(self) -> dict[str, Any]:
        """Return those settings that decide what comes out: two runs with the same ones are the same run."""
        return {name: value for name, value in self.as_dict().items() if name not in _NOT_IN_THE_RUN}


def default_settings() -> dict[str, Any]:
    """Return what :meth:`TrainingSettings.of_the_run` gives where nothing is set."""
    fields = [field for field in dataclasses.fields(TrainingSettings) if field.name not in _NOT_IN_THE_RUN]
    return {
        field.name: field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        for field in fields
    }
