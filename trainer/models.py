"""Loading encoders: a folder, a Hub id, or a model that an installed Python package carries."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from huggingface_hub.errors import HFValidationError, HfHubHTTPError, LocalEntryNotFoundError
from sentence_transformers import SentenceTransformer

from trainer.errors import InputError

PACKAGE_PREFIX = "package:"


def resolve_model(name: str) -> str:
    """Turn a model's name into what SentenceTransformer loads.

    :param name: a folder, a Hub id, or ``package:NAME/SUBFOLDER`` for a folder inside an installed package.
    :raises InputError: if the package or the folder is missing.
    """
    if not name.startswith(PACKAGE_PREFIX):
        looks_local = name.startswith((".", "/", "~")) or name.count("/") > 1 or Path(name).exists()
        folder = Path(name).expanduser()
        if looks_local and not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise InputError(f"model {name}: no model in this folder; give a SentenceTransformer folder or a Hub id")
        return str(folder) if looks_local else name
    package, _, inside = name.removeprefix(PACKAGE_PREFIX).partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        distribution = package.replace("_", "-")
        raise InputError(f"model {name}: package {package!r} is not installed; run pip install {distribution}")
    folder = Path(spec.origin).parent / inside
    if not folder.is_dir():
        raise InputError(f"model {name}: package {package!r} has no folder {inside!r}")
    return str(folder)


def load_model(name: str, max_tokens: int | None = None, device: str | None = None) -> SentenceTransformer:
    """Load an encoder.

    :param name: see :func:`resolve_model`.
    :param max_tokens: cut texts at so many tokens; None keeps the model's own limit.
    :raises InputError: if there is no such model, or it cannot be reached.
    """
    try:
        model = SentenceTransformer(resolve_model(name), device=device)
    except (OSError, ValueError, HFValidationError, HfHubHTTPError, LocalEntryNotFoundError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"model {name}: cannot be loaded ({reason}); check the folder or Hub id") from error
    if max_tokens:
        model.max_seq_length = max_tokens
    return model
