"""The files of a Space: its folder with all sub-folders, and its card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dualview.cards.hub.changes import LocalFile, files_in
from dualview.cards.hub.upload import Upload, read_text
from dualview.cards.readme import FILE_NAME
from dualview.cards.space_card import read_space_facts, render_space_card

# A Space runs the files it finds, so modules and pages of an earlier version must be deleted. As in fnmatch,
# the star also matches "/", so these patterns cover sub-folders too.
OWNED = ("*.py", "*.js", "*.css", "*.json", "*.html")


def space_upload(
    folder: Path, repo_id: str, models: Sequence[str] = (), datasets: Sequence[str] = ()
) -> Upload:
    """Collect the files of a Space's folder for an upload.

    Sub-folders are included; hidden files and ``__pycache__`` are not.

    :param models: Hub ids of the models that it shows, in place of its README's; ``datasets`` likewise.
    :raises HubError: if the Hub could not run it.
    """
    files = {file.path: file for file in files_in(folder)}
    facts = read_space_facts(
        read_text(folder, FILE_NAME), tuple(files), str(folder / FILE_NAME), models, datasets
    )
    card = render_space_card(facts, str(folder / FILE_NAME))
    files[FILE_NAME] = LocalFile(FILE_NAME, card.encode("utf-8"))
    return Upload(repo_id, "space", tuple(files.values()), OWNED, facts.metadata["sdk"])
