"""The source ``seeds``: text that is shipped with the package, so that everything runs without a corpus."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.own_jsonl import JsonlSource
from dualview.dataset_builder.sources.source_protocol import SourceFacts
from dualview.dataset_builder.sources.views.with_views import WithViews

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
PRACTICAL = SourceFacts(
    name="practical",
    license=_LICENSE,
    origin="Written by hand for this project by a large language model, samples read by others who did not "
    "know the labels: search at work and at home, four texts a query and about three instructions a text. "
    "Numbers, dates and product facts are from memory: for search, not for reference.",
    languages=("en",),
)
#: Practical sets have ids that some of the seeds have too.
PRACTICAL_PREFIX = "practical/"


def open_sources(argument: str = "") -> list[JsonlSource | WithViews]:
    """The shipped candidate sets and attributed topics, both with their written views, and practical sets.

    :param argument: ``sets``, ``attributed`` or ``practical`` for one of the three, empty for all.
    :raises InputError: if it is none of them.
    """
    folder = Path(str(files("dualview.dataset_builder"))) / "seeds"
    sets = tuple((path, None) for path in sorted(folder.glob("*.jsonl")))
    topics = tuple((path, path.stem) for path in sorted((folder / "attributed").glob("*.jsonl")))
    practical = tuple((path, path.stem) for path in sorted((folder / "practical").glob("*.jsonl")))
    views = {
        part: tuple(sorted((folder / "views").glob(f"{part}-*.jsonl"))) for part in ("seeds", "attributed")
    }
    found: dict[str, JsonlSource | WithViews] = {
        "sets": WithViews(JsonlSource(SETS, sets), views["seeds"]),
        "attributed": WithViews(JsonlSource(ATTRIBUTED, topics), views["attributed"]),
        "practical": JsonlSource(PRACTICAL, practical, PRACTICAL_PREFIX),
    }
    if argument and argument not in found:
        raise InputError(
            f"unknown part '{argument}' of the seeds; it is one of {', '.join(found)}, or left out"
        )
    return [found[argument]] if argument else list(found.values())
