"""Rows of a data set on the Hub, as they arrive."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass

from datasets import IterableDataset, load_dataset
from datasets.exceptions import DatasetNotFoundError
from httpx2 import HTTPError
from huggingface_hub.errors import HfHubHTTPError

from dualview.cards.errors import InputError, reason_of
from dualview.dataset_builder.json_rows import Row

_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class HubSettings:
    """The part and version of a data set on the Hub.

    :param split: such as ``train``.
    :param revision: commit, tag or branch; None for the newest.
    """

    split: str = "train"
    revision: str | None = None

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> HubSettings:
        """The settings that the flags give."""
        return cls(args.hub_split, args.hub_revision)


def is_hub_id(name: str) -> bool:
    """Tell whether a name may be a data set on the Hub, such as ``org/name``."""
    return bool(_ID.fullmatch(name)) and not name.startswith(".")


def rows_of_hub(dataset: str, config: str | None, split: str, commit: str) -> Iterator[Row]:
    """The rows of a data set on the Hub; nothing is kept on disk.

    :param config: one of its configs; None for the default one.
    :raises InputError: if it cannot be read.
    """
    place = f"{dataset} ({split})"
    try:
        stream = load_dataset(dataset, config, split=split, revision=commit, streaming=True)
        assert isinstance(stream, IterableDataset)
        for number, fields in enumerate(stream):
            yield Row(f"{place}, row {number}", fields)
    except (OSError, ValueError, DatasetNotFoundError, HfHubHTTPError, HTTPError) as error:
        reason = reason_of(error)
        raise InputError(
            f"{place}: cannot be read from the Hub ({reason}); check the id, --hub-split and the network"
        ) from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the part and version of a data set."""
    group = parser.add_argument_group("source passages:HUB/ID")
    group.add_argument(
        "--hub-split", default=HubSettings.split, metavar="SPLIT", help="split to read (default: %(default)s)"
    )
    group.add_argument(
        "--hub-revision",
        default=HubSettings.revision,
        metavar="REVISION",
        help="commit, tag or branch (default: the newest commit)",
    )
