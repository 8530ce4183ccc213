"""Settings of the writers that ``--writer`` names, and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dualview.cards.errors import InputError
from dualview.dataset_builder.writers import contrasts, endpoint, facets, replay
from dualview.dataset_builder.writers.writer_protocol import WriterSettings


@dataclass(frozen=True)
class _Kind:
    """A kind of writer.

    :param read: reads its settings from the arguments of a command.
    :param add_arguments: adds its options.
    """

    read: Callable[[argparse.Namespace], WriterSettings]
    add_arguments: Callable[[argparse.ArgumentParser], None]


_KINDS: Mapping[str, _Kind] = {
    "replay": _Kind(replay.ReplaySettings.from_arguments, replay.add_arguments),
    "facets": _Kind(facets.FacetsSettings.from_arguments, facets.add_arguments),
    "contrasts": _Kind(contrasts.ContrastsSettings.from_arguments, contrasts.add_arguments),
    "endpoint": _Kind(endpoint.EndpointSettings.from_arguments, endpoint.add_arguments),
}
WRITER_NAMES = tuple(_KINDS)


def add_arguments(parser: argparse.ArgumentParser, kinds: Sequence[str] = WRITER_NAMES) -> None:
    """Add the options of writers to a command."""
    for kind in dict.fromkeys(kinds):
        _KINDS[kind].add_arguments(parser)


def read_writers(kinds: Sequence[str], args: argparse.Namespace) -> tuple[WriterSettings, ...]:
    """The settings of writers, each kind once and in order: an item goes to the first that accepts it.

    :raises InputError: if a kind is unknown, or an option is wrong.
    """
    for kind in kinds:
        if kind not in _KINDS:
            raise InputError(f"unknown writer '{kind}'; known are {', '.join(_KINDS)}")
    return tuple(_KINDS[kind].read(args) for kind in dict.fromkeys(kinds))
