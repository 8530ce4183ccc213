"""Counts of a build, for ``statistics.json`` and the card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dualview.dataset_builder.build.instruction_counts import InstructionCounts
from dualview.dataset_builder.build.stages import CheckedItem
from dualview.dataset_builder.build.written_sets import WrittenSets
from dualview.dataset_builder.schema import SPLITS, PlainQuery, ViewPair

#: The kind of the writer that asks a language model.
ASKING_WRITER = "endpoint"


class Statistics:
    """Counts what is read, written, accepted and rejected; it holds names, numbers and a few examples."""

    def __init__(self) -> None:
        self.items: Counter[tuple[str, str]] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.rejected: Counter[tuple[str, str]] = Counter()
        self.lost_paraphrases: Counter[str] = Counter()
        self.without_pairs: Counter[str] = Counter()
        self.levers: Counter[str] = Counter()
        self.writers: Counter[str] = Counter()
        self.styles: Counter[str] = Counter()
        self.domains: Counter[str] = Counter()
        self.licenses: Counter[tuple[str, str]] = Counter()
        self.instructions = InstructionCounts()
        self.written_sets = WrittenSets()
        self.left_out_passages = 0
        self._words: Counter[str] = Counter()

    def add(self, item: CheckedItem) -> None:
        """Count an item with its pairs and rejections."""
        source = item.placed.item.source
        self.items[source, item.placed.split] += 1
        pairs = [pair for pair, _ in item.accepted]
        # An item may bring pairs under a further name, such as those of written views beside its own.
        for name in dict.fromkeys([source, *(pair.source for pair in pairs)]):
            self.licenses[name, item.placed.item.license] += 1
        self.instructions.add(pairs)
        self.written_sets.add(item.placed.item, item.placed.split)
        self.left_out_passages += item.placed.left_out
        self.rejected.update((found.writer_kind, found.reason) for found in item.rejected)
        self.lost_paraphrases.update(item.lost_paraphrases)
        if not pairs:
            self.without_pairs[_why_none(item)] += 1
        for pair in pairs:
            self.pairs[pair.source, item.placed.split] += 1
            self._count_pair(pair)

    @property
    def accepted(self) -> int:
        """Number of published pairs."""
        return self.pairs.total()

    def yields(self) -> dict[str, int]:
        """Numbers of items read, and of pairs written, accepted and rejected."""
        rejected = self.rejected.total()
        return {
            "read": self.items.total(),
            "written": self.accepted + rejected,
            "accepted": self.accepted,
            "rejected": rejected,
        }

    def unchecked(self, judge: str | None) -> int:
        """Number of published pairs that a language model wrote and no judge has checked."""
        return self.writers[ASKING_WRITER] if judge is None else 0

    def rejected_by_reason(self) -> dict[str, int]:
        """Number of rejections of each reason, over all writers."""
        reasons: Counter[str] = Counter()
        for (_, reason), count in self.rejected.items():
            reasons[reason] += count
        return _ordered(reasons)

    def without_pairs_by_reason(self) -> dict[str, int]:
        """Number of items that gave no pair, by the reason of most of their rejections."""
        return _ordered(self.without_pairs)

    def as_dict(
        self, rows: Mapping[str, Mapping[str, int]], leaks: Mapping[str, int], judge: str | None = None
    ) -> dict[str, Any]:
        """The contents of ``statistics.json``.

        :param rows: of each config and split.
        :param leaks: queries and passages that are in more than one split.
        :param judge: the name of the judge that checked the labels; None where none did.
        """
        return {
            "rows": rows,
            "yields": self.yields(),
            "judge": judge,
            "pairs_of_a_language_model_that_no_judge_checked": self.unchecked(judge),
            "items_by_source": _by_split(self.items),
            "pairs_by_source": _by_split(self.pairs),
            "rejected_by_reason": self.rejected_by_reason(),
            "rejected_by_writer": _nested(self.rejected),
            "items_without_pairs_by_reason": self.without_pairs_by_reason(),
            "paraphrases_left_out_by_reason": _ordered(self.lost_paraphrases),
            "passages_left_out_because_another_split_has_them": self.left_out_passages,
            "in_more_than_one_split": leaks,
            "levers": _ordered(self.levers),
            "styles": _ordered(self.styles),
            "domains": _ordered(self.domains),
            "instructions_by_source_and_kind": self.instructions.by_kind(),
            "instructions_by_source_and_length": self.instructions.by_length(),
            "licenses_by_source": _nested(self.licenses),
            "mean_words": {
                name: round(count / max(1, self.accepted), 2) for name, count in sorted(self._words.items())
            },
        }

    def _count_pair(self, pair: ViewPair) -> None:
        self.levers[pair.lever or "not named"] += 1
        self.writers[pair.writer.kind] += 1
        self.styles[pair.style or "not named"] += 1
        if pair.domain:
            self.domains[pair.domain] += 1
        self._words["instruction"] += len(pair.instruction.split())
        self._words["reversed_instruction"] += len(pair.reversed_instruction.split())
        self._words["positive"] += len(pair.positive.text.split())
        self._words["reversed_positive"] += len(pair.reversed_positive.text.split())


def _why_none(item: CheckedItem) -> str:
    """The reason why an item gave no pair."""
    if isinstance(item.placed.item, PlainQuery):
        return "one_passage"
    reasons = Counter(found.reason for found in item.rejected)
    return min(reasons, key=lambda reason: (-reasons[reason], reason)) if reasons else "no_difference"


def _ordered(counts: Counter[str]) -> dict[str, int]:
    """The most frequent first; ties by name, so that the order of reading does not matter."""
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    outer: dict[str, Counter[str]] = {}
    for (first, second), count in sorted(counts.items()):
        outer.setdefault(first, Counter())[second] += count
    return {name: _ordered(inner) for name, inner in outer.items()}


def _by_split(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    sources = sorted({source for source, _ in counts})
    return {
        source: {split: counts[source, split] for split in SPLITS if counts[source, split]}
        for source in sources
    }
