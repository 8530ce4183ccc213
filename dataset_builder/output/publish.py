"""Publishes a built dataset: ``dualview publish dataset FOLDER --repo-id org/dualview-ifir``.

The builder's folder is the repository: what is uploaded are its card, its recipe and statistics, and the
shards that the card names. Anything else in the folder stays here.
"""

from __future__ import annotations

import argparse
from pathlib import Path, PurePosixPath

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile, files_in
from dualview.cards.hub.command_line import add_publish_arguments, publish_options, run_publishing
from dualview.cards.hub.publish import publish
from dualview.cards.hub.upload import Published, Upload, read_text, say_on_stderr
from dualview.cards.published_card import read_card
from dualview.cards.readme import FILE_NAME
from dualview.dataset_builder.output.staging import find_replaced

PUBLISHED = (FILE_NAME, "LICENSE", "recipe.json", "statistics.json")
# Shards of an earlier build would be loaded along with those of this one.
OWNED = ("data/*",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("folder", type=Path, help="the folder of a built dataset")
    add_publish_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Publish the folder and return the exit code: 0, or 2 where the folder or the Hub is at fault."""

    def work() -> Published:
        upload = dataset_upload(args.folder, args.repo_id)
        left_out = len(files_in(args.folder)) - len(upload.files)
        if left_out:
            say_on_stderr(f"{args.folder}: {left_out} other files stay here")
        return publish(upload, publish_options(args, f"Publish {args.repo_id.split('/')[-1]}"))

    return run_publishing(work)


def dataset_upload(folder: Path, repo_id: str) -> Upload:
    """What is to be published of a dataset's folder.

    :raises HubError: if it holds no built dataset, or not all of it.
    """
    if not folder.exists() and (left := find_replaced(folder.absolute())):
        raise HubError(
            f"{folder}: a build was stopped while it replaced this dataset, which is in {left[0]} now; "
            "run the build again, or rename that folder"
        )
    files = {file.path: file for file in files_in(folder)}
    card = read_text(folder, FILE_NAME)
    shards = _shards(card, folder, files)
    return Upload(
        repo_id,
        "dataset",
        tuple(file for path, file in files.items() if path in PUBLISHED or path in shards),
        OWNED,
    )


def _shards(card: str, folder: Path, files: dict[str, LocalFile]) -> set[str]:
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
