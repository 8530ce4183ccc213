"""Compositions of published datasets: queries in which a wording excludes or asks for phrases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datasets import Dataset, DatasetDict, concatenate_datasets

from dualview.cards.errors import InputError
from dualview.trainer.data.published import config_names, load_config, needed_split

CONFIG = "compositions"
#: Kinds of rows: phrases that the wording excludes or asks for, and texts that must stay where they are.
EXCLUSION, INCLUSION, KEPT = "exclusion", "inclusion", "kept"
KINDS = (EXCLUSION, INCLUSION, KEPT)
COLUMNS = ("query", "phrases", "kind", "text")
_REMEDY = "build it again with dualview build"


def load_compositions(names: Sequence[str], validation: bool) -> DatasetDict:
    """Load the config ``compositions`` of those datasets that have it.

    :param names: folders or Hub ids.
    :param validation: load the validation split too.
    :return: a split each, with the columns ``query`` (a bare query), ``phrases`` (one to three), ``kind``
        (one of :data:`KINDS`) and ``text`` (the query as typed, or what must stay where it is).
    :raises InputError: if no dataset has the config, or a row is wrong.
    """
    having = [name for name in names if CONFIG in config_names(name)]
    if not having:
        raise InputError(
            f"dataset {', '.join(names)}: lacks the config {CONFIG!r}, which compose_weight trains on; build "
            "it again with dualview build, add a dataset that has it, or set compose_weight to 0"
        )
    loaded = [load_config(name, CONFIG) for name in having]
    found = {}
    for split in ("train", "validation") if validation else ("train",):
        parts = []
        for splits, name in zip(loaded, having, strict=True):
            place = f"{name}, config {CONFIG}"
            parts.append(_checked(needed_split(splits, split, place), f"{place}, {split}"))
        found[split] = concatenate_datasets(parts)
    return DatasetDict(found)


def _checked(rows: Dataset, place: str) -> Dataset:
    """Return the needed columns of rows, all of which are compositions."""
    if missing := sorted(set(COLUMNS) - set(rows.column_names)):
        raise InputError(f"dataset {place}: lacks the column {missing[0]!r}; {_REMEDY}")
    rows = rows.select_columns(list(COLUMNS))
    for number, row in enumerate(rows, start=1):
        if fault := _fault(row):
            raise InputError(f"dataset {place}, row {number}: {fault}; {_REMEDY}")
    return rows


def _fault(row: Mapping[str, Any]) -> str:
    if row["kind"] not in KINDS:
        return f"kind is {row['kind']!r}; it must be one of {', '.join(KINDS)}"
    if not (row["text"] or "").strip():
        return "text is empty"
    if row["kind"] == KEPT:
        return ""
    if not (row["query"] or "").strip():
        return "query is empty"
    phrases = row["phrases"]
    if not isinstance(phrases, list) or not phrases or not all((phrase or "").strip() for phrase in phrases):
        return "phrases is not a list of texts"
    return ""
