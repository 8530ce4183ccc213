"""A source whose items bring the views that further files hold for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row, read_rows
from dualview.dataset_builder.schema import AttributedTopic, CandidateSet, Item
from dualview.dataset_builder.sources.own_jsonl import JsonlSource
from dualview.dataset_builder.sources.source_protocol import SourceFacts, sha256_of_file
from dualview.dataset_builder.sources.views.views_shape import parse_views


@dataclass(frozen=True)
class WithViews:
    """The items of a source with written views from files of ``{"id", "views"}``, one line an item.

    The lines are held in memory: for text that is shipped, not for a user's.

    :param views: files whose lines have the ids of the source's items.
    """

    base: JsonlSource
    views: tuple[Path, ...]

    @property
    def facts(self) -> SourceFacts:
        """The facts of the source."""
        return self.base.facts

    def __iter__(self) -> Iterator[Item]:
        """The items in their order; each pass reads all files again.

        :raises InputError: if a line is wrong, or names no item of the source.
        """
        rows = self._read()
        for item in self.base:
            row = rows.pop(item.set_id, None)
            if row is not None and isinstance(item, (CandidateSet, AttributedTopic)):
                item = replace(item, views=parse_views(row, item.answers))
            yield item
        if rows:
            identity, row = next(iter(rows.items()))
            raise InputError(f"{row.where}: no item of {self.facts.name} has the id '{identity}'; correct it")

    def describe(self) -> SourceFacts:
        """The facts with a digest of each file."""
        found = self.base.describe()
        own = tuple((f"{path.parent.name}/{path.name}", sha256_of_file(path)) for path in self.views)
        return replace(found, files=(*found.files, *own))

    def _read(self) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        for path in self.views:
            for _, row in read_rows(path):
                identity = row.text("id")
                if identity in rows:
                    raise InputError(
                        f"{row.where}: has the id of {rows[identity].where} again; put their views together"
                    )
                rows[identity] = row
        return rows
