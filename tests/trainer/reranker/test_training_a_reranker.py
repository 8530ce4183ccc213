"""Training a reranker on a tiny encoder, and using it: in a report, as the builder's judge, on the Hub."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder

import dualview
from dualview.cards.errors import InputError
from dualview.cards.hub.model_upload import model_upload
from dualview.cards.model_facts import load_facts
from dualview.dataset_builder.judges.cross_encoder import load_cross_encoder
from dualview.trainer.encoders.models import stored_template
from dualview.trainer.evaluation.rankers.load_ranker import template_of
from dualview.trainer.reranker.loading import load_reranker
from dualview.trainer.runs.training import train
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import interrupt_at, losses

Settings = Callable[..., TrainingSettings]
PAIRS = [("bicycle only its history", "It was invented in 1890."), ("bicycle", "It costs 2,000 euros.")]
TEMPLATE = "{query} | {instruction}"


@pytest.fixture
def reranking(settings_for: Settings) -> Settings:
    """Settings of a short run of the shipped recipe."""
    recipe = read_recipe("reranker")
    for name in ("model", "model_revision", "out", "max_tokens", "epochs", "learning_rate"):
        del recipe[name]

    def make(**changes: Any) -> TrainingSettings:
        ours = {"max_steps": 4, "max_tokens": 96, "batch_size": 4, "evaluations": 2, "template": TEMPLATE}
        return settings_for(**{**recipe, **ours, **changes})

    return make


@pytest.fixture(scope="module")
def trained(tiny_path: Path, dataset_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the recipe, some steps long."""
    out = tmp_path_factory.mktemp("reranker") / "run"
    dualview.train_reranker(
        dataset_folder,
        out=out,
        model=tiny_path,
        model_revision="",
        max_tokens=96,
        max_steps=3,
        epochs=0,
        batch_size=4,
        evaluations=1,
        logging_steps=1,
        template=TEMPLATE,
        model_name="tiny reranker",
    )
    return out


def test_the_folder_holds_a_cross_encoder_with_log_and_card(trained: Path) -> None:
    model = CrossEncoder(str(trained / "model"), device="cpu")
    assert model.num_labels == 1 and model.max_seq_length == 96
    assert isinstance(model.activation_fn, torch.nn.Identity)
    assert not list((trained / "model").rglob("*.bin"))
    assert len(list((trained / "model").rglob("*.safetensors"))) == 2  # of the encoder, and of the head
    assert stored_template(trained / "model") == TEMPLATE
    entries = [json.loads(line) for line in (trained / "log.jsonl").read_text().splitlines()]
    assert {"list", "in_set", "neutral", "pointwise"} <= set(entries[0])
    assert any("eval_flip_accuracy" in entry and "eval_seeds_view_accuracy" in entry for entry in entries)
    assert (trained / "loss_curve.png").is_file()
    card = (trained / "model" / "README.md").read_text(encoding="utf-8")
    assert "pipeline_tag: text-ranking" in card and "- cross-encoder" in card
    assert "from sentence_transformers import CrossEncoder" in card and "encode_query" not in card
    facts = load_facts(trained / "model")
    assert facts.is_reranker and facts.loss["loss"] == "ListwiseLoss"
    assert "--kind reranker" in facts.train_command
    assert "cut there" in " ".join(facts.limits)


def test_the_code_of_the_card_runs(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained / "model")
    card = Path("README.md").read_text(encoding="utf-8")
    code = card.partition("```python\n")[2].partition("```")[0]
    exec(compile(code, "card", "exec"), {})


def test_a_report_takes_it_with_its_template(trained: Path, dataset_folder: Path, tmp_path: Path) -> None:
    name = f"cross-encoder:{trained / 'model'}"
    assert template_of(name) == TEMPLATE
    report = dualview.evaluate(
        name, dataset_folder, split="validation", baseline="bm25", out=tmp_path / "report", update_card=True
    )
    assert any(figure.metric == "view_accuracy" for figure in report.figures)
    assert load_facts(trained / "model").results


def test_the_builder_takes_it_as_a_judge(trained: Path) -> None:
    assert load_cross_encoder(str(trained / "model")).num_labels == 1


def test_all_of_its_files_are_published(trained: Path) -> None:
    folder = trained / "model"
    paths = {file.path for file in model_upload(folder, "org/name").files}
    weights = {str(path.relative_to(folder)) for path in folder.rglob("*.safetensors")}
    assert weights <= paths and "modules.json" in paths


