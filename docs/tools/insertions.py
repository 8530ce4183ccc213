"""MkDocs hook: fills marks in the pages from the code, so that a page is never out of date.

``<!-- settings -->`` becomes the table of training settings, ``<!-- file PATH -->`` the file of that path.
On GitHub, where marks are invisible, the link beside them leads to the same.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_SETTINGS = "<!-- settings -->"
_FILE = re.compile(r"<!-- file (?P<path>\S+) -->")


def on_page_markdown(markdown: str, **_: Any) -> str:  # noqa: ANN401 - MkDocs's own
    """Fill the marks of a page.

    :raises OSError: if a file is missing.
    """
    if _SETTINGS in markdown:
        markdown = markdown.replace(_SETTINGS, settings_table())
    return _FILE.sub(lambda mark: _code_block(mark["path"]), markdown)


def settings_table() -> str:
    """Return the training settings as Markdown, a table for each group: name, default, meaning."""
    # MkDocs puts the path back after loading a hook, so the checkout is added where it is needed.
    sys.path.insert(0, str(_ROOT))
    from dualview.trainer.option import default_of, options_of
    from dualview.trainer.settings.training import GROUPS

    lines: list[str] = []
    for group in GROUPS:
        lines += ["", f"### {group.TITLE[0].upper()}{group.TITLE[1:]}", ""]
        lines += ["| Setting | Default | Meaning |", "|---|---|---|"]
        options = options_of(group)
        for field in dataclasses.fields(group):
            fact = options[field.name]
            text = fact.help.replace("|", "\\|")
            if fact.allowed is not None and str(fact.allowed) != "at least 0":
                text += f" ({fact.choices or fact.allowed})"
            if fact.also:
                text += ", also " + ", ".join(f"`{name}`" for name in fact.also)
            lines.append(f"| `{field.name}` | {_shown(default_of(field))} | {text} |")
    return "\n".join(lines)


def _shown(default: object) -> str:
    if default in ("", [], {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _code_block(path: str) -> str:
    language = {".py": "python", ".yaml": "yaml"}.get(Path(path).suffix, "text")
    return f'```{language} title="{path}"\n{(_ROOT / path).read_text(encoding="utf-8").rstrip()}\n```'
