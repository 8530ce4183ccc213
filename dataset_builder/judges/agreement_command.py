"""Measures the agreement of a judge with known labels.

The judge reads candidate sets that bring their own reversals, such as the shipped seeds, and gives the
probability that each passage is relevant in each view. A CrossEncoder, and a language model on a server::

    dualview judge-agreement --judge cross-encoder/ms-marco-MiniLM-L6-v2
    dualview judge-agreement --judge llm --ledger judge.sqlite --base-url http://127.0.0.1:8080/v1
"""

from __future__ import annotations

import argparse
import heapq
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from tqdm import tqdm

from dualview.cards.errors import InputError
from dualview.dataset_builder import judges
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL
from dualview.dataset_builder.sources.open_sources import SourceSettings, open_sources
from dualview.dataset_builder.text_keys import text_hash
from dualview.dataset_builder.writers import endpoint

if TYPE_CHECKING:
    from dualview.dataset_builder.judges.agreement import Scores
    from dualview.dataset_builder.judges.cross_encoder import CrossEncoderJudge
    from dualview.dataset_builder.judges.known_labels import KnownSet
    from dualview.dataset_builder.judges.language_model import LanguageModelJudge

_SEEDS = "seeds:sets"
# Sets that a CrossEncoder scores at a time, so that the bar moves.
_SETS = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments, those of judges, and those of the client of language models."""
    parser.description = __doc__
    parser.add_argument(
        "--source",
        action="extend",
        nargs="+",
        metavar="SOURCE",
        help=f"candidate sets with reversals, one source or several, as for build (default: {_SEEDS})",
    )
    parser.add_argument(
        "--sets", type=int, metavar="N", help="size of a sample of the sets (default: all sets)"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="format of the figures (default: %(default)s)",
    )
    judges.add_arguments(parser)
    endpoint.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Write the figures to standard output and return the exit code 0.

    :raises InputError: if the judge or a source cannot be used.
    """
    if args.judge == LANGUAGE_MODEL and args.ledger is None:
        raise InputError("--judge llm keeps its replies: name a file with --ledger")
    settings = judges.read_judge(args)
    if settings is None:
        raise InputError("name the judge: --judge with a CrossEncoder's folder or Hub id, or --judge llm")
    # scikit-learn and PyTorch take seconds to import: not for --help.
    from dualview.dataset_builder.judges.agreement import measure_agreement
    from dualview.dataset_builder.judges.agreement_text import agreement_text

    known = _sample(args.source or [_SEEDS], args.sets)
    judge = settings.make()
    scored = tqdm(_score(judge, known), "Judging", len(known), unit=" sets", file=sys.stderr, disable=None)
    found = measure_agreement(judge.name, list(zip(known, scored, strict=True)), settings.thresholds)
    shown = json.dumps(found.as_dict(), indent=2) if args.format == "json" else agreement_text(found)
    sys.stdout.write(shown + "\n")
    return 0


def _sample(names: Sequence[str], number: int | None) -> list[KnownSet]:
    """The sets with reversals, or so many of them, spread over the sources."""
    from dualview.dataset_builder.judges.known_labels import known_sets

    known = known_sets(chain.from_iterable(open_sources(names, SourceSettings())))
    if number is None:
        sets = list(known)
    elif number < 1:
        raise InputError(f"--sets {number}: must be at least 1")
    else:
        sets = heapq.nsmallest(number, known, key=lambda found: text_hash(found.set_id))
    if not sets:
        raise InputError(f"{', '.join(names)}: no candidate set has reversals; a judge is measured on those")
    return sets


def _score(judge: CrossEncoderJudge | LanguageModelJudge, known: Sequence[KnownSet]) -> Iterator[Scores]:
    """The probabilities of each set, in order."""
    import numpy as np

    from dualview.dataset_builder.judges.language_model import LanguageModelJudge

    if isinstance(judge, LanguageModelJudge):
        asked = judge

        async def score(found: KnownSet) -> Scores:
            # A missing answer becomes no number.
            return np.array([await asked.score_async(view) for view in found.views], dtype=float)

        with Waiting() as waiting:
            waiting.close_at_end(judge.close)
            yield from waiting.in_order(known, score, judge.concurrency)
        return
    for start in range(0, len(known), _SETS):
        batch = known[start : start + _SETS]
        scores = iter(judge.score([view for found in batch for view in found.views]))
        for found in batch:
            yield np.array([next(scores) for _ in found.views], dtype=float)
