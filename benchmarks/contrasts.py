"""Measures the writer ``contrasts`` on passages, and shows pairs to read by eye.

    python benchmarks/contrasts.py passages.jsonl            # lines with a text, and a title and an id
    python benchmarks/contrasts.py passages.jsonl --show 30  # random pairs with their passages

The times are those of one processor, and memory is the largest so far: items and pairs are not kept, as in a
build. *First* includes reading the passages, *again* finds them read already.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.schema import SPLITS, AnswerSet, ViewPair
from dualview.dataset_builder.sources.passages import open_sources
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.writers.contrasts import ContrastsWriter

# As many passages as the writer keeps read.
_SAMPLED_ITEMS = 400
_SHOWN = 400


def main(args: Sequence[str] | None = None) -> int:
    """Group, learn, write, and print what each takes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="JSONL of passages")
    parser.add_argument("--language", default="en", help="its language (default: %(default)s)")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="random pairs to print")
    parser.add_argument("--seed", type=int, default=1, help="of the random pairs (default: %(default)s)")
    options = parser.parse_args(args)
    (source,) = open_sources(str(options.file), TextSettings(language=options.language))
    _say(f"start      {_memory()}")
    started = time.process_time()
    sizes = [len(item.answers) for item in source]
    seconds = time.process_time() - started
    _say(f"grouping   {seconds:8.1f} s, {len(sizes):,} groups of {sum(sizes):,} passages, {_memory()}")
    corpus = Corpus({source.facts.name: options.language})
    started = time.process_time()
    for _ in corpus.learn(source):
        pass
    _say(f"learning   {time.process_time() - started:8.1f} s, {_memory()}")
    written = _write(ContrastsWriter(corpus=corpus), source, _Written(options.show, options.seed))
    _say(f"writing    {written}, {_memory()}")
    some, few = list(islice(source, _SAMPLED_ITEMS)), ContrastsWriter(corpus=corpus)
    for name in ("first", "again"):
        found = _write(few, some, _Written())
        _say(f"  {name:8} {found.pairs / found.seconds:8,.0f} pairs a second")
    kinds = written.kinds
    _say(
        "kinds      "
        + ", ".join(f"{kind} {count / sum(kinds.values()):.0%}" for kind, count in kinds.items())
    )
    for pair in written.sample:
        _show(pair)
    return 0


@dataclass
class _Written:
    """What was written: counts, and a random sample of the pairs.

    :ivar show: size of the sample.
    """

    show: int = 0
    seed: int = 0
    pairs: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    sample: list[ViewPair] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)

    def add(self, pair: ViewPair) -> None:
        """Count a pair; each has the same chance to be in the sample (reservoir sampling)."""
        self.pairs += 1
        self.kinds.update((pair.kind, pair.reversed_kind))
        if len(self.sample) < self.show:
            self.sample.append(pair)
        elif (place := self._draw.randrange(self.pairs)) < self.show:
            self.sample[place] = pair

    def __str__(self) -> str:
        return f"{self.seconds:8.1f} s, {self.pairs:,} pairs, {self.pairs / self.seconds:,.0f} a second"


def _write(writer: ContrastsWriter, items: Iterable[AnswerSet], written: _Written) -> _Written:
    """Write the pairs of items, which take turns at the splits; reading the items is included in the time."""
    started = time.process_time()
    for number, item in enumerate(items):
        for outcome in writer.write_in_split(item, SPLITS[number % len(SPLITS)]):
            if isinstance(outcome, ViewPair):
                written.add(outcome)
    written.seconds = time.process_time() - started
    return written


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB at most"


def _show(pair: ViewPair) -> None:
    _say(f"\n{pair.query}")
    for instruction, passage in (
        (pair.instruction, pair.positive),
        (pair.reversed_instruction, pair.reversed_positive),
    ):
        _say(f"  {instruction}\n    {' '.join(passage.encoded.split())[:_SHOWN]}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
