"""Settings of the writer ``facets``: the table of a corpus, and the pairs to write for an attribute."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field

from dualview.cards.errors import InputError
from dualview.dataset_builder.writers.facets.corpora import load_corpus_table
from dualview.dataset_builder.writers.facets.facets_writer import FacetsWriter
from dualview.dataset_builder.writers.facets.vocabulary import digest_package_tables, load_package_vocabulary


@dataclass(frozen=True)
class FacetsSettings:
    """Settings of the writer ``facets``.

    :param seed: draws other words.
    :param table: description of a corpus, a file or a shipped name; None for the shipped attributes alone.
    :param pairs: attribute -> most pairs a topic, in place of the table's number; None for all.
    """

    seed: int = 13
    table: str | None = None
    pairs: Mapping[str, int | None] = field(default_factory=dict)

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> FacetsSettings:
        """The settings that the flags give.

        :raises InputError: if ``--facet-pairs`` is wrong.
        """
        return cls(args.seed, args.facets, dict(map(_parse_pairs, args.facet_pairs)))

    def make(self) -> FacetsWriter:
        """Make the writer.

        :raises InputError: if the table is wrong.
        """
        vocabularies, tables = {}, digest_package_tables()
        if self.table is not None:
            table = load_corpus_table(self.table)
            vocabularies[table.name] = table.vocabulary
            tables[table.name] = table.digest
        return FacetsWriter(
            load_package_vocabulary(),
            seed=self.seed,
            pairs=self.pairs,
            of_source=vocabularies,
            tables=tables,
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the table of a corpus, and the number of pairs for an attribute."""
    group = parser.add_argument_group("writer facets, and source attributed:FILE")
    group.add_argument(
        "--facets",
        default=FacetsSettings.table,
        metavar="TABLE",
        help="description of a corpus of --source attributed:FILE (its attributes, queries and wordings): a "
        "YAML file, or a shipped table (medquad, movies)",
    )
    group.add_argument(
        "--facet-pairs",
        action="append",
        default=[],
        metavar="NAME=N",
        help="pairs of each topic for an attribute, such as form=3 or form=all; can be given several times "
        "(default: the number in the table of attributes)",
    )


def _parse_pairs(given: str) -> tuple[str, int | None]:
    name, _, number = given.rpartition("=")
    if name and number == "all":
        return name, None
    if name and number.isdecimal():
        return name, int(number)
    raise InputError(f"--facet-pairs {given}: is not NAME=N; write it like form=3 or form=all")
