"""Recorded and computed results: their file, their counts, and the pair that the page opens on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flip.engine.compare import Comparison
from flip.results.kept import Results
from flip.results.opening import FEW_WORDS, choose_opening, is_contrast
from flip.results.outcomes import outcome_of, tally
from flip.results.recording import RECORDED, Recording, read_recording, write_recording
from flip.text.examples import SHIPPED, load_shipped
from flip.types import View
from flip_making import make_comparison, make_example

SAME, TURNED = [(0, 1, 2), (0, 1, 2)], [(0, 1, 2), (1, 0, 2)]
WRONG = [(2, 0, 1), (2, 0, 1)]


def compared(name: str, base: list, trained: list, **more: object) -> Comparison:
    return make_comparison(replace(make_example(), set_id=name, **more), base, trained)


def test_outcomes_say_who_follows_both() -> None:
    pairs = [(SAME, TURNED), (TURNED, TURNED), (TURNED, SAME), (SAME, SAME)]
    found = [compared(str(n), *pair) for n, pair in enumerate(pairs)]
    assert [outcome_of(one) for one in found] == ["trained", "both", "base", "neither"]
    counted = tally(found)
    assert counted is not None
    assert (counted.total, counted.base, counted.trained) == (4, 2, 2)
    unlabelled = make_comparison(make_example(wanted=(None, None)), SAME, TURNED)
    assert outcome_of(unlabelled) is None and tally([unlabelled]) is None


def test_the_page_opens_on_the_clearest_contrast() -> None:
    long = tuple(View(f"one two three four five six seven eight {n}", f"d{n}") for n in range(2))
    far = [(0, 1, 2), (1, 2, 0)]
    found = [
        compared("fails", SAME, SAME),
        compared("long", SAME, far, views=long),
        compared("near", SAME, TURNED),
        compared("far", SAME, far),
        compared("both wrong at first", WRONG, TURNED),
    ]
    opening = choose_opening(found)
    assert opening.comparison.example.set_id == "far"
    # The base model must be right in one view, and its first passage must stay.
    assert (opening.like_it, opening.total) == (3, 5)
    assert not is_contrast(found[-1]) and not is_contrast(compared("x", TURNED, TURNED))
    assert choose_opening(found[:1]).like_it == 0


def test_it_starts_in_the_view_that_the_base_follows() -> None:
    assert compared("a", SAME, TURNED).start == 0
    assert compared("b", [(1, 0, 2), (1, 0, 2)], TURNED).start == 1
    assert compared("c", WRONG, TURNED).start == 0


def test_counts_never_mix_recorded_and_computed_results() -> None:
    one, two = (compared(name, SAME, TURNED) for name in "ab")
    recorded = {name: replace(row, is_recorded=True) for name, row in (("a", one), ("b", two))}
    results = Results([one.example, two.example], recorded, reranker=1)
    failed = compared("a", SAME, SAME)
    results.keep(failed)
    assert results.get(one.example) == failed
    counted = results.tally()
    assert counted is not None and counted.is_recorded
    assert (counted.trained, counted.reranker) == (2, 1)
    results.keep(two)
    counted = results.tally()
    assert counted is not None and not counted.is_recorded
    assert (counted.trained, counted.reranker) == (1, None)
    assert results.outcomes() == {"a": "neither", "b": "trained"}
    assert results.failures() == [failed.example]
    assert Results([one.example], {}).opening() is None


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    one, two = compared("a", SAME, TURNED), compared("b", SAME, SAME)
    path = tmp_path / "recorded.json"
    write_recording(path, Recording({"a": one, "b": two}, "judge", {"a": True}, "python -m flip.record"))
    changed = replace(two.example, query="another query")
    read = read_recording(path, [one.example, changed])
    assert set(read.comparisons) == {"a"}
    assert (read.reranker, read.reranked, read.command) == ("judge", {"a": True}, "python -m flip.record")
    found = read.comparisons["a"]
    assert found.is_recorded and found.trained.role == one.trained.role
    assert [ranking.docids for ranking in found.trained.rankings] == [
        ranking.docids for ranking in one.trained.rankings
    ]
    assert found.base.neutral.docids == one.base.neutral.docids and found.trained.right == (True, True)
    before = path.read_bytes()
    write_recording(path, Recording({"a": one, "b": two}, "judge", {"a": True}, "python -m flip.record"))
    assert path.read_bytes() == before
    assert read_recording(tmp_path / "none.json", [one.example]).comparisons == {}


def test_every_shipped_example_is_recorded() -> None:
    """If it fails after a change of the examples, run flip.record again."""
    examples = load_shipped(SHIPPED)
    read = read_recording(RECORDED, examples)
    assert set(read.comparisons) == {example.set_id for example in examples}
    assert RECORDED.stat().st_size < 300_000
    opening = choose_opening(list(read.comparisons.values()))
    assert opening.like_it > 1
    assert max(len(view.instruction.split()) for view in opening.comparison.example.views) <= FEW_WORDS
