"""Settings of the model: what training starts from, and which of its parts are trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dualview.trainer.option import Range, option
from dualview.trainer.query_template import DEFAULT_TEMPLATE

SAVE_DTYPES = ("", "float32", "float16", "bfloat16")
POOLINGS = ("", "cls", "mean", "lasttoken")


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Options of the model."""

    TITLE: ClassVar[str] = "model"

    model: str = option(
        "", "model to start from: a folder, a Hub id, or package:NAME/SUBFOLDER", also=["model_name_or_path"]
    )
    model_revision: str = option("", "branch, tag or commit of the model on the Hub")
    trust_remote_code: bool = option(False, "run code that comes with the model; pin --model-revision then")
    attn_implementation: str = option(
        "",
        "attention of the model, such as sdpa, flash_attention_2, or packed, which pads nothing (default: "
        "the model's; eager where bfloat16 on a CPU trains on texts of at most 320 tokens)",
    )
    pooling: str = option(
        "",
        "pooling of a raw encoder's token vectors; empty keeps that of its modules, and of a reranker its "
        "architecture's head",
        POOLINGS,
    )
    query_prompt: str = option("", "text before every query, stored in the model (default: the model's own)")
    document_prompt: str = option(
        "", "text before every passage, stored in the model (default: the model's own)"
    )
    template: str = option(DEFAULT_TEMPLATE, "how query and instruction are joined; stored in the model")
    max_tokens: int = option(
        256,
        "longest text in tokens (of a reranker query and passage together); the rest is cut off. With "
        "--frozen-documents it cuts queries in training alone, and the model keeps its own limit",
        Range(1),
        also=["max_seq_length", "max_length"],
    )
    frozen_layers: int = option(
        -1, "freeze the token embeddings and this many layers above them; -1 freezes nothing", Range(-1)
    )
    frozen_documents: bool = option(
        False,
        "train the query encoder alone; passages keep the base model's vectors, so an existing index "
        "stays valid",
    )
    lora_rank: int = option(
        0,
        "train low-rank adapters of this rank and merge them at the end; 0 trains all weights",
        Range(0),
        also=["lora_r"],
    )
    dropout: float = option(
        -1.0,
        "share of activations dropped in training; -1 keeps the model's own",
        Range(0, 1, below=True, or_also=-1),
    )
    base_share: float = option(
        0.0, "after training, average the weights with the base model's: the base model's share", Range(0, 1)
    )
    save_dtype: str = option(
        "",
        "number format of the saved weights; empty is that of the base model. Training itself is in float32, "
        "see --precision",
        SAVE_DTYPES,
    )
