"""FlipEvaluator in a trainer, in the automatic model card, and on its own."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, load_dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.training_args import SentenceTransformerTrainingArguments

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.flip_evaluator import (
    KIND_FIGURES,
    SET_FIGURES,
    FlipEvaluator,
    check_metric,
    greater_is_better,
)
from dualview.trainer.evaluation.measure_encoder import measure_encoder


def test_every_figure_of_every_source_and_their_plain_mean(
    static_model: SentenceTransformer, dual_view_rows: list[dict[str, Any]]
) -> None:
    benchmark = benchmark_from_rows(dual_view_rows)
    metrics = FlipEvaluator(benchmark)(static_model)
    by_source = measure_encoder(static_model, benchmark)
    for figure in SET_FIGURES:
        means = [by_source[source].mean(figure) for source in ("seeds", "attributed")]
        assert [metrics[f"seeds_{figure}"], metrics[f"attributed_{figure}"]] == pytest.approx(means)
        assert metrics[figure] == pytest.approx(sum(means) / 2)
    assert len(metrics) == 3 * len(SET_FIGURES)


def test_rows_are_taken_as_they_are(
    static_model: SentenceTransformer, dual_view_rows: list[dict[str, Any]], dual_view_folder: Path
) -> None:
    expected = FlipEvaluator(benchmark_from_rows(dual_view_rows))(static_model)
    loaded = load_dataset(str(dual_view_folder), split="test")
    for rows in (loaded, dual_view_rows, iter(dual_view_rows)):
        assert FlipEvaluator(rows)(static_model) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"anchor": "a", "positive": "b", "negative": "c"}], "these are rows of the config 'triplets'"),
        ([{"query": "a", "positives": [], "hard_negatives": []}], "these are rows of the config 'plain'"),
        ([{"query_id": "q", "instructions": []}], "they lack 'set_id'"),
        ({"train": [], "test": []}, "these are the splits train, test; give the rows of one"),
        ("org/dualview", "the rows of a dataset are wanted, not 'org/dualview'"),
        (["train"], "the rows of a dataset are wanted, not 'train'"),
        (7, "the rows of a dataset are wanted, not 7"),
        ([], "the rows of the dataset are empty"),
    ],
)
def test_what_are_no_rows_is_told_in_a_sentence(rows: Any, message: str) -> None:
    for make in (FlipEvaluator, benchmark_from_rows):
        with pytest.raises(InputError) as caught:
            make(rows)
        assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_passage_that_is_a_text_is_told_in_a_sentence(dual_view_rows: list[dict[str, Any]]) -> None:
    with pytest.raises(InputError, match="column 'positive' holds no passage with docid, title and text"):
        FlipEvaluator([{**dual_view_rows[0], "positive": "a text"}])


def test_the_name_is_a_prefix_and_calls_are_logged(
    static_model: SentenceTransformer, dual_view_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    evaluator = FlipEvaluator(benchmark_from_rows(dual_view_rows), name="dev")
    metrics = evaluator(static_model, str(tmp_path / "eval"), epoch=1, steps=10)
    evaluator(static_model, str(tmp_path / "eval"), epoch=2, steps=20)
    assert evaluator.primary_metric == "dev_flip_accuracy" and "dev_flip_accuracy" in metrics
    with (tmp_path / "eval" / "flip_evaluation.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["steps"]) for row in rows] == [("1", "10"), ("2", "20")]
    assert float(rows[0]["dev_view_accuracy"]) == pytest.approx(metrics["dev_view_accuracy"])


def test_the_template_reaches_the_model(
    static_model: SentenceTransformer, dual_view_rows: list[dict[str, Any]]
) -> None:
    deaf = benchmark_from_rows(dual_view_rows, "{query} {instruction}")
    # A word that drowns query and instruction alike makes all views of a query the same.
    drowned = benchmark_from_rows(dual_view_rows, "honey " * 2000 + "{query} {instruction}")
    assert FlipEvaluator(deaf)(static_model)["margin"] != FlipEvaluator(drowned)(static_model)["margin"]


def test_it_keeps_the_best_checkpoint_and_lands_in_the_card(
    static_model: SentenceTransformer, dual_view_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    triplets = Dataset.from_list(
        [
            {"anchor": f"{row['query']} {row['instruction']}", "positive": row["positive"]["text"]}
            for row in dual_view_rows[:16]
        ]
    )
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(tmp_path / "run"),
        max_steps=4,
        per_device_train_batch_size=4,
        learning_rate=0.1,
        eval_strategy="steps",
        eval_steps=2,
        save_strategy="steps",
        save_steps=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_flip_accuracy",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = SentenceTransformerTrainer(
        model=static_model,
        args=arguments,
        train_dataset=triplets,
        loss=MultipleNegativesRankingLoss(static_model),
        evaluator=FlipEvaluator(benchmark_from_rows(dual_view_rows)),
    )
    trainer.train()
    evaluated = [
        log["eval_flip_accuracy"] for log in trainer.state.log_history if "eval_flip_accuracy" in log
    ]
    assert len(evaluated) == 2 and trainer.state.best_metric == max(evaluated)
    static_model.save(str(tmp_path / "model"))
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "FlipEvaluator" in card and "flip_accuracy" in card


def test_figures_by_kind_decide_only_where_the_rows_say_of_which_kind_an_instruction_is(
    static_model: SentenceTransformer, dual_view_rows: list[dict[str, Any]]
) -> None:
    silent = [{**row, "kind": "", "reversed_kind": ""} for row in dual_view_rows]
    told = [{**row, "kind": "exclusion", "reversed_kind": "other"} for row in dual_view_rows]
    for name in ("right_first", "violating_first", "seeds_mrr"):
        check_metric(name, Dataset.from_list(dual_view_rows))
    for name in (*KIND_FIGURES, "seeds_right_first_rest"):
        check_metric(name, Dataset.from_list(told))
        for rows in (dual_view_rows, silent):
            with pytest.raises(
                InputError, match=f"metric is '{name}'; it may be right_first, violating_first"
            ):
                check_metric(name, Dataset.from_list(rows))
    metrics = FlipEvaluator(told)(static_model)
    # Of each row one view is an exclusion and one is not; the original of a seed's two rows is one view.
    halves = (metrics["attributed_right_first_exclusions"], metrics["attributed_right_first_rest"])
    assert metrics["attributed_right_first"] == pytest.approx(sum(halves) / 2)
    thirds = (metrics["seeds_right_first_exclusions"], 2 * metrics["seeds_right_first_rest"])
    assert metrics["seeds_right_first"] == pytest.approx(sum(thirds) / 3)
    assert not set(KIND_FIGURES) & set(FlipEvaluator(silent)(static_model))


def test_a_share_of_violations_is_better_where_it_is_lower() -> None:
    assert not greater_is_better("violating_first") and not greater_is_better("practical_violating_first")
    assert all(greater_is_better(name) for name in ("right_first", "seeds_mrr", "flip_accuracy"))
