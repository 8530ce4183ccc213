"""Names of language models, as they may be published."""

from __future__ import annotations

import re

# Of some machine, rather than a model's name such as org/name.
_PATH = re.compile(r"(?:[A-Za-z]:)?[\\/]|~|\.{1,2}[\\/]")


def published_name(model: str) -> str:
    """The name of a model for rows, recipe and card: of a path, as llama.cpp's server names it, its end."""
    return re.split(r"[\\/]", model)[-1] or model if _PATH.match(model) else model
