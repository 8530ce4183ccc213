"""Reading a published dual-view dataset for training: rows of views, and the validation split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from datasets import Dataset, DatasetDict, concatenate_datasets, load_dataset
from datasets.exceptions import DatasetNotFoundError
from huggingface_hub.errors import HfHubHTTPError

from trainer.arguments import TrainingSettings
from trainer.candidate_rows import NEEDED_COLUMNS, candidate_rows
from trainer.errors import InputError


@dataclass(frozen=True)
class DualViewData:
    """What training reads.

    :param rows: one training row a candidate set; the column ``kind`` says where it comes from.
    :param validation: ``dual_view`` rows of the validation split.
    :param mixture: counts of what went in, for the card.
    :param fingerprint: hash of the files (folder) or the dataset's own fingerprint (Hub).
    """

    rows: Dataset
    validation: Dataset
    mixture: dict[str, int]
    fingerprint: str


def load_rows(name: str) -> DatasetDict:
    """Load the config ``dual_view`` of a folder or Hub id and check its columns.

    :raises InputError: if it is missing, unreadable, or not a dual-view dataset.
    """
    folder = Path(name).expanduser()
    looks_local = name.startswith((".", "/", "~")) or name.count("/") > 1 or folder.exists()
    if looks_local and not (folder / "README.md").is_file():
        raise InputError(f"dataset {name}: no dataset in this folder; build one with python -m dataset_builder build")
    try:
        splits = load_dataset(str(folder) if looks_local else name, "dual_view")
    except (DatasetNotFoundError, FileNotFoundError, ValueError, HfHubHTTPError, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(f"dataset {name}: cannot be loaded ({reason}); check the folder or Hub id") from error
    for split, rows in splits.items():
        if missing := sorted(set(NEEDED_COLUMNS) - set(rows.column_names)):
            raise InputError(f"dataset {name}, split {split}: lacks the column {missing[0]!r} of a dual-view dataset")
    return splits


def needed_split(splits: DatasetDict, split: str, name: str) -> Dataset:
    """Return a split that has rows.

    :raises InputError: if it is absent or empty.
    """
    if split not in splits or not len(splits[split]):
        raise InputError(f"dataset {name}: split {split!r} is missing or empty; it has {', '.join(splits)}")
    return splits[split]


def load_dual_view(settings: TrainingSettings) -> DualViewData:
    """Load what a training run needs.

    :raises InputError: see :func:`load_rows` and :func:`needed_split`.
    """
    splits = load_rows(settings.dataset)
    train = needed_split(splits, "train", settings.dataset)
    validation = needed_split(splits, "validation", settings.dataset)
    rows = candidate_rows(train, settings.pairs_per_row, settings.paraphrases)
    mixture = {
        "candidate sets": len(set(train["set_id"])),
        "queries": len(set(train["query_id"])),
        "pairs of opposite instructions": len(train),
        "instructed views": sum(map(len, rows["instructions"])),
        "training rows": len(rows),
    }
    return DualViewData(rows, validation, mixture, _fingerprint(splits))


def _fingerprint(splits: DatasetDict) -> str:
    """Hash the rows' ids and texts; the same data gives the same value from a folder and from the Hub."""
    digest = hashlib.sha256()
    for split in sorted(splits):
        for batch in splits[split].select_columns(list(NEEDED_COLUMNS)).iter(batch_size=1000):
            digest.update(repr([split, batch]).encode())
    return digest.hexdigest()[:16]
