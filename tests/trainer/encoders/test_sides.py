"""Training the queries' encoder alone: passages stay exactly where the base model has them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.batches.base_embeddings import base_embeddings
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.encoders.sides import is_split, modules_of, split_sides
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.flip_evaluator import FlipEvaluator
from dualview.trainer.evaluation.rankers.text_encoder import model_key
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.matryoshka import MatryoshkaDualViewLoss
from dualview.trainer.runs.base_model import load_base_model
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import features_of, interrupt_at

TEXTS = ["a passage about rain", "a passage about bees and honey"]


@pytest.fixture
def frozen(settings_for: Callable[..., TrainingSettings], tmp_path: Path) -> Path:
    """A model that was trained on the queries' side alone."""
    return train(settings_for(frozen_documents=True, out=str(tmp_path / "frozen")))


def test_passages_stay_and_queries_move(frozen: Path, tiny_path: Path) -> None:
    base, model = (SentenceTransformer(str(path), device="cpu") for path in (tiny_path, frozen))
    np.testing.assert_array_equal(model.encode_document(TEXTS), base.encode_document(TEXTS))
    assert np.abs(model.encode_query(TEXTS) - base.encode_query(TEXTS)).max() > 1e-3
    assert model_key(model, "document") != model_key(model, "query")
    base.max_seq_length = model.max_seq_length
    assert model_key(model, "document") == model_key(base, "document")


def test_the_model_loads_without_this_project_and_asks_on_which_side_a_text_stands(frozen: Path) -> None:
    script = (
        "import sys; sys.modules['trainer'] = None\n"
        "from sentence_transformers import SentenceTransformer\n"
        "model = SentenceTransformer(sys.argv[1], device='cpu')\n"
        "print(model.encode_query('rain').tolist() != model.encode_document('rain').tolist())\n"
        "try: model.encode('rain')\n"
        "except ValueError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(frozen)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("True\nCould not determine route")


def test_the_base_model_in_it_encodes_bare_queries_as_ever(tiny: SentenceTransformer) -> None:
    tiny.prompts = {"query": "query: ", "document": ""}
    as_ever = tiny.encode_query(TEXTS)
    model = split_sides(tiny)
    with torch.no_grad():
        for weight in modules_of(model, "query").parameters():
            weight += torch.randn_like(weight)
    assert not np.allclose(model.encode_query(TEXTS), as_ever, atol=0.01)
    # As the card and the README say it.
    bare = model.encode_document(TEXTS, prompt=model.prompts.get("query", ""))
    np.testing.assert_allclose(bare, as_ever, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "queries", "passages"),
    [
        ({"precision": "bf16", "frozen_documents": True}, "eager", "sdpa"),
        ({"precision": "bf16", "frozen_documents": False}, "eager", "eager"),
        ({"precision": "bf16", "frozen_documents": True, "attn_implementation": "sdpa"}, "sdpa", "sdpa"),
        ({"precision": "fp32", "frozen_documents": True}, "sdpa", "sdpa"),
    ],
    ids=str,
)
def test_what_is_trained_in_bfloat16_on_a_cpu_attends_plainly(
    settings_for: Callable[..., TrainingSettings], changes: dict[str, Any], queries: str, passages: str
) -> None:
    model = load_base_model(settings_for(**changes))
    for side, attention in {"query": queries, "document": passages}.items():
        encoder = next(part for part in modules_of(model, side).modules() if hasattr(part, "auto_model"))
        assert encoder.auto_model.config._attn_implementation == attention


