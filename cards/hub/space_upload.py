"""The files of a Space: its folder as it is, and what ``bundle.json`` in it takes from the checkout.

A Space runs alone. What it shares with the rest of the project is not copied into its folder by hand, where
it would grow apart, but put beside its files when it is published:

    {"metrics.py": "trainer/evaluation/metrics.py"}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile, files_in
from dualview.cards.hub.upload import Upload, read_text
from dualview.cards.readme import FILE_NAME
from dualview.cards.space_card import read_space_facts, render_space_card

BUNDLE = "bundle.json"
# What marks the root of a checkout.
_ROOT_FILES = ("setup.cfg", "pyproject.toml", ".git")
# A Space runs what it finds: modules and pages of an earlier version must not lie there.
OWNED = ("*.py", "*.js", "*.css", "*.json", "*.html")


def space_upload(
    folder: Path, repo_id: str, models: Sequence[str] = (), datasets: Sequence[str] = ()
) -> Upload:
    """What is to be published of a Space's folder.

    :param models: Hub ids of the models that it shows, in place of its README's; ``datasets`` likewise.
    :raises HubError: if the Hub could not run it, or the bundle names a file that is not there.
    """
    files = {file.path: file for file in files_in(folder, [BUNDLE])}
    for target, source in bundled(folder).items():
        if target in files:
            raise HubError(
                f"{folder / BUNDLE}: {target!r} is a file of the folder too; remove one of the two"
            )
        files[target] = LocalFile(target, source)
    facts = read_space_facts(
        read_text(folder, FILE_NAME), tuple(files), str(folder / FILE_NAME), models, datasets
    )
    card = render_space_card(facts, str(folder / FILE_NAME))
    files[FILE_NAME] = LocalFile(FILE_NAME, card.encode("utf-8"))
    return Upload(repo_id, "space", tuple(files.values()), OWNED, facts.metadata["sdk"])


def bundled(folder: Path) -> dict[str, Path]:
    """Name in the Space -> file, of what ``bundle.json`` names; empty without such a file.

    :raises HubError: if it is no mapping of names to paths, or a file is missing or outside the checkout.
    """
    path = folder / BUNDLE
    if not path.is_file():
        return {}
    try:
        named = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HubError(f"{path}: is not readable JSON ({error})") from error
    if not isinstance(named, dict) or not all(isinstance(source, str) for source in named.values()):
        raise HubError(f"{path}: must map names in the Space to paths from the root of the checkout")
    root = _root(folder)
    found = {}
    for target, source in named.items():
        if ".." in PurePosixPath(target).parts or PurePosixPath(target).is_absolute():
            raise HubError(f"{path}: {target!r} would lie outside the Space")
        file = (root / source).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            raise HubError(f"{path}: no file {source!r} in {root}")
        found[target] = file
    return found


def _root(folder: Path) -> Path:
    for above in folder.resolve().parents:
        if any((above / name).exists() for name in _ROOT_FILES):
            return above
    raise HubError(f"{folder / BUNDLE}: the folder lies in no checkout, to whose root its paths could refer")
