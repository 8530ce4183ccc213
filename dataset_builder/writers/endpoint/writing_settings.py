"""Settings of what is asked of a language model that writes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field

from dualview.dataset_builder.writers.endpoint.styles import MIX, read_shares


@dataclass(frozen=True)
class WritingSettings:
    """Settings of the requests.

    :param every_reversal: a reversal towards every instruction negative, rather than towards one of them.
    :param paraphrase: also ask for the original instruction in other words, where the source has none.
    :param passage_characters: longest passage in a prompt; longer ones are cut there and published whole.
    :param styles: the share of each style, see :mod:`dualview.dataset_builder.writers.endpoint.styles`; empty
        to leave the form to the model.
    :param example: show an example of good answers.
    """

    every_reversal: bool = False
    paraphrase: bool = False
    passage_characters: int = 6000
    styles: Mapping[str, float] = field(default_factory=lambda: read_shares(MIX))
    example: bool = True

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> WritingSettings:
        """The settings that the flags give."""
        return cls(
            args.reversals == "all",
            args.paraphrase,
            args.passage_characters,
            read_shares(args.style),
            args.example,
        )
