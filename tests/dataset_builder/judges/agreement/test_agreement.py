"""Agreement of a judge with known labels: the figures, by hand, and the command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from dualview.cards.errors import InputError
from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.judges.agreement.intervals import auc_interval
from dualview.dataset_builder.judges.agreement.judged_pairs import Scores
from dualview.dataset_builder.judges.agreement.known_labels import KnownSet, known_sets, limit_views
from dualview.dataset_builder.judges.agreement.measure import measure_agreement
from dualview.dataset_builder.judges.agreement.text import agreement_text
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.schema import CandidateSet, Passage
from dualview.dataset_builder.sources.shipped import open_sources
from tests.dataset_builder.oracle import Oracle, serving
from tests.dataset_builder.toy_judge import COLOURS


@pytest.fixture
def known(candidate_set: Callable[..., CandidateSet]) -> list[KnownSet]:
    items = [
        candidate_set(
            number, paraphrase="In other words.", hard_negatives=(Passage("h", "", f"hard {number}"),)
        )
        for number in range(8)
    ]
    return list(known_sets([*items, candidate_set(9, recorded=())]))


def right(found: KnownSet, low: float = 0.1, high: float = 0.9) -> Scores:
    """Answers of a judge that is always right."""
    scores = np.full((len(found.views), len(found.views[0].passages)), low)
    scores[np.arange(len(found.targets)), found.targets] = high
    return scores


def test_a_set_is_its_views_with_their_labels(known: list[KnownSet]) -> None:
    assert len(known) == 8, "a set without reversals has no known labels but one"
    first = known[0]
    assert first.kinds == ("",) * 4
    assert [view.instruction for view in first.views] == [
        "The original instruction of set 0.",
        "Only what happened before the war.",
        "Nothing outside of Europe, please.",
        "In other words.",
    ]
    assert first.targets == (0, 1, 2, 0)
    assert [passage.docid for passage in first.views[1].passages] == ["set-0-0", "set-0-1", "set-0-2", "h"]
    assert first.answers == 3


def test_a_judge_that_is_right(known: list[KnownSet]) -> None:
    found = measure_agreement("j", [(it, right(it)) for it in known], Thresholds())
    assert (found.sets, found.labels, found.unjudged) == (8, 8 * 4 * 4, 0)
    assert found.accuracy is not None and found.auc is not None
    assert (found.accuracy.value, found.precision, found.recall, found.auc.value) == (1, 1, 1, 1)
    assert found.brier == pytest.approx(0.01)
    # Of each set the 2 reversals hold; towards the other passage they do not, nor does the paraphrase.
    assert (found.pairs, found.false_pairs) == (16, 32)
    assert found.pairs_accepted is not None and found.false_pairs_accepted is not None
    assert (found.pairs_accepted.value, found.false_pairs_accepted.value) == (1, 0)
    threshold, margin = found.rules
    assert 0.4 < threshold.thresholds.relevant < 0.6 and 0 <= (margin.thresholds.margin or 0) < 4.4
    assert threshold.gain == margin.gain == 1
    assert [(it.labels, it.share_relevant) for it in found.calibration] == [(96, 0), (32, 1)]
    assert "No other rule does much better" in agreement_text(found)


def test_a_judge_that_is_not_calibrated_wants_another_threshold(known: list[KnownSet]) -> None:
    found = measure_agreement("j", [(it, right(it, low=0.05, high=0.3)) for it in known], Thresholds())
    assert found.auc is not None and found.auc.value == 1
    assert found.recall == 0 and found.accuracy is not None and found.accuracy.value == 0.75
    assert found.pairs_accepted is not None and found.pairs_accepted.value == 0
    threshold, margin = found.rules
    assert 0.05 < threshold.thresholds.relevant <= 0.3
    assert (threshold.pairs_accepted, threshold.false_pairs_accepted, margin.gain) == (1, 0, 1)
    text = agreement_text(found)
    chosen = threshold.thresholds.relevant
    assert f"--judge-relevant {chosen:g} --judge-irrelevant {chosen:g}" in text
    assert "This judge never says yes: its highest p is 0.30." in text
    told = measure_agreement("j", [(it, right(it, low=0.05, high=0.3)) for it in known], margin.thresholds)
    assert told.pairs_accepted is not None and told.pairs_accepted.value == 1
    assert "never says yes" not in agreement_text(told)


def test_a_judge_that_accepts_everything_lets_false_pairs_through_no_more_than_true_ones(
    known: list[KnownSet],
) -> None:
    found = measure_agreement("j", [(it, np.full(right(it).shape, 0.8)) for it in known], Thresholds())
    assert found.recall == 1 and found.precision == pytest.approx(0.25)
    assert found.auc is not None and found.auc.value == 0.5
    # Everything relevant: no pair swaps.
    assert found.pairs_accepted is not None and found.pairs_accepted.value == 0
    assert "do not use this judge" in agreement_text(found)


def test_one_wrong_label_of_a_set_costs_its_pair(known: list[KnownSet]) -> None:
    judged = [(it, right(it)) for it in known]
    judged[0][1][1, 2] = 0.7  # the first reversal admits the second passage too
    judged[1][1][1, 3] = 0.7  # a hard negative counts as a label, and not for the pair
    found = measure_agreement("j", judged, Thresholds())
    assert found.accuracy is not None and found.accuracy.value == pytest.approx(1 - 2 / 128)
    assert found.pairs_accepted is not None and found.pairs_accepted.value == pytest.approx(15 / 16)
    assert found.pairs_accepted.low < 15 / 16 < found.pairs_accepted.high == 1


def test_what_was_not_judged_counts_as_such(known: list[KnownSet]) -> None:
    judged = [(it, right(it)) for it in known]
    judged[0][1][0, 1] = np.nan
    found = measure_agreement("j", judged, Thresholds())
    assert (found.labels, found.unjudged) == (127, 1)
    # The original view is part of both pairs of the set.
    assert found.pairs_accepted is not None and found.pairs_accepted.value == pytest.approx(14 / 16)
    with pytest.raises(InputError, match="gave no usable answer"):
        measure_agreement("j", [(it, right(it, np.nan, np.nan)) for it in known], Thresholds())


def test_sets_with_one_reversal_have_no_false_pairs(candidate_set: Callable[..., CandidateSet]) -> None:
    item = candidate_set()
    small = candidate_set(instruction_negatives=item.instruction_negatives[:1], recorded=item.recorded[:1])
    (known,) = known_sets([small])
    found = measure_agreement("j", [(known, right(known))], Thresholds())
    assert found.false_pairs == 0 and found.false_pairs_accepted is None and found.best is None
    assert "no thresholds can be suggested" in agreement_text(found)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0])), min_size=2, max_size=40)
)
def test_the_area_is_that_of_scikit_learn(judged: list[tuple[bool, float]]) -> None:
    labels = np.array([label for label, _ in judged])
    probabilities = np.array([probability for _, probability in judged])
    found = auc_interval(labels, probabilities, np.arange(len(labels)), len(labels))
    if found is None:
        assert labels.all() or not labels.any()
    else:
        assert found.value == pytest.approx(roc_auc_score(labels, probabilities))
        assert 0 <= found.low <= found.high <= 1


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    (source,) = open_sources("sets")
    with serving(Oracle(list(known_sets(source)), wrong=0.1, doubt=0.1)) as served:
        yield served


def test_the_command_measures_a_language_model_on_the_seeds(
    oracle: Oracle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--base-url", oracle.url, "--dialect", "openai", "--ledger", str(tmp_path / "judge.sqlite")]
    flags += ["--limit", "48"]
    kept = tmp_path / "judge.json"
    assert main(["judge-agreement", "--judge", "llm", "--format", "json", "--store", str(kept), *flags]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["judge"] == "oracle" and found["unjudged"] == 0
    # A few views of each set, so that there are many sets.
    assert found["labels"] == 48 * 4 and 9 <= found["sets"] <= 16
    assert found["accuracy"]["value"] == pytest.approx(0.9, abs=0.08)
    kinds = {it["kind"]: it["views"] for it in found["kinds"]}
    assert kinds["exclusion"] >= 6 and sum(kinds.values()) == 48
    assert json.loads(kept.read_text())["judge"] == "oracle"
    assert found["accuracy"]["low"] < found["accuracy"]["value"] < found["accuracy"]["high"]
    asked = len(oracle.asked)
    assert main(["judge-agreement", "--judge", "llm", "--judge-calibration", str(kept), *flags]) == 0
    assert len(oracle.asked) == asked
    shown = capsys.readouterr().out
    assert f"Judge oracle on {found['sets']} candidate sets" in shown
    assert "  exclusion " in shown
    assert re.search(r"  exclusion .*  of \d+, chance \d+\.\d; labels that hold \d+\.\d", shown)


def test_the_command_measures_a_cross_encoder_on_sets_of_ones_own(
    tmp_path: Path, toy_judge: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "paint.jsonl"
    with path.open("w") as file:
        for number, thing in enumerate(("wall", "door")):
            passages = [{"text": f"the {thing} is {colour}"} for colour in COLOURS[:3]]
            line = {
                "id": f"paint-{number}",
                "query": "paint",
                "instruction": "only red",
                "positive": passages[0],
                "instruction_negatives": passages[1:],
                "reversals": [
                    {"target": place, "lever": "colour", "instruction": f"only {colour}"}
                    for place, colour in enumerate(COLOURS[1:3])
                ],
            }
            file.write(json.dumps(line) + "\n")
    assert (
        main(["judge-agreement", "--judge", str(toy_judge), "--source", str(path), "--format", "json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert found["judge"] == "toy-judge" and found["sets"] == 2
    assert found["accuracy"]["value"] == found["pairs_accepted"]["value"] == 1
    assert found["false_pairs_accepted"]["value"] == 0


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "name the judge"),
        (["--judge", "llm"], "name a file with --ledger"),
        (["--judge", "no/such/folder"], "judge no/such/folder: no such folder"),
        (["--judge", "org/none", "--sets", "0"], "--sets 0: must be at least 1"),
        (["--judge", "org/none", "--judge-relevant", "2"], "--judge-relevant 2"),
        (["--judge", "org/none", "--source", "seeds:attributed"], "no candidate set has reversals"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge-agreement", *flags]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and message in shown.err and "Traceback" not in shown.err


def test_written_views_have_kinds_and_a_sample_has_one_of_each() -> None:
    (source,) = open_sources("sets")
    found = next(iter(known_sets(source)))
    assert {"exclusion", "inclusion", ""} <= set(found.kinds)
    sampled = found.sampled()
    assert sampled.views[0] == found.views[0]
    assert len(set(sampled.kinds[1:])) == len(sampled.kinds) - 1
    # The recorded reversal rather than the paraphrase: a pair needs another passage.
    assert sampled.targets[sampled.kinds.index("", 1)] > 0
    assert [len(it.views) for it in limit_views([found, found], 7)] == [6, 1]


def test_practical_sets_are_known_too() -> None:
    (source,) = open_sources("practical")
    found = next(iter(known_sets(source)))
    assert found.targets[0] == 0
    assert found.answers == len(found.views[0].passages)
    assert len(set(found.targets)) > 1


def test_a_judge_whose_answers_are_all_low_is_right_by_a_margin(known: list[KnownSet]) -> None:
    """As a small model: each set has a level of its own, and the wanted passage is a little above it."""
    levels = np.linspace(0.2, 0.45, len(known))
    judged = [(it, right(it, low=level, high=level + 0.04)) for it, level in zip(known, levels, strict=True)]
    found = measure_agreement("j", judged, Thresholds())
    threshold, margin = found.rules
    assert found.best is margin and margin.thresholds.margin is not None
    assert margin.gain == 1 > threshold.gain
    assert agreement_text(found).index("--judge-margin") < agreement_text(found).index("--judge-relevant")


def test_a_rule_is_measured_on_sets_on_which_it_was_not_fitted(known: list[KnownSet]) -> None:
    """Answers by chance: whatever is fitted to them does nothing for other sets."""
    chance = np.random.default_rng(3)
    many = [replace(it, set_id=f"{number}") for number in range(10) for it in known]
    judged = [(it, chance.uniform(size=right(it).shape)) for it in many]
    for rule in measure_agreement("j", judged, Thresholds()).rules:
        assert abs(rule.gain) < 0.1
