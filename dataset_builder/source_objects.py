"""Data frames and data sets of a calling program among the sources of a build."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

from datasets import Dataset, IterableDataset

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.passages.table_rows import can_be_rows

# Names that stand for objects begin like this, so that the options of passages count as used.
_OBJECT = "passages:"


class _ArrowTable(Protocol):
    """A table that Arrow can read, such as a data frame of pandas or Polars."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


DataFrame: TypeAlias = _ArrowTable | Dataset | IterableDataset


def name_objects(source: object) -> tuple[list[str | Path], dict[str, object]]:
    """The sources as names, and the data frames that some of the names stand for."""
    given = [source] if isinstance(source, (str, Path)) or not isinstance(source, (list, tuple)) else source
    names: list[str | Path] = []
    objects: dict[str, object] = {}
    for one in given:
        if isinstance(one, (str, Path)):
            names.append(one)
            continue
        if not can_be_rows(one):
            raise InputError(
                f"source: an object of {type(one).__name__} cannot be read; give a path, a name, a data "
                "frame or a data set of the library datasets"
            )
        number = f" {len(objects) + 1}" if objects else ""
        name = f"{_OBJECT}<{type(one).__name__}{number}>"
        objects[name] = one
        names.append(name)
    return names, objects


def source_code(source: str | Path, objects: Mapping[str, object]) -> str:
    """A source as code that makes it."""
    found = objects.get(str(source))
    return repr(str(source)) if found is None else f"{type(found).__name__}(...)"
