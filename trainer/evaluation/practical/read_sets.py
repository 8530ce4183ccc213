"""Practical sets from their text files: a query, texts that all answer it, and instructions that want one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_objects
from dualview.trainer.data.candidate_rows import passage_text
from dualview.trainer.evaluation.benchmarks.folders.folder_files import text_field

KINDS = ("exclusion", "inclusion", "both", "other")


@dataclass(frozen=True)
class PracticalView:
    """An instruction and the place of the text that it wants."""

    target: int
    kind: str
    lever: str
    instruction: str


@dataclass(frozen=True)
class PracticalSet:
    """A query, its texts as the encoder sees them, and its instructions.

    :param split: train, validation or test.
    """

    id: str
    split: str
    query: str
    texts: tuple[str, ...]
    views: tuple[PracticalView, ...]


def shipped_folder() -> Path:
    """Find the shipped sets, without importing the builder that ships them.

    :raises InputError: if this installation lacks them.
    """
    spec = importlib.util.find_spec("dualview.dataset_builder")
    for place in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(place) / "seeds" / "practical"
        if folder.is_dir():
            return folder
    raise InputError("the shipped practical sets are missing; install dualview again, with its data files")


def read_sets(folder: Path) -> list[PracticalSet]:
    """Read the sets of all JSON Lines files in a folder.

    Each line is a set: ``id``, ``query``, ``texts`` (``title`` and ``text`` each), ``views`` (``target``,
    ``kind``, ``lever`` and ``instruction`` each) and ``split``, without which it is of the test.

    :raises InputError: naming the file and the line, if there is none, or one is not of this form.
    """
    sets: dict[str, PracticalSet] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line, row in read_objects(path):
            one = _set(path, line, row)
            if one.id in sets:
                raise InputError(f"{path}, line {line}: the set {one.id!r} is there twice; keep one")
            sets[one.id] = one
    if not sets:
        raise InputError(f"{folder}: holds no practical set; give a folder with *.jsonl files of them")
    return list(sets.values())


def _set(path: Path, line: int, row: dict[str, Any]) -> PracticalSet:
    texts = tuple(
        passage_text({key: text_field(path, line, text, key, default="") for key in ("title", "text")})
        for text in _objects(path, line, row, "texts")
    )
    if len(texts) < 2 or not all(texts):
        raise InputError(f"{path}, line {line}: a set needs at least two texts, none of them empty")
    split = text_field(path, line, row, "split", default="test")
    if split not in ("train", "validation", "test"):
        raise InputError(f"{path}, line {line}: split is {split!r}; write train, validation or test")
    views = tuple(_view(path, line, view, len(texts)) for view in _objects(path, line, row, "views"))
    return PracticalSet(
        text_field(path, line, row, "id"), split, text_field(path, line, row, "query"), texts, views
    )


def _view(path: Path, line: int, view: dict[str, Any], texts: int) -> PracticalView:
    target, kind = view.get("target"), text_field(path, line, view, "kind", default="other")
    if not isinstance(target, int) or isinstance(target, bool) or not 0 <= target < texts:
        raise InputError(f"{path}, line {line}: target {target!r} is no text of the set; count from 0")
    if kind not in KINDS:
        raise InputError(f"{path}, line {line}: kind is {kind!r}; write one of {', '.join(KINDS)}")
    instruction = text_field(path, line, view, "instruction")
    if not instruction.strip():
        raise InputError(f"{path}, line {line}: an instruction is empty; write it, or leave the view out")
    return PracticalView(target, kind, text_field(path, line, view, "lever", default=""), instruction)


def _objects(path: Path, line: int, row: Mapping[str, Any], key: str) -> Iterator[dict[str, Any]]:
    values = row.get(key)
    if not isinstance(values, list) or not values or not all(isinstance(value, dict) for value in values):
        raise InputError(f"{path}, line {line}: the field {key!r} must be a list of objects")
    yield from values
