"""Facts of a report, from the ledger, and from the dataset where it is finished."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.ledger import SUFFIX, ledger_path
from dualview.dataset_builder.report.requests import LedgerFacts, read_requests

STATISTICS = "statistics.json"
_REJECTED = "data/rejected/*.parquet"
_SHOWN = ("set_id", "query", "instruction", "reversed_instruction", "reason", "detail")


@dataclass(frozen=True)
class Example:
    """A rejection as an example: its reason, its set and its texts."""

    reason: str
    subject: str
    query: str = ""
    instruction: str = ""
    reversal: str = ""
    detail: str = ""


@dataclass(frozen=True)
class ReportFacts:
    """Yields, rejections and requests of a run.

    :ivar finished: whether the dataset is there: then yields and reasons are its own, otherwise those of
        the replies so far.
    :ivar kinds: source -> kind of an instruction -> count; ``lengths`` likewise.
    :ivar yields: name -> count, in the order to show.
    """

    name: str
    finished: bool
    yields: Mapping[str, int]
    reasons: Mapping[str, int]
    levers: Mapping[str, int] = field(default_factory=dict)
    styles: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    lengths: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    examples: Sequence[Example] = ()
    ledger: LedgerFacts | None = None


def collect_facts(run: Path, ledger: Path | None, examples: int) -> ReportFacts:
    """Read the facts of a run.

    :param run: the folder of a dataset, which need not exist yet, or a ledger.
    :param ledger: the ledger; None for the one beside the folder.
    :param examples: most examples of each reason.
    :raises InputError: if there is neither a dataset nor a ledger.
    """
    folder, journal = _find(run, ledger)
    requests = read_requests(journal, examples) if journal is not None else None
    if folder is not None:
        return _of_dataset(folder, requests, examples)
    assert requests is not None
    outcomes = requests.final_outcomes
    return ReportFacts(
        name=run.name.removesuffix(SUFFIX),
        finished=False,
        yields={
            "asked about": sum(outcomes.values()),
            "written": outcomes.get("written", 0),
            "without": sum(count for outcome, count in outcomes.items() if outcome != "written"),
        },
        reasons={outcome: count for outcome, count in outcomes.items() if outcome != "written"},
        examples=[Example(reason, subject, detail=text) for reason, subject, text in requests.examples],
        ledger=requests,
    )


def _find(run: Path, ledger: Path | None) -> tuple[Path | None, Path | None]:
    """The folder of a finished dataset and the ledger; None for one that does not exist."""
    if run.is_file():
        return None, run
    journal = ledger or ledger_path(run)
    folder = run if (run / STATISTICS).is_file() else None
    if ledger is None and not journal.exists():
        if folder is None:
            raise InputError(
                f"{run}: is not a dataset of this builder, and has no ledger beside it ({journal.name}); "
                "name the --out of a build, or the ledger"
            )
        return folder, None
    return folder, journal


def _of_dataset(folder: Path, requests: LedgerFacts | None, examples: int) -> ReportFacts:
    try:
        statistics = json.loads((folder / STATISTICS).read_text(encoding="utf-8"))
        return ReportFacts(
            name=Path(os.path.realpath(folder)).name,
            finished=True,
            yields={str(name): int(count) for name, count in statistics["yields"].items()},
            reasons=_counts(statistics["rejected_by_reason"]),
            levers=_counts(statistics["levers"]),
            styles=_counts(statistics["styles"]),
            kinds=_by_source(statistics, "instructions_by_source_and_kind"),
            lengths=_by_source(statistics, "instructions_by_source_and_length"),
            examples=_read_examples(folder, examples),
            ledger=requests,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pyarrow.ArrowException) as error:
        raise InputError(
            f"{folder}: is not a whole dataset of this builder ({error}); build it again"
        ) from error


def _counts(value: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in value.items()}


def _by_source(statistics: Mapping[str, Any], name: str) -> dict[str, dict[str, int]]:
    """Counts by source; none in a dataset of an earlier version, which did not count them."""
    return {str(source): _counts(counts) for source, counts in statistics.get(name, {}).items()}


def _read_examples(folder: Path, most: int) -> list[Example]:
    """The first rejections of each reason, whichever split they are in."""
    found: dict[str, list[Example]] = {}
    for path in sorted(folder.glob(_REJECTED)):
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=500, columns=list(_SHOWN)):
                for row in batch.to_pylist():
                    kept = found.setdefault(row["reason"], [])
                    if len(kept) < most:
                        kept.append(
                            Example(
                                row["reason"],
                                row["set_id"] or "",
                                row["query"] or "",
                                row["instruction"] or "",
                                row["reversed_instruction"] or "",
                                row["detail"] or "",
                            )
                        )
    return [example for reason in sorted(found) for example in found[reason]]
