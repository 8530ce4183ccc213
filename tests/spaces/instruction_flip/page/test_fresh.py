"""What is recorded is shown at once, and what the models rank takes its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from flip.engine.compare import Comparison
from flip.engine.corpus import Corpus
from flip.page.asked import KEEP, Asked
from flip.page.fresh import FreshHandlers
from flip.page.handlers import StageHandlers
from flip.page.stage import Workbench
from flip.page.warm_up import warm_up
from flip.results.kept import Results
from flip.types import FlipError
from flip_making import make_comparison, make_example

EXAMPLE = make_example()
RECORDED = replace(make_comparison(EXAMPLE, [(0, 1, 2), (0, 1, 2)], [(0, 1, 2), (1, 0, 2)]), is_recorded=True)


@dataclass
class Ranker:
    """A model that ranks as in a comparison, or cannot be loaded."""

    order: tuple[tuple[int, ...], ...]
    name: str = "table"
    role: str = "Ordinary model"
    linked_as: str = "table"
    trouble: str = ""

    def join(self, query: str, instruction: str) -> str:
        return f"{query} {instruction}"

    def encode(self, texts: list[str], side: str, progress: object = None) -> np.ndarray:
        if self.trouble:
            raise FlipError(self.trouble)
        if side == "passage":
            return np.eye(3, dtype=np.float32)
        orders = ((0, 1, 2), *self.order)
        return np.array([[1 - order.index(n) / 3 for n in range(3)] for order in orders], dtype=np.float32)


class Pool:
    """A base and a trained model."""

    def __init__(self, trained: tuple[tuple[int, ...], ...], trouble: str = "") -> None:
        self.base = Ranker(((0, 1, 2), (0, 1, 2)), trouble=trouble)
        self.trained = Ranker(trained, role="Dual-view model")

    def second(self, reference: str | None) -> Ranker:
        return self.trained


def bench_of(pool: Pool, recorded: Comparison | None = RECORDED) -> Workbench:
    known = {EXAMPLE.set_id: recorded} if recorded else {}
    return Workbench([EXAMPLE], pool, Results([EXAMPLE], known), Corpus([EXAMPLE]), "shipped")  # type: ignore[arg-type]


def test_the_same_order_leaves_the_rankings_alone() -> None:
    bench = bench_of(Pool(((0, 1, 2), (1, 0, 2))))
    current, view, _, _, button, rankings, note, asked, *_ = StageHandlers(bench).open("")
    assert current.is_recorded and view == 0 and button.interactive and "flip-card" in rankings
    assert "Recorded: ranked earlier by" in note and isinstance(asked, Asked)
    fresh, *_ = FreshHandlers(bench).compute(asked, current, 1)
    swapped = FreshHandlers(bench).swap(fresh, current, 1)
    assert swapped[1:-1] == KEEP[1:-1]
    assert not swapped[0].is_recorded and "Ranked just now" in swapped[-1]
    assert bench.results.get(EXAMPLE) == swapped[0]


def test_another_order_is_shown_in_the_view_that_the_visitor_is_in() -> None:
    bench = bench_of(Pool(((0, 1, 2), (2, 1, 0))))
    opened = StageHandlers(bench).open("")
    fresh, *_ = FreshHandlers(bench).compute(opened[7], opened[0], 0)
    current, view, *_ = FreshHandlers(bench).swap(fresh, opened[0], 1)
    assert view == 1 and current.trained.rankings[1].docids[0] == "d2"
    # Who has gone on to something else is left alone.
    other = replace(opened[0], example=replace(EXAMPLE, set_id="other"))
    assert FreshHandlers(bench).swap(fresh, other, 0) == KEEP


def test_without_models_the_recorded_results_stay_and_the_reason_is_told() -> None:
    bench = bench_of(Pool((), trouble="the Hub cannot be reached"))
    opened = StageHandlers(bench).open("")
    fresh, rankings, note = FreshHandlers(bench).compute(opened[7], opened[0], 0)
    assert fresh is None and isinstance(rankings, dict)
    assert "The Hub cannot be reached." in note
    assert FreshHandlers(bench).swap(fresh, opened[0], 0) == KEEP


def test_with_nothing_recorded_the_flip_waits_for_the_models() -> None:
    bench = bench_of(Pool(((0, 1, 2), (1, 0, 2))), recorded=None)
    current, _, _, _, button, rankings, _, asked, *_ = StageHandlers(bench).open("")
    assert current is None and not button.interactive and "Loading" in rankings
    fresh, *_ = FreshHandlers(bench).compute(asked, current, 0)
    current, _, _, _, button, rankings, note = FreshHandlers(bench).swap(fresh, None, 0)
    assert current is not None and button.interactive and "flip-card" in rankings
    assert "1 of 1 examples look like this" in note
    bench = bench_of(Pool((), trouble="no model"), recorded=None)
    opened = StageHandlers(bench).open("")
    assert "No model." in FreshHandlers(bench).compute(opened[7], None, 0)[1]


@pytest.mark.parametrize("fragment", ["text=AAAA", "example=nobody", "text=" + "x" * 40_000])
def test_a_damaged_link_opens_on_the_opening_example_and_says_so(fragment: str) -> None:
    current, *_, note, _, _, _ = StageHandlers(bench_of(Pool(()))).open(fragment)
    assert current == RECORDED
    assert "The link could not be followed" in note


@pytest.mark.parametrize("fragment", ["text=", "%%%", "view=B", None])
def test_a_link_to_nothing_opens_the_page(fragment: str | None) -> None:
    current, *_, note, _, _, _ = StageHandlers(bench_of(Pool(()))).open(fragment)
    assert current == RECORDED
    assert "The link" not in note


def test_the_server_ranks_the_opening_example_first() -> None:
    """Visitors see it first, so that it must not wait for the other examples."""
    others = [replace(EXAMPLE, set_id=f"other-{n}", query=f"other {n}") for n in range(3)]
    recorded = {EXAMPLE.set_id: RECORDED} | {
        one.set_id: replace(RECORDED, example=one, trained=RECORDED.base) for one in others
    }
    examples, pool = [*others, EXAMPLE], Pool(((0, 1, 2), (1, 0, 2)))
    bench = Workbench(examples, pool, Results(examples, recorded), Corpus(examples), "shipped")  # type: ignore[arg-type]
    ranked: list[str] = []
    keep = bench.results.keep
    bench.results.keep = lambda one: (ranked.append(one.example.set_id), keep(one))  # type: ignore[method-assign]
    warm_up(bench)
    assert ranked == [EXAMPLE.set_id, *(one.set_id for one in examples)]
    assert all(not one.is_recorded for one in bench.results.all())
