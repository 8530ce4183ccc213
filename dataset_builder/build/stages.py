"""The stages of a build: writing, the rules, then the judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dualview.dataset_builder.build.writing import WrittenItem, write_items
from dualview.dataset_builder.checks.pairs import check_pair, without_bad_paraphrase
from dualview.dataset_builder.checks.written import CheckResult
from dualview.dataset_builder.event_loop import Closer, Waiting
from dualview.dataset_builder.judges.judge_protocol import AnyJudge, AsyncPairJudge, Judgement
from dualview.dataset_builder.schema import Rejection, ViewPair
from dualview.dataset_builder.splits.plan import PlacedItem
from dualview.dataset_builder.text_keys import text_key
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, AsyncPairWriter

# A model judges faster with many pairs at once; the items of a batch are in memory.
_JUDGED_ITEMS = 32


@dataclass(frozen=True)
class CheckedItem:
    """An item with what is published of it.

    :ivar accepted: the pairs that are published, each with its judgement where a judge was asked.
    :ivar lost_paraphrases: the reasons why accepted pairs lost their paraphrase.
    """

    placed: PlacedItem
    accepted: Sequence[tuple[ViewPair, Judgement | None]]
    rejected: Sequence[Rejection]
    lost_paraphrases: Sequence[str] = ()


def run_stages(
    placed: Iterable[PlacedItem], writers: Sequence[AnyWriter], judge: AnyJudge | None, waiting: Waiting
) -> Iterator[CheckedItem]:
    """Have items written, check the pairs by the rules, and ask the judge if there is one."""
    checked = check_items(write_items(placed, writers, waiting))
    return checked if judge is None else judge_items(checked, judge, waiting)


def closers(writers: Sequence[AnyWriter], judge: AnyJudge | None) -> list[Closer]:
    """Functions that give back the connections of those writers and judges that ask elsewhere."""
    parts = (*writers, judge)
    return [part.close for part in parts if isinstance(part, (AsyncPairWriter, AsyncPairJudge))]


def check_items(written: Iterable[WrittenItem]) -> Iterator[CheckedItem]:
    """Check written pairs by the rules."""
    for item in written:
        accepted: list[tuple[ViewPair, Judgement | None]] = []
        rejected: list[Rejection] = []
        lost: list[str] = []
        texts = _KnownTexts()
        for outcome in item.outcomes:
            if isinstance(outcome, Rejection):
                rejected.append(outcome)
                continue
            result = _check(item, outcome)
            if not result.accepted:
                rejected.append(Rejection.of(outcome, result.reason, result.detail))
            elif reason := texts.clash(outcome):
                rejected.append(Rejection.of(outcome, reason, "a pair of this set that came before says so"))
            else:
                pair, paraphrase = without_bad_paraphrase(outcome)
                accepted.append((pair, None))
                if not paraphrase.accepted:
                    lost.append(paraphrase.reason)
        yield CheckedItem(item.placed, accepted, rejected, lost)


def _check(item: WrittenItem, pair: ViewPair) -> CheckResult:
    if item.checked:
        return CheckResult(True)
    return check_pair(pair, original_was_written=item.placed.item.instruction is None)


def judge_items(checked: Iterable[CheckedItem], judge: AnyJudge, waiting: Waiting) -> Iterator[CheckedItem]:
    """Ask a judge about the pairs that passed the rules."""
    if isinstance(judge, AsyncPairJudge):
        asked = judge

        async def judge_item(item: CheckedItem) -> CheckedItem:
            return _judged(item, await asked.judge_async([pair for pair, _ in item.accepted]))

        yield from waiting.in_order(checked, judge_item, judge.concurrency)
        return
    remaining = iter(checked)
    while items := list(islice(remaining, _JUDGED_ITEMS)):
        pairs = [pair for item in items for pair, _ in item.accepted]
        judgements = iter(judge.judge(pairs) if pairs else ())
        for item in items:
            yield _judged(item, list(islice(judgements, len(item.accepted))))


def _judged(item: CheckedItem, judgements: Sequence[Judgement]) -> CheckedItem:
    judged = [(pair, found) for (pair, _), found in zip(item.accepted, judgements, strict=True)]
    refused = [Rejection.of(pair, found.reason, found.detail) for pair, found in judged if not found.accepted]
    return replace(
        item,
        accepted=[(_restrict(pair, found), found) for pair, found in judged if found.accepted],
        rejected=[*item.rejected, *refused],
    )


class _KnownTexts:
    """The instructions of an item's pairs, and what each makes relevant in its set."""

    def __init__(self) -> None:
        self._positives: dict[tuple[str, str], str] = {}
        self._pairs: set[tuple[str, ...]] = set()

    def clash(self, pair: ViewPair) -> str:
        """The reason why a pair contradicts or repeats an earlier one; empty if not, and then it is kept."""
        views = [
            ((pair.set_id, text_key(pair.instruction)), pair.positive.docid),
            ((pair.set_id, text_key(pair.reversed_instruction)), pair.reversed_positive.docid),
        ]
        if any(self._positives.get(view, docid) != docid for view, docid in views):
            return "contradicts_another_reversal"
        texts = (pair.set_id, *(text for (_, text), _ in views))
        if texts in self._pairs:
            return "repeats_another_reversal"
        self._positives.update(views)
        self._pairs.add(texts)
        return ""


def _restrict(pair: ViewPair, judgement: Judgement) -> ViewPair:
    if judgement.hard_negatives is None:
        return pair
    return replace(pair, hard_negatives=judgement.hard_negatives)
