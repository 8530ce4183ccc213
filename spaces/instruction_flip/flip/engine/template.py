"""Template that joins query and instruction, as saved with a model by its training."""

from __future__ import annotations

import json
import logging
from pathlib import Path

logger = logging.getLogger(__name__)

DEFAULT = "{query} {instruction}"
_FILE, _KEY = "config_sentence_transformers.json", "instruction_template"


def stored_template(location: str) -> str:
    """Return a model's template; the default if there is none or it is not valid.

    :param location: a folder or a Hub id.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    path = Path(location) / _FILE
    try:
        if not Path(location).is_dir():
            path = Path(hf_hub_download(location, _FILE))
        found = json.loads(path.read_text(encoding="utf-8")).get(_KEY, DEFAULT)
    except (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        OSError,
        ValueError,
        AttributeError,
    ) as error:
        logger.info("no template of %s is known: %s", path.parent.name, type(error).__name__)
        return DEFAULT
    return found if _is_template(found) else DEFAULT


def fill(template: str, query: str, instruction: str) -> str:
    """Insert the two texts, which may contain braces, into the template."""
    before, rest = template.split("{query}")
    between, after = rest.split("{instruction}")
    return before + query + between + instruction + after


def _is_template(found: object) -> bool:
    if not isinstance(found, str) or found.count("{query}") != 1 or found.count("{instruction}") != 1:
        return False
    return found.index("{query}") < found.index("{instruction}")
