"""MkDocs hook: lets pages link to files of the repository by relative paths, as they do on GitHub.

A link such as ``../benchmarks/LOG.md`` leads to the file on GitHub; a picture, ``![…](../…/flips.png)``, is
copied into the site. A path that does not exist is a warning, which fails ``mkdocs build --strict``.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

_ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\(\.\./(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_log = logging.getLogger("mkdocs.hooks.links")


def on_files(files: Files, config: Any) -> Files:  # noqa: ANN401 - MkDocs's own
    """Add the pictures of the repository that a page shows."""
    for page in files.documentation_pages():
        for link in _LINK.finditer(page.content_string):
            path = link["path"]
            if link["picture"] and (_ROOT / path).is_file() and files.get_file_from_path(path) is None:
                files.append(File.generated(config, path, abs_src_path=str(_ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:  # noqa: ANN401 - MkDocs's own
    """Turn paths out of ``docs/`` into what the site has for them."""
    return _LINK.sub(lambda link: _replace(link, page.file.src_uri, config.repo_url), markdown)


def _replace(link: re.Match[str], page: str, repository: str) -> str:
    path, anchor = link["path"], link["anchor"] or ""
    if not (_ROOT / path).exists():
        _log.warning("%s links to ../%s, which does not exist", page, path)
    if link["picture"]:
        return f"![{link['text']}]({path})"
    kind = "tree" if (_ROOT / path).is_dir() else "blob"
    return f"[{link['text']}]({repository.rstrip('/')}/{kind}/main/{path.rstrip('/')}{anchor})"
