"""Settings of the writer ``contrasts``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from dualview.dataset_builder.number_types import positive_int
from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.writers.contrasts.contrasts_writer import ContrastsWriter


@dataclass(frozen=True)
class ContrastsSettings:
    """Settings of the writer ``contrasts``.

    :param seed: draws other words.
    :param most: most pairs of an item.
    :param instructed: whether to take items that bring an instruction of their own, which is then not used.
    :param corpus: languages and frequencies of the build, once they are learned.
    """

    seed: int = 13
    most: int = 6
    instructed: bool = True
    corpus: Corpus | None = None

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> ContrastsSettings:
        """The settings that the flags give; named first, it takes items with an instruction too."""
        return cls(args.seed, args.contrast_pairs, instructed=list(args.writer or ())[:1] == ["contrasts"])

    def make(self) -> ContrastsWriter:
        """Make the writer."""
        return ContrastsWriter(self.seed, self.most, self.corpus, self.instructed)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the number of pairs."""
    group = parser.add_argument_group("writer contrasts")
    group.add_argument(
        "--contrast-pairs",
        type=positive_int,
        default=ContrastsSettings.most,
        metavar="N",
        help="most pairs of opposite instructions for a query (default: %(default)s)",
    )
