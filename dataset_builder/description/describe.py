"""``--describe``: prints the fields, values and counts of sources, and writes a starter table on request."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.terminal import printable, write_line
from dualview.cards.text import shorten
from dualview.dataset_builder.description.described_rows import find_rows
from dualview.dataset_builder.description.field_counts import FieldCounts, count_fields
from dualview.dataset_builder.description.starter_table import must_be_new, write_starter_table
from dualview.dataset_builder.sources.open_sources import SourceSettings

_SHOWN_VALUES = 4
_SHOWN_CHARACTERS = 90
_SHOWN_NAME = 30


def describe_sources(sources: Sequence[str], settings: SourceSettings, table: Path | None) -> int:
    """Print what the sources have to standard output and return the exit code 0.

    :param table: where to write a starter table for the first source; None for nowhere.
    :raises InputError: if a source or the table cannot be used.
    """
    if table is not None:
        must_be_new(table)
    for source in sources:
        for found in find_rows(source, settings):
            if table is not None and found.file is None:
                raise InputError(
                    f"--starter-table: --facets describes a table in a file, and {source} is none; "
                    "leave it out"
                )
            count, fields = count_fields(found.rows)
            lines = [f"{found.name}: {count:,} {found.what}", *_lines(fields), *found.tally.lines(), ""]
            sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
            if table is not None and found.file is not None:
                write_starter_table(table, source, fields, settings.passages.columns)
                write_line(f"Wrote {table}; read it, then: {_command(found.file, table)}")
                table = None
    return 0


def _lines(fields: Mapping[str, FieldCounts]) -> Iterator[str]:
    """The fields as a table for a terminal."""
    rows = [("field", "rows", "values", "the most frequent")]
    for name, counts in fields.items():
        values = f"{'over ' if counts.many else ''}{len(counts.values) + counts.long:,}"
        rows.append((shorten(name, _SHOWN_NAME), f"{counts.rows:,}", values, _shown(counts)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, count, values, shown in rows:
        yield f"  {name:<{widths[0]}}  {count:>{widths[1]}}  {values:>{widths[2]}}  {shown}".rstrip()


def _shown(counts: FieldCounts) -> str:
    if counts.is_text:
        return f"texts of about {counts.words // max(1, counts.long)} words"
    common = sorted(counts.values.items(), key=lambda entry: (-entry[1], entry[0]))[:_SHOWN_VALUES]
    text = shorten(", ".join(f"{value} ({count:,})" for value, count in common), _SHOWN_CHARACTERS)
    return f"{text}, …" if len(counts.values) > len(common) and not text.endswith("…") else text


def _command(file: Path, table: Path) -> str:
    words = ["--source", f"attributed:{file}", "--facets", str(table), "--out", f"out/{table.stem}"]
    return shlex.join(["dualview", "build", *words])