def test_long_texts_keep_the_attention_whose_memory_grows_with_their_length(
    settings_for: Callable[..., TrainingSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dualview.trainer.runs.base_model._SHORT_TEXT", 100)
    model = load_base_model(settings_for(precision="bf16", max_tokens=101))
    assert model[0].auto_model.config._attn_implementation == "sdpa"


def test_the_evaluator_sees_what_the_saved_model_gives(frozen: Path, rows: list[dict[str, Any]]) -> None:
    benchmark = benchmark_from_rows(rows[64:])
    loaded = SentenceTransformer(str(frozen), device="cpu")
    figures = FlipEvaluator(benchmark)(loaded)
    assert 0 <= figures["flip_accuracy"] <= 1
    logged = [json.loads(line) for line in (frozen.parent / "log.jsonl").read_text().splitlines()]
    best = max(entry["eval_flip_accuracy"] for entry in logged if "eval_flip_accuracy" in entry)
    assert figures["flip_accuracy"] == pytest.approx(best)


def test_the_evaluator_encodes_passages_once_where_they_stay(
    frozen: Path, rows: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluator = FlipEvaluator(benchmark_from_rows(rows[64:]), cache=tmp_path)
    model = SentenceTransformer(str(frozen), device="cpu")
    before = evaluator(model)
    monkeypatch.setattr(SentenceTransformer, "encode_document", None)
    assert evaluator(model) == before
    modules_of(model, "query")[0].model.embeddings.word_embeddings.weight.data.normal_()
    assert evaluator(model) != before


def test_bare_queries_are_kept_in_any_mixture(
    settings_for: Callable[..., TrainingSettings], tiny_path: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    queries = [row["query"] for row in rows[64:]]
    base = SentenceTransformer(str(tiny_path), device="cpu").encode_query(queries, normalize_embeddings=True)

    def moved(weight: float) -> float:
        output = tmp_path / f"kept-{weight}"
        settings = settings_for(
            frozen_documents=True,
            mixture="ins-dv",
            max_steps=30,
            keep_queries_weight=weight,
            out=str(output),
        )
        model = SentenceTransformer(str(train(settings)), device="cpu")
        assert ("keep_queries" in (output / "log.jsonl").read_text()) == (weight > 0)
        return float(1 - (base * model.encode_query(queries, normalize_embeddings=True)).sum(1).mean())

    assert moved(20.0) < moved(0.0) / 2


def test_an_interrupted_run_goes_on_and_ends_as_an_uninterrupted_one(
    settings_for: Callable[..., TrainingSettings],
    frozen: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_for(frozen_documents=True, out=str(tmp_path / "cut"))

    with monkeypatch.context() as cut:
        interrupt_at(3, cut)
        with pytest.raises(KeyboardInterrupt):
            train(settings)
    assert list((tmp_path / "cut" / "checkpoints").glob("checkpoint-*"))
    resumed = train(settings)
    ours, theirs = (SentenceTransformer(str(path), device="cpu") for path in (resumed, frozen))
    np.testing.assert_allclose(ours.encode_query(TEXTS), theirs.encode_query(TEXTS), atol=1e-6)


def test_it_can_be_trained_further_and_averaged(
    frozen: Path, settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    further = settings_for(
        model=str(frozen), frozen_documents=True, base_share=1.0, out=str(tmp_path / "further")
    )
    before, after = (SentenceTransformer(str(path), device="cpu") for path in (frozen, train(further)))
    assert is_split(after)
    np.testing.assert_array_equal(after.encode_document(TEXTS), before.encode_document(TEXTS))
    # All of the base it started from, which is the model that was trained before.
    np.testing.assert_allclose(after.encode_query(TEXTS), before.encode_query(TEXTS), atol=1e-6)


def test_documents_that_are_not_encoded_give_the_loss_of_those_that_are(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = training_rows[:4]
    base = base_embeddings(tiny, rows, tmp_path / "base")
    loss = DualViewLoss(tiny, 0.05, in_set_weight=1.0)
    values = []
    for frozen in (False, True):
        collator = CandidateSetCollator(
            preprocess_fn=tiny.preprocess, base=base if frozen else None, frozen_documents=frozen
        )
        batch = collator(rows)
        assert ("document_input_ids" in batch) != frozen
        with torch.no_grad():
            values.append(loss(features_of(batch), batch["label"]))
    for name, value in values[0].items():
        assert float(values[1][name]) == pytest.approx(float(value), rel=5e-3), name


def test_smaller_sizes_are_trained_too(
    tiny: SentenceTransformer, training_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    base = base_embeddings(tiny, training_rows[:4], tmp_path / "base")
    model = split_sides(tiny)
    collator = CandidateSetCollator(preprocess_fn=model.preprocess, base=base, frozen_documents=True)
    batch = collator(training_rows[:4])
    loss = MatryoshkaDualViewLoss(model, DualViewLoss(model, 0.05), [8])
    total = loss(features_of(batch), batch["label"])
    total.backward()
    assert torch.isfinite(total)
    trained = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert trained and all(".query." in name for name in trained)


@pytest.mark.parametrize("changes", [{"cached": True}, {"keep_documents_weight": 1.0}, {"streaming": True}])
def test_what_it_does_not_go_with_is_said(
    settings_for: Callable[..., TrainingSettings], changes: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="frozen_documents"):
        settings_for(frozen_documents=True, **changes)


def test_corpus_negatives_need_to_count(settings_for: Callable[..., TrainingSettings]) -> None:
    with pytest.raises(InputError, match="corpus_negatives needs in_batch_negatives"):
        settings_for(corpus_negatives=5, in_batch_negatives=False)


def test_it_trains_against_the_whole_training_text(
    settings_for: Callable[..., TrainingSettings], frozen: Path, tmp_path: Path
) -> None:
    settings = settings_for(frozen_documents=True, corpus_negatives=10, out=str(tmp_path / "corpus"))
    ours, theirs = (SentenceTransformer(str(path), device="cpu") for path in (train(settings), frozen))
    assert not np.allclose(ours.encode_query(TEXTS), theirs.encode_query(TEXTS), atol=1e-4)
    np.testing.assert_array_equal(ours.encode_document(TEXTS), theirs.encode_document(TEXTS))
