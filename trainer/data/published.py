"""Loading of published dual-view datasets."""

from __future__ import annotations

import hashlib
from pathlib import Path

from datasets import Dataset, DatasetDict, get_dataset_config_names, load_dataset
from huggingface_hub import DatasetCard
from huggingface_hub.errors import HfHubHTTPError
from yaml import YAMLError

from dualview.cards.errors import InputError
from dualview.cards.hub.errors import explain_known
from dualview.trainer.data.candidate_rows import NEEDED_COLUMNS


def load_config(name: str, config: str = "dual_view", streaming: bool = False) -> DatasetDict:
    """Load a config of a folder or Hub id.

    :raises InputError: if it is missing or unreadable.
    """
    folder, looks_local = _located(name)
    if looks_local:
        _check_card(name, folder / "README.md")
    # `datasets` keeps loaded folders under their name and card alone: a changed folder of the same name would
    # give its earlier rows. A description of its own makes it another config.
    state = {"description": _state_of(folder)} if looks_local else {}
    try:
        return load_dataset(str(folder) if looks_local else name, config, streaming=streaming, **state)
    except MemoryError:
        raise
    except Exception as error:  # of the Hub, of a file's format, of the card's YAML, and others
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            explain_known(error, name, "dataset")
            or f"dataset {name}, config {config}: cannot be loaded ({reason}); check the folder or Hub id"
        ) from error


def config_names(name: str) -> list[str]:
    """List the configs of a folder or Hub id.

    :raises InputError: if it is missing or unreadable.
    """
    folder, looks_local = _located(name)
    if looks_local:
        _check_card(name, folder / "README.md")
    try:
        return list(get_dataset_config_names(str(folder) if looks_local else name))
    except MemoryError:
        raise
    except Exception as error:  # as above
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            explain_known(error, name, "dataset")
            or f"dataset {name}: its configs cannot be listed ({reason}); check the folder or Hub id"
        ) from error


def _located(name: str) -> tuple[Path, bool]:
    """Return the folder that a name may be, and whether it is one rather than a Hub id."""
    folder = Path(name).expanduser()
    return folder, name.startswith((".", "/", "~")) or name.count("/") > 1 or folder.exists()


def _check_card(name: str, card: Path) -> None:
    """Check the card of a local dataset, which names its files."""
    if not card.is_file():
        raise InputError(f"dataset {name}: no dataset in this folder; build one with dualview build")
    try:
        DatasetCard.load(card)
    except (ValueError, TypeError, OSError, YAMLError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"dataset {name}: {card} cannot be read ({reason}); correct the YAML at its head"
        ) from error


def _state_of(folder: Path) -> str:
    """Return a hash of the names, sizes and times of a folder's files."""
    digest = hashlib.sha256(str(folder.resolve()).encode("utf-8", "surrogateescape"))
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(
                f"{path.relative_to(folder)!s}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode(
                    "utf-8", "replace"
                )
            )
    return digest.hexdigest()


def load_rows(name: str, streaming: bool = False) -> DatasetDict:
    """Load the config ``dual_view`` of a folder or Hub id and check its columns.

    :raises InputError: if it is missing, unreadable, or not a dual-view dataset.
    """
    splits = load_config(name, streaming=streaming)
    for split, rows in splits.items():
        if missing := sorted(set(NEEDED_COLUMNS) - set(rows.column_names or NEEDED_COLUMNS)):
            raise InputError(
                f"dataset {name}, split {split}: lacks the column {missing[0]!r} of a dual-view dataset; "
                "build one with dualview build"
            )
    return splits


def needed_split(splits: DatasetDict, split: str, name: str, remedy: str = "") -> Dataset:
    """Return a split that has rows.

    :param remedy: added to the message.
    :raises InputError: if it is absent or empty.
    """
    if split not in splits or (isinstance(splits[split], Dataset) and not len(splits[split])):
        raise InputError(
            f"dataset {name}: split {split!r} is missing or empty; it has {', '.join(splits)}{remedy}"
        )
    return splits[split]


def languages_of(name: str) -> list[str]:
    """Return the language codes in a dataset's card; none if it cannot be read."""
    card = Path(name).expanduser() / "README.md"
    try:
        languages = DatasetCard.load(card if card.is_file() else name).data.language
    except (OSError, ValueError, YAMLError, HfHubHTTPError):
        return []
    return [languages] if isinstance(languages, str) else list(languages or [])
