"""Names of models: for the page, and for links."""

from __future__ import annotations

import re
from pathlib import Path

#: Characters of a card that are searched for its heading, and of a name.
_HEAD_CHARS, _NAME_CHARS = 20_000, 60


def display_name(reference: str) -> str:
    """Return a short name that reveals no folder: at most the last two parts of a path."""
    name = reference.removeprefix("package:")
    parts = [part for part in Path(name).parts if part not in ("/", "..", ".")]
    return "/".join(parts[-2:]) or name


def known_name(reference: str, location: str) -> str:
    """Return the name that people know a model by: the heading of its card, or the last part of its Hub id.

    :param location: the folder or Hub id that the reference was resolved to.
    """
    if not Path(location).is_dir():
        return reference.rpartition("/")[2] or reference
    try:
        card = (Path(location) / "README.md").read_text(encoding="utf-8", errors="replace")[:_HEAD_CHARS]
    except OSError:
        return display_name(reference)
    heading = re.search(r"^# +(\S.*)$", card, re.MULTILINE)
    name = heading[1].strip().rpartition("/")[2] if heading else ""
    return name if 0 < len(name) <= _NAME_CHARS else display_name(reference)
