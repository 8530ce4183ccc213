"""How fast the builder is beside the network, and how much memory it takes.

    python benchmarks/pipeline.py --sets 500000
    python benchmarks/pipeline.py --sets 20000 --through endpoint
    python benchmarks/pipeline.py --sets 20000 --profile

Made-up candidate sets, each of passages that no other set has, go through the whole build: two readings,
splits, rules, rows of all four configs, Parquet, card. ``--through writer`` has a writer that knows its
instructions at once. ``--through endpoint`` has the writer ``endpoint`` with its prompts, ledger and parser,
and a server whose replies are there at once.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dualview.dataset_builder.build.build_settings import BuildSettings
from dualview.dataset_builder.build.pipeline import run_build
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import find_server
from dualview.dataset_builder.llm.conversation import Sampling
from dualview.dataset_builder.llm.setup import LlmRun
from dualview.dataset_builder.schema import CandidateSet, Passage, RecordedReversal
from dualview.dataset_builder.sources.source_protocol import SourceFacts
from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings
from dualview.dataset_builder.writers.replay import ReplayWriter
from dualview.dataset_builder.writers.writer_protocol import AnyWriter

_WORDS = [
    "river",
    "stone",
    "market",
    "winter",
    "engine",
    "letter",
    "garden",
    "bridge",
    "copper",
    "signal",
    "harvest",
    "island",
    "window",
    "thread",
    "castle",
    "powder",
    "mirror",
    "ladder",
    "basket",
    "candle",
    "anchor",
    "saddle",
    "barrel",
    "feather",
    "hammer",
    "kettle",
    "lantern",
    "needle",
    "paddle",
    "ribbon",
]


class MadeUpSets:
    """Candidate sets out of word lists, the same at each reading."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __iter__(self) -> Iterator[CandidateSet]:
        for number in range(self._count):
            chance = random.Random(number)
            kept, wanted = chance.sample(_WORDS, 2)
            passages = [
                Passage(f"{number}-{place}", f"About the {topic}", _text(chance, number, place, topic))
                for place, topic in enumerate((kept, wanted, chance.choice(_WORDS), chance.choice(_WORDS)))
            ]
            yield CandidateSet(
                set_id=f"set-{number}",
                query_id=f"set-{number}",
                query=f"what became of the {kept} number {number} in the valley",
                instruction=f"Only texts that describe how the {kept} was made, please.",
                positive=passages[0],
                instruction_negatives=tuple(passages[1:3]),
                hard_negatives=tuple(passages[3:]),
                style="plain",
                source="made-up",
                license="cc0-1.0",
                recorded=(RecordedReversal(passages[1].docid, "aspect", _reversal(wanted)),),
            )

    def describe(self) -> SourceFacts:
        """What the card says of it."""
        return SourceFacts("made-up", "cc0-1.0", "Sentences put together from word lists.", ("en",))


class InstantServer:
    """Stands in for ``AsyncInferenceClient``: answers at once, from what it is asked."""

    async def chat_completion(self, messages: list[dict[str, str]], **_: object) -> dict[str, object]:
        """A reply of the form that a server gives."""
        topic = messages[1]["content"].partition("begin passage B]\nAbout the ")[2].partition("\n")[0]
        text = json.dumps({"reasoning": "short", "lever": "aspect", "new_instruction": _reversal(topic)})
        return {
            "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 50},
        }

    async def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    """Build, and say how long it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=20_000)
    parser.add_argument("--through", choices=("writer", "endpoint"), default="writer")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        writer = ReplayWriter() if args.through == "writer" else _endpoint(Path(folder))
        source = MadeUpSets(args.sets)
        started = time.process_time()
        for _ in source:
            pass
        making = time.process_time() - started
        profile = cProfile.Profile(time.process_time)
        before, started = time.process_time(), time.perf_counter()
        if args.profile:
            profile.enable()
        result = run_build(BuildSettings(Path(folder) / "dataset"), [source], [writer])
        profile.disable()
        seconds, cpu = time.perf_counter() - started, time.process_time() - before
    # The sets are made twice, once a reading; a file would be read instead.
    own = cpu - 2 * making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    sys.stdout.write(
        f"{args.sets:,} sets through the {args.through}: {result.yields['accepted']:,} pairs, "
        f"{seconds:.1f} s, {own:.1f} s of one core beside the making of the sets ({2 * making:.1f} s), "
        f"{args.sets / own:,.0f} sets a second and core, peak memory {peak:,.0f} MB\n"
    )
    if args.profile:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(30)


def _endpoint(folder: Path) -> AnyWriter:
    run = LlmRun.open(folder / "ledger.sqlite")
    client = LlmClient(find_server("http://127.0.0.1:9/v1", None, 5), "instant", run.ledger, "openai")
    client._client = InstantServer()  # type: ignore[assignment]
    return EndpointWriter(client, run, WritingSettings(), Sampling(), 256)


def _text(chance: random.Random, number: int, place: int, topic: str) -> str:
    words = " ".join(chance.choices(_WORDS, k=60))
    return f"The {topic} of case {number}.{place} was seen near {words}."


def _reversal(topic: str) -> str:
    return f"Nothing on how things are made; I want what the {topic} was used for later."


if __name__ == "__main__":
    main()
