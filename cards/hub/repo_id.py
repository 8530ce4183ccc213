"""Tells a repository on the Hub from a folder on this machine."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub.utils import HFValidationError, validate_repo_id


def is_hub_id(name: str | None) -> bool:
    """Whether a name can be put as a link to the Hub: shaped like ``org/name``, and no folder that is here.

    The libraries look for a folder of that name first, and so does this.
    """
    if not name or name.count("/") != 1:
        return False
    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return not Path(name).exists()
