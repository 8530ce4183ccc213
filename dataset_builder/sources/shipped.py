"""The source ``seeds``: text that is shipped with the package, so that everything runs without a corpus."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.own_jsonl import JsonlSource
from dualview.dataset_builder.sources.source_protocol import SourceFacts

_LICENSE = "apache-2.0"
_ORIGIN = "Written for this project by a large language model, and checked by rules and by reading samples"
SETS = SourceFacts(
    name="seeds",
    license=_LICENSE,
    origin=f"{_ORIGIN}: queries, passages and their instructions.",
    languages=("en",),
)
ATTRIBUTED = SourceFacts(
    name="attributed",
    license=_LICENSE,
    origin=f"{_ORIGIN}: passages of one topic each, with attributes that tell them apart.",
    languages=("en",),
)


def open_sources(argument: str = "") -> list[JsonlSource]:
    """The shipped candidate sets and attributed topics.

    :param argument: ``sets`` or ``attributed`` for one of the two, empty for both.
    :raises InputError: if it is neither.
    """
    folder = Path(str(files("dualview.dataset_builder"))) / "seeds"
    found = {
        "sets": JsonlSource(SETS, tuple((path, None) for path in sorted(folder.glob("*.jsonl")))),
        "attributed": JsonlSource(
            ATTRIBUTED, tuple((path, path.stem) for path in sorted((folder / "attributed").glob("*.jsonl")))
        ),
    }
    if argument and argument not in found:
        raise InputError(
            f"unknown part '{argument}' of the seeds; it is one of {', '.join(found)}, or left out"
        )
    return [found[argument]] if argument else list(found.values())
