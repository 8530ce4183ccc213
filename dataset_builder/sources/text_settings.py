"""Licence, origin and language of a user's text, where the text does not state them itself."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from dualview.dataset_builder.sources.source_protocol import UNKNOWN_LICENSE, SourceFacts


@dataclass(frozen=True)
class TextSettings:
    """Facts that the user gives of their text.

    :param license: such as ``cc-by-4.0``; ``unknown`` for none.
    :param origin: provenance of the text, one sentence for the card.
    :param language: code such as ``en``.
    """

    license: str = UNKNOWN_LICENSE
    origin: str | None = None
    language: str | None = None

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> TextSettings:
        """The settings that the flags give."""
        return cls(args.license, args.origin, args.language)

    def facts(self, name: str, what: str) -> SourceFacts:
        """The facts of a source of the user's own.

        :param what: the source in words, such as ``The file own.jsonl``.
        """
        return SourceFacts(
            name=name,
            license=self.license,
            origin=self.origin or f"{what}, given by the person who built this dataset.",
            languages=(self.language,) if self.language else (),
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the facts of a user's text to a command."""
    group = parser.add_argument_group("your own text")
    group.add_argument(
        "--license",
        default=TextSettings.license,
        metavar="NAME",
        help="licence of the passages, such as cc-by-4.0, where a line or a table gives none "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--origin", metavar="SENTENCE", help="provenance of the text, one sentence for the dataset card"
    )
    group.add_argument(
        "--language", metavar="CODE", help="language of the text, such as en, for the dataset card"
    )
