"""Where the models are: folders, installed packages, and ids on the Hub."""

from __future__ import annotations

import importlib.util
import logging
import re
from pathlib import Path

from flip.engine.names import display_name
from flip.types import FlipError

logger = logging.getLogger(__name__)

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_MODEL_FILES = ("modules.json", "config.json")


def resolve_model(reference: str) -> str:
    """Resolve a model reference to a path or Hub id that SentenceTransformer can load.

    :param reference: ``package:NAME/SUBPATH`` (a folder inside an installed Python package), a folder,
        or a Hub id. The Hub is not asked here.
    :raises FlipError: if the package or folder is missing, or contains no model.
    """
    if reference.startswith("package:"):
        return str(_model_folder(_package_folder(reference), reference))
    try:
        path = Path(reference).expanduser()
        is_here = path.exists()
    except (OSError, ValueError, RuntimeError):  # too long, a null byte, an unknown home folder
        is_here = False
    if is_here:
        return str(_model_folder(path, reference))
    if _HUB_ID.fullmatch(reference):
        return reference
    raise FlipError(f"no model folder {reference!r}: train a model first, or give another folder or a Hub id")


def _package_folder(reference: str) -> Path:
    name, _, subpath = reference.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise FlipError(f"no installed package {name!r} (from {reference!r}): install it, or give a folder")
    return Path(next(iter(spec.submodule_search_locations))) / subpath


def _model_folder(path: Path, reference: str) -> Path:
    if not path.is_dir():
        raise FlipError(f"no model folder {reference!r}: give a folder, package:NAME/SUBPATH or a Hub id")
    if not any((path / name).is_file() for name in _MODEL_FILES):
        raise FlipError(f"{reference!r} contains no model (neither {' nor '.join(_MODEL_FILES)})")
    return path


def named_base(reference: str) -> str | None:
    """Return the base model from a model's card; None without a card or an entry for it.

    :raises FlipError: as ``resolve_model``.
    """
    from huggingface_hub import hf_hub_download, metadata_load
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    location = resolve_model(reference)
    card = Path(location) / "README.md"
    try:
        if not Path(location).is_dir():
            card = Path(hf_hub_download(location, "README.md"))
        found = (metadata_load(card) or {}).get("base_model")
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError, ValueError) as error:
        logger.warning("cannot read the card of %s: %s", display_name(reference), error)
        return None
    first = found[0] if isinstance(found, list) and found else found
    return first if isinstance(first, str) else None
