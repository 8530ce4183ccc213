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
sys.path.insert(0, str(_ROOT))


def on_page_markdown(markdown: str, **_: Any) -> str:  # noqa: ANN401 - MkDocs's own
    """Fill the marks of a page.

    :raises OSError: if a file is missing.
    """
    if _SETTINGS in markdown:
        markdown = markdown.replace(_SETTINGS, settings_table())
    return _FILE.sub(lambda mark: _code_block(mark["path"]), markdown)


def settings_table() -> str:
    """Return the training settings as a Markdown table: name, default, meaning."""
    from dualview.trainer.settings.training import TrainingSettings

    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for field in dataclasses.fields(TrainingSettings):
        text = field.metadata["help"].replace("|", "\\|")
        rows.append(f"| `{field.name}` | {_default(field)} | {text} |")
    return "\n".join(rows)


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is dataclasses.MISSING or field.default == "":
        return ""
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _code_block(path: str) -> str:
    language = {".py": "python", ".yaml": "yaml"}.get(Path(path).suffix, "text")
    return f'```{language} title="{path}"\n{(_ROOT / path).read_text(encoding="utf-8").rstrip()}\n```'
