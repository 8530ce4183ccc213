"""Files of a Space for an upload: code, pages and data in its folder and sub-folders, and its card."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from dualview.cards.hub.changes import LocalFile
from dualview.cards.hub.selection import linked_files, select_files
from dualview.cards.hub.upload import Upload, read_text
from dualview.cards.readme import FILE_NAME
from dualview.cards.space_card import read_space_facts, render_space_card, thumbnail_url

# A Space runs the files it finds, so modules and pages of an earlier version must be deleted. As in fnmatch,
# the star also matches "/", so these patterns cover sub-folders too.
OWNED = ("*.py", "*.js", "*.css", "*.json", "*.html")
_FILES = (
    *OWNED, FILE_NAME, "Dockerfile", "LICENSE*", "requirements.txt", "pre-requirements.txt", "packages.txt",
    "*.md", "*.jsonl", "*.yaml", "*.jinja", "*.svg", "*.png", "*.jpg", "*.jpeg", "*.webp", "*.gif", "*.ico",
    "*.woff2",
)  # fmt: skip


def space_upload(
    folder: Path,
    repo_id: str,
    models: Sequence[str] = (),
    datasets: Sequence[str] = (),
    include: Sequence[str] = (),
) -> Upload:
    """Collect the files of a Space's folder for an upload.

    :param models: Hub ids of the models that it shows, which replace those of its README; ``datasets``
        likewise.
    :param include: patterns of further files.
    :raises HubError: if the Hub could not run the Space, or a file may not be published.
    """
    readme = read_text(folder, FILE_NAME)
    linked = linked_files(readme)
    selection = select_files(
        folder,
        lambda path: path in linked or any(fnmatchcase(path, pattern) for pattern in _FILES),
        include,
        _public_code(folder),
    )
    where = str(folder / FILE_NAME)
    facts = read_space_facts(readme, tuple(selection.paths), where, models, datasets)
    if thumbnail := facts.metadata.get("thumbnail"):
        facts.metadata["thumbnail"] = thumbnail_url(str(thumbnail), repo_id)
    files = {file.path: file for file in selection.files}
    files[FILE_NAME] = LocalFile(FILE_NAME, render_space_card(facts, where).encode("utf-8"))
    return Upload(
        repo_id,
        "space",
        tuple(files.values()),
        OWNED,
        facts.metadata["sdk"],
        selection.staying,
        selection.never,
    )


def _public_code(folder: Path) -> tuple[Path, ...]:
    """Return the folders of the Space's checkout whose code the Space may share by links."""
    root = folder.resolve().parent.parent
    return (root / "trainer", root / "spaces") if (root / "setup.cfg").is_file() else ()
