"""The source behind the path of a JSONL file: sets or attributed topics of the user."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row, read_rows
from dualview.dataset_builder.schema import Item
from dualview.dataset_builder.sources.jsonl_shapes import Shape, parse_set, parse_topic, shape_of
from dualview.dataset_builder.sources.pipes import copy_if_pipe
from dualview.dataset_builder.sources.shape_parts import Defaults
from dualview.dataset_builder.sources.source_protocol import SourceFacts, sha256_of_file
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.text_keys import exact_hash


@dataclass(frozen=True)
class JsonlSource:
    """The items of JSONL files of one shape, see :mod:`~dualview.dataset_builder.sources.jsonl_shapes`.

    :param files: the files with the domain that holds for their objects, in the order in which they are read.
    :param prefix: put before the ids of sets with written views.
    """

    facts: SourceFacts
    files: tuple[tuple[Path, str | None], ...]
    prefix: str = ""

    def __iter__(self) -> Iterator[Item]:
        """The items in the order of the files; each pass reads the files again.

        :raises InputError: if a line is wrong, and after the last one if an id comes twice.
        """
        ids = _Ids()
        for path, domain in self.files:
            defaults = Defaults(self.facts.name, self.facts.license, domain, self.prefix)
            for line, item in _read_items(path, defaults):
                ids.add(item.set_id, path, line)
                yield item
        ids.check()

    def describe(self) -> SourceFacts:
        """The facts with a digest of each file."""
        return replace(self.facts, files=tuple((path.name, sha256_of_file(path)) for path, _ in self.files))


def open_sources(path: str, text: TextSettings) -> list[JsonlSource]:
    """The source of one file, named like the file.

    :raises InputError: if the path is a device, or a pipe that cannot be copied.
    """
    file = copy_if_pipe(Path(path))
    name = file.name.removesuffix(".gz").rsplit(".", 1)[0]
    return [JsonlSource(text.facts(name, f"The file {file.name}"), ((file, None),))]


def _read_items(path: Path, defaults: Defaults) -> Iterator[tuple[int, Item]]:
    """The items of a file with the number of the line on which each begins."""
    rows = read_rows(path)
    start, first = next(rows)
    shape = shape_of(first)
    if shape is None:
        raise InputError(
            f"{first.where}: has none of 'positive', 'attributes' and 'texts'; for passages alone write "
            f"passages:{path}; docs/own-corpus.md shows all shapes"
        )
    topic: list[Row] = []
    name = first.text("topic") if shape is Shape.TOPICS else ""
    for number, row in chain([(start, first)], rows):
        other = shape_of(row)
        if other is not None and other is not shape:
            raise InputError(f"{row.where}: mixes {shape.value} and {other.value}; put them in two files")
        if shape is not Shape.TOPICS:
            yield number, parse_set(row, shape, defaults)
        elif row.text("topic") == name:
            topic.append(row)
        else:
            yield start, parse_topic(topic, defaults)
            topic, start, name = [row], number, row.text("topic")
    if topic:
        yield start, parse_topic(topic, defaults)


class _Ids:
    """Finds an id that comes twice, with 20 bytes an id; a set of strings takes five times that."""

    def __init__(self) -> None:
        self._paths: list[Path] = []
        self._hashes = array("q")
        self._places = array("q")
        self._files = array("i")

    def add(self, identity: str, path: Path, line: int) -> None:
        if not self._paths or self._paths[-1] != path:
            self._paths.append(path)
        self._hashes.append(exact_hash(identity))
        self._places.append(line)
        self._files.append(len(self._paths) - 1)

    def check(self) -> None:
        hashes = np.frombuffer(self._hashes, dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        (twice,) = np.nonzero(hashes[order][1:] == hashes[order][:-1])
        if len(twice):
            first, second = min((order[place + 1], order[place]) for place in twice)[::-1]
            raise InputError(
                f"{self._where(second)}: has the id of {self._where(first)} again; give each set or topic "
                "its own id, and put all passages of a topic one after the other"
            )

    def _where(self, place: int) -> str:
        return f"{self._paths[self._files[place]]}, line {self._places[place]}"
