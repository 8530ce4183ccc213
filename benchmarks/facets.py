"""How fast the writer `facets` writes, and how much memory it takes.

    python benchmarks/facets.py
    python benchmarks/facets.py --data movies.jsonl.gz --facets movies

The first writes 100,000 sets from the shipped topics, the second all sets of a corpus, read and grouped.
It is one process on one core; nothing is checked or stored. Seconds are of CPU time, so that other work on
the machine does not count, and the wall time is given too. The peak of memory is that of the whole process
with its libraries.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import AttributedTopic, ViewPair
from dualview.dataset_builder.sources import attributed, shipped
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.writers import facets

_MEGABYTE = 1e6 / (1024 if sys.platform != "darwin" else 1)  # ru_maxrss is in KiB, on macOS in bytes


def read_topics(args: argparse.Namespace) -> Iterable[AttributedTopic]:
    """The topics of the corpus, or the shipped ones over and over."""
    if args.data is not None:
        (source,) = attributed.open_sources(args.data, args.facets, TextSettings())
        return source
    (seeds,) = shipped.open_sources("attributed")
    return cycle([item for item in seeds if isinstance(item, AttributedTopic)])


def timed(topics: Iterable[AttributedTopic], spent: list[float]) -> Iterator[AttributedTopic]:
    """The topics; ``spent[0]`` gathers the CPU seconds that reading them takes."""
    read = iter(topics)
    while True:
        start = time.process_time()
        topic = next(read, None)
        spent[0] += time.process_time() - start
        if topic is None:
            return
        yield topic


def main() -> int:
    """Measure, and print a line each for reading, writing and memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", metavar="FILE", help="an attributed corpus; needs --facets (default: the seeds)"
    )
    parser.add_argument(
        "--sets", type=int, default=100_000, help="sets from the seeds (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=13)
    facets.add_arguments(parser)
    args = parser.parse_args()
    try:
        writer = facets.FacetsSettings.from_arguments(args).make()
        spent, outcomes = [0.0], Counter[str]()
        wall, cpu, topics = time.perf_counter(), time.process_time(), 0
        for topic in timed(read_topics(args), spent):
            topics += 1
            for outcome in writer.write(topic):
                outcomes["written" if isinstance(outcome, ViewPair) else "rejected"] += 1
            if args.data is None and outcomes.total() >= args.sets:
                break
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    cpu, wall = time.process_time() - cpu - spent[0], time.perf_counter() - wall
    rate = outcomes.total() / cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
    sys.stdout.write(
        f"topics read      {topics:>10,}   in {spent[0]:.1f} s\n"
        f"sets written     {outcomes['written']:>10,}   in {cpu:.1f} s, {rate:,.0f} a second\n"
        f"sets rejected    {outcomes['rejected']:>10,}\n"
        f"wall time        {wall:>10.1f} s\n"
        f"peak memory      {peak:>10,.0f} MB\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
