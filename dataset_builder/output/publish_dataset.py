"""Upload a built dataset: its card, recipe and statistics, and the shards that the card names.

    dualview publish dataset runs/quickstart/dataset --repo-id org/dualview-seeds --dry-run

A new repository is private unless you add --public. Log in with `hf auth login` first.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from dualview.cards.errors import HubError
from dualview.cards.hub.command_line import add_publish_arguments, publish_options, run_publishing
from dualview.cards.hub.publish import publish
from dualview.cards.hub.selection import linked_files, select_files, walk
from dualview.cards.hub.upload import Upload, read_text
from dualview.cards.readme import FILE_NAME, read_card
from dualview.dataset_builder.output.staging import find_replaced

PUBLISHED = (FILE_NAME, "LICENSE", "recipe.json", "statistics.json")
# Shards of an earlier build would be loaded along with those of this one.
OWNED = ("data/*",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.description = __doc__
    parser.add_argument("folder", type=Path, help="the folder of a built dataset")
    add_publish_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Publish the folder and return the exit code.

    :raises HubError: if the dataset cannot be published.
    """
    options = publish_options(args, f"Publish {args.repo_id.split('/')[-1]}")
    return run_publishing(lambda: publish(dataset_upload(args.folder, args.repo_id, args.include), options))


def dataset_upload(folder: Path, repo_id: str, include: Sequence[str] = ()) -> Upload:
    """Collect the files of a dataset's folder for an upload.

    :param include: patterns of further files.
    :raises HubError: if it holds no built dataset, if shards are missing, or if a file may not be published.
    """
    if not folder.exists() and (left := find_replaced(folder.absolute())):
        raise HubError(
            f"{folder}: a build was stopped while it replaced this dataset, which is in {left[0]} now; "
            "run the build again, or rename that folder"
        )
    paths, _ = walk(folder)
    card = read_text(folder, FILE_NAME)
    belonging = {*PUBLISHED, *_shards(card, folder, paths), *linked_files(card)}
    selection = select_files(folder, belonging.__contains__, include)
    return Upload(
        repo_id, "dataset", selection.files, OWNED, staying=selection.staying, never=selection.never
    )


def _shards(card: str, folder: Path, files: Sequence[str]) -> set[str]:
    """The data files that the card names.

    :raises HubError: if it names none, or one that is not there.
    """
    data = read_card(card, "dataset", str(folder / FILE_NAME)).data
    try:
        configs = data.get("configs") or []
        patterns = [(c["config_name"], f["split"], f["path"]) for c in configs for f in c["data_files"]]
    except (KeyError, TypeError) as error:
        raise HubError(
            f"{folder / FILE_NAME}: its metadata cannot be read; build the dataset again"
        ) from error
    if not patterns:
        raise HubError(f"{folder / FILE_NAME}: names no configs, so nothing could be loaded; build it again")
    shards = set()
    for config, split, pattern in patterns:
        found = {path for path in files if PurePosixPath(path).match(pattern)}
        if not found:
            raise HubError(
                f"{folder}: the split {split!r} of {config!r} is missing ({pattern}); build it again"
            )
        shards |= found
    return shards