@pytest.mark.parametrize(
    "changes", [{"pooling": ""}, {"pooling": "cls", "precision": "bf16", "base_share": 0.3}]
)
def test_other_heads(reranking: Settings, changes: dict[str, Any]) -> None:
    path = train(reranking(max_steps=2, evaluations=0, **changes))
    first = CrossEncoder(str(path), device="cpu").predict(PAIRS)
    assert np.isfinite(first).all()


def test_it_goes_on_from_a_cross_encoder(reranking: Settings, trained: Path, tmp_path: Path) -> None:
    settings = reranking(model=str(trained / "model"), pooling="", max_steps=3, out=str(tmp_path / "on"))
    more = CrossEncoder(str(train(settings)), device="cpu")
    before = CrossEncoder(str(trained / "model"), device="cpu")
    assert [type(module) for module in more] == [type(module) for module in before]
    moved = np.abs(more.predict(PAIRS) - before.predict(PAIRS)).max()
    assert 0 < moved < 1.0  # some steps away, and not a new head


def test_it_learns_the_views_that_it_sees(reranking: Settings, tmp_path: Path) -> None:
    settings = reranking(
        max_steps=60, learning_rate=3e-3, evaluations=0, corpus_negatives=2, out=str(tmp_path / "l")
    )
    train(settings)
    values = [loss for _, loss in losses(tmp_path / "l")]
    assert np.mean(values[-5:]) < np.mean(values[:5]) - 0.1


def test_an_interrupted_run_ends_as_one_that_was_not(reranking: Settings, tmp_path: Path) -> None:
    whole, parted = (reranking(out=str(tmp_path / name)) for name in ("whole", "parted"))
    train(whole)
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(3, patch)
        with pytest.raises(KeyboardInterrupt):
            train(parted)
    train(parted)
    ours, wanted = (dict(losses(tmp_path / name)) for name in ("parted", "whole"))
    assert ours == pytest.approx(wanted, abs=1e-5)
    scores = [
        CrossEncoder(str(tmp_path / name / "model"), device="cpu").predict(PAIRS)
        for name in ("whole", "parted")
    ]
    np.testing.assert_allclose(*scores, atol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"frozen_documents": True},
        {"temperature": 0.05},
        {"keep_queries_weight": 1.0},
        {"compose_weight": 1.0},
        {"cached": True},
        {"matryoshka_dims": [16]},
        {"lora_rank": 4},
        {"query_prompt": "query: "},
    ],
)
def test_settings_of_a_retriever_are_refused(reranking: Settings, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(changes))} is for a retriever"):
        reranking(**changes)


def test_settings_of_a_reranker_are_refused(settings_for: Settings) -> None:
    with pytest.raises(InputError, match="pointwise_weight is for a reranker; leave it out with kind retr"):
        settings_for(pointwise_weight=1.0)


def test_wrong_input_is_one_line(
    reranking: Settings, trained: Path, tmp_path: Path, dataset_folder: Path
) -> None:
    with pytest.raises(
        InputError, match=r"for a reranker it may be flip_accuracy, view_accuracy, seeds_flip"
    ):
        train(reranking(metric="p_mrr"))
    with pytest.raises(InputError, match="no model in this folder"):
        train(reranking(model=str(tmp_path), pooling=""))
    with pytest.raises(InputError, match="max_tokens is 4096"):
        train(reranking(max_tokens=4096))
    with pytest.raises(InputError, match=r"train it with dualview\.train_reranker"):
        dualview.train(dataset_folder, recipe="reranker", out=tmp_path / "run")


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_in_bfloat16_on_a_cpu_it_attends_plainly_in_training_alone(
    reranking: Settings, tmp_path: Path, precision: str
) -> None:
    settings = reranking(precision=precision, max_tokens=128, max_steps=1, evaluations=0)
    attention = "eager" if precision == "bf16" else "sdpa"
    assert load_reranker(settings)[0].auto_model.config._attn_implementation == attention
    trained = CrossEncoder(str(train(settings)), device="cpu")
    assert trained[0].auto_model.config._attn_implementation == "sdpa"


def test_a_trained_head_is_not_replaced(tiny_path: Path, reranking: Settings, tmp_path: Path) -> None:
    CrossEncoder(str(tiny_path), num_labels=1, device="cpu").save_pretrained(str(tmp_path / "ce"))
    with pytest.raises(InputError, match=r"pooling: model .* is a CrossEncoder, whose head is trained"):
        train(reranking(model=str(tmp_path / "ce")))
    assert train(reranking(model=str(tmp_path / "ce"), pooling="", max_steps=1, evaluations=0)).is_dir()
