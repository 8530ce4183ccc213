"""Contents of ``recipe.json``: all that is needed to build the same dataset again, and the yields."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from dualview.dataset_builder.build.statistics import Statistics
from dualview.dataset_builder.judges.judge_protocol import AnyJudge
from dualview.dataset_builder.output.staging import BUILDER
from dualview.dataset_builder.sources.source_protocol import SourceFacts
from dualview.dataset_builder.writers.writer_protocol import AnyWriter

_FORMAT = 1
_PACKAGES = ("dualview", "datasets", "pyarrow")


def make_recipe(
    arguments: Mapping[str, Any],
    sources: Sequence[SourceFacts],
    writers: Sequence[AnyWriter],
    judge: AnyJudge | None,
    statistics: Statistics,
) -> dict[str, Any]:
    """The recipe of a build; it holds no time and no path, so that the same build gives the same bytes.

    A writer or a judge may have a method ``recipe()`` that gives further facts, such as prompts and costs.
    """
    return {
        "builder": BUILDER,
        "format": _FORMAT,
        "arguments": dict(arguments),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
        "sources": [
            {
                "name": facts.name,
                "license": facts.license,
                "origin": facts.origin,
                "languages": list(facts.languages),
                "sha256": dict(facts.files),
            }
            for facts in sources
        ],
        "writers": [{**writer.describe().as_dict(), **_more(writer)} for writer in writers],
        "judge": None if judge is None else {"name": judge.name, **_more(judge)},
        "yields": statistics.yields(),
    }


def _more(part: object) -> Mapping[str, Any]:
    describe = getattr(part, "recipe", None)
    return describe() if callable(describe) else {}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
