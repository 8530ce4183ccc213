"""Measures the writer ``contrasts`` on passages, and shows pairs to read by eye.

    python benchmarks/contrasts.py passages.jsonl            # lines with a text, and a title and an id
    python benchmarks/contrasts.py passages.jsonl --show 30  # random pairs with their passages

The times are those of one processor. *First* includes reading the passages, *again* finds them read already.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
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
    started = time.process_time()
    items = list(source)
    passages = sum(len(item.answers) for item in items)
    _say(f"grouping   {time.process_time() - started:8.1f} s, {len(items):,} groups of {passages:,} passages")
    corpus = Corpus({source.facts.name: options.language})
    started = time.process_time()
    for _ in corpus.learn(items):
        pass
    _say(f"learning   {time.process_time() - started:8.1f} s")
    writer = ContrastsWriter(corpus=corpus)
    pairs, seconds = _write(writer, items)
    _say(f"writing    {seconds:8.1f} s, {len(pairs):,} pairs, {len(pairs) / seconds:,.0f} a second")
    some = items[:_SAMPLED_ITEMS]
    few = ContrastsWriter(corpus=corpus)
    for name in ("first", "again"):
        found, seconds = _write(few, some)
        _say(f"  {name:8} {len(found) / seconds:8,.0f} pairs a second")
    kinds = Counter(kind for pair in pairs for kind in (pair.kind, pair.reversed_kind))
    _say(
        "kinds      "
        + ", ".join(f"{kind} {count / sum(kinds.values()):.0%}" for kind, count in kinds.items())
    )
    _say(f"memory     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8,.0f} MiB at most")
    for pair in random.Random(options.seed).sample(pairs, min(options.show, len(pairs))):
        _show(pair)
    return 0


def _write(writer: ContrastsWriter, items: Sequence[AnswerSet]) -> tuple[list[ViewPair], float]:
    """The pairs of items, and the seconds of processor time; the items take turns at the splits."""
    started = time.process_time()
    outcomes = [
        outcome
        for number, item in enumerate(items)
        for outcome in writer.write_in_split(item, SPLITS[number % len(SPLITS)])
    ]
    seconds = time.process_time() - started
    return [outcome for outcome in outcomes if isinstance(outcome, ViewPair)], seconds


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
