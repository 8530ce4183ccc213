"""Measures the agreement of a judge with known labels.

The judge reads candidate sets that bring their own reversals, such as the shipped seeds, and gives the
probability that each passage is relevant in each view. A CrossEncoder, and a language model on a server::

    dualview judge-agreement --judge cross-encoder/ms-marco-MiniLM-L6-v2
    dualview judge-agreement --judge llm --ledger judge.sqlite --base-url http://127.0.0.1:8080/v1 --limit 100

With --store, the rule that tells right from wrong best on these sets is kept for a build.
"""

from __future__ import annotations

import argparse
import heapq
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder import judges
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.judges.agreement.calibration import with_calibration, write_calibration
from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL, OWN_MODEL
from dualview.dataset_builder.number_types import positive_int
from dualview.dataset_builder.sources.open_sources import SourceSettings, open_sources
from dualview.dataset_builder.text_keys import text_hash
from dualview.dataset_builder.writers import endpoint

if TYPE_CHECKING:
    from dualview.dataset_builder.judges.agreement.judged_pairs import Scores
    from dualview.dataset_builder.judges.agreement.known_labels import KnownSet
    from dualview.dataset_builder.judges.cross_encoder import CrossEncoderJudge
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
        "--limit",
        type=positive_int,
        metavar="N",
        help="stop after so many views, of each set one of each kind (default: all views of all sets)",
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help="write the rule that does best on these sets, for --judge-calibration",
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
    args = with_calibration(args)
    if args.judge in (LANGUAGE_MODEL, OWN_MODEL) and args.ledger is None:
        raise InputError(f"--judge {args.judge} keeps its replies: name a file with --ledger")
    settings = judges.read_judge(args)
    if settings is None:
        raise InputError("name the judge: --judge with a CrossEncoder's folder or Hub id, or --judge llm")
    # scikit-learn and PyTorch take seconds to import: not for --help.
    from dualview.dataset_builder.judges.agreement.measure import measure_agreement
    from dualview.dataset_builder.judges.agreement.progress import JudgingProgress
    from dualview.dataset_builder.judges.agreement.text import agreement_text, rule_flags

    known = _sample(args.source or [_SEEDS], args.sets, args.limit)
    judge = settings.make()
    judged: list[tuple[KnownSet, Scores]] = []
    with JudgingProgress(sum(len(found.views) for found in known)) as progress:
        for found, scores in zip(known, _score(judge, known), strict=True):
            judged.append((found, scores))
            progress.add(found, scores)
    measured = measure_agreement(judge.name, judged, settings.thresholds)
    shown = json.dumps(measured.as_dict(), indent=2) if args.format == "json" else agreement_text(measured)
    sys.stdout.write(shown + "\n")
    if args.store is not None:
        if measured.best is None:
            raise InputError(f"--store {args.store}: not written, since no rule separates right from wrong")
        prompts = judge.recipe().get("prompts", [])
        figures = {"sets": measured.sets, "labels": measured.labels, **asdict(measured.best)}
        write_calibration(args.store, judge.name, measured.best.thresholds, figures, prompts)
        write_line(f"{args.store}: {rule_flags(measured.best.thresholds)}, for --judge-calibration.")
    return 0


def _sample(names: Sequence[str], number: int | None, limit: int | None) -> list[KnownSet]:
    """The sets with reversals, or so many of them or of their views, spread over the sources."""
    from dualview.dataset_builder.judges.agreement.known_labels import known_sets, limit_views

    if number is not None and number < 1:
        raise InputError(f"--sets {number}: must be at least 1")
    known: Iterable[KnownSet] = known_sets(chain.from_iterable(open_sources(names, SourceSettings())))
    if number is not None or limit is not None:
        # A view costs at least one question: no more sets than views are needed.
        most = min(number for number in (number, limit) if number is not None)
        known = heapq.nsmallest(most, known, key=lambda found: text_hash(found.set_id))
    sets = list(known if limit is None else limit_views(known, limit))
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
