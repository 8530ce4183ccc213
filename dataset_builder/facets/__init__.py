"""The writer ``facets``: instructions from attributes, without a model.

Two passages that answer the same query and differ in an attribute give both instructions: what one says, the
other takes back. Their words come from a table of wordings (``attributes.yaml``) and a table of sentences
(``frames.yaml``), drawn by a hash of the passages' ids.
"""

from __future__ import annotations

import argparse

from dataset_builder.errors import InputError
from dataset_builder.facets.vocabulary import load_package_vocabulary
from dataset_builder.facets.writer import FacetsWriter

__all__ = ["FacetsWriter", "add_arguments", "make_writer"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how many pairs are written for an attribute."""
    group = parser.add_argument_group("writer facets")
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

    :raises InputError: if ``--facet-pairs`` is wrong.
    """
    return FacetsWriter(
        load_package_vocabulary(), getattr(args, "seed", 0), dict(map(_parse_pairs, args.facet_pairs))
    )


def _parse_pairs(given: str) -> tuple[str, int | None]:
    name, _, number = given.rpartition("=")
    if name and number == "all":
        return name, None
    if name and number.isdecimal():
        return name, int(number)
    raise InputError(f"--facet-pairs {given}: is not NAME=N; write it like form=3 or form=all")
