"""The writer ``facets``: instructions from attributes, without a model.

Two passages that answer the same query and differ in an attribute give both instructions: what one says, the
other takes back. Their words come from a table of wordings (``attributes.yaml``, or one's own) and a table of
sentences (``frames.yaml``), drawn by a hash of the passages' ids.
"""

from __future__ import annotations

import argparse

from dualview.cards.errors import InputError
from dualview.dataset_builder.writers.facets.corpora import load_corpus_table
from dualview.dataset_builder.writers.facets.facets_writer import FacetsWriter
from dualview.dataset_builder.writers.facets.vocabulary import digest_package_tables, load_package_vocabulary

__all__ = ["FacetsWriter", "add_arguments", "make_writer"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the table of a corpus, and how many pairs are written for an attribute."""
    group = parser.add_argument_group("writer facets, and corpora with attributes (--source attributed:FILE)")
    group.add_argument(
        "--facets",
        default=None,
        metavar="TABLE",
        help="what a corpus of --source attributed:FILE has for attributes, queries and wordings: a YAML "
        "file, or a table that is shipped (medquad, movies)",
    )
    group.add_argument(
        "--facet-pairs",
        action="append",
        default=[],
        metavar="NAME=N",
        help="pairs a topic for an attribute, such as form=3, or form=all; may be given several times "
        "(default: what the table of attributes says)",
    )


def make_writer(args: argparse.Namespace) -> FacetsWriter:
    """The writer for a build.

    :raises InputError: if ``--facet-pairs`` or the table is wrong.
    """
    vocabularies, tables = {}, digest_package_tables()
    if args.facets is not None:
        table = load_corpus_table(args.facets)
        vocabularies[table.name] = table.vocabulary
        tables[table.name] = table.digest
    return FacetsWriter(
        load_package_vocabulary(),
        seed=args.seed,
        pairs=dict(map(_parse_pairs, args.facet_pairs)),
        of_source=vocabularies,
        tables=tables,
    )


def _parse_pairs(given: str) -> tuple[str, int | None]:
    name, _, number = given.rpartition("=")
    if name and number == "all":
        return name, None
    if name and number.isdecimal():
        return name, int(number)
    raise InputError(f"--facet-pairs {given}: is not NAME=N; write it like form=3 or form=all")
