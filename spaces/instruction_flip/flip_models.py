"""The encoders: where a model lies, loading it once, and remembering what it has encoded."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from flip_types import FlipError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

Side = Literal["query", "passage"]

#: Vectors kept for each model; at 384 dimensions this is some 30 MB.
CACHE_SIZE = 20_000
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_MODEL_FILES = ("modules.json", "config.json")


def resolve_model(reference: str) -> str:
    """Turn what the user wrote into something that SentenceTransformer loads.

    :param reference: ``package:NAME/SUBPATH`` (a folder inside an installed Python package), a folder,
        or a Hub id. Hub ids are not looked up here.
    :raises FlipError: if the package or folder is missing, or holds no model.
    """
    if reference.startswith("package:"):
        return str(_model_folder(_package_folder(reference), reference))
    path = Path(reference).expanduser()
    if path.exists():
        return str(_model_folder(path, reference))
    if _HUB_ID.fullmatch(reference):
        return reference
    raise FlipError(f"no model folder {reference!r}: train one first, or give another folder or a Hub id")


def _package_folder(reference: str) -> Path:
    name, _, subpath = reference.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise FlipError(f"no installed package {name!r} (from {reference!r}): install it, or name a folder")
    return Path(next(iter(spec.submodule_search_locations))) / subpath


def _model_folder(path: Path, reference: str) -> Path:
    if not path.is_dir():
        raise FlipError(f"no model folder {reference!r}: give a folder, package:NAME/SUBPATH or a Hub id")
    if not any((path / name).is_file() for name in _MODEL_FILES):
        raise FlipError(f"{reference!r} holds no model (neither {' nor '.join(_MODEL_FILES)})")
    return path


def display_name(reference: str) -> str:
    """Return a short name for the page: never the folders above the model's own two."""
    name = reference.removeprefix("package:")
    parts = [part for part in Path(name).parts if part not in ("/", "..", ".")]
    return "/".join(parts[-2:]) or name


class Encoder:
    """A SentenceTransformer that loads on first use and encodes no text twice.

    Safe to call from several threads; they take turns.
    """

    def __init__(self, reference: str, cache_size: int = CACHE_SIZE) -> None:
        """Check where the model lies; nothing is loaded yet.

        :raises FlipError: as ``resolve_model``.
        """
        self.name = display_name(reference)
        self._location = resolve_model(reference)
        self._cache_size = cache_size
        self._cache: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None

    @property
    def max_tokens(self) -> int | None:
        """Tokens of a text that the model reads; None before it is loaded or where it has no limit."""
        return None if self._model is None else self._model.max_seq_length

    @property
    def cached(self) -> int:
        """Number of vectors remembered now."""
        return len(self._cache)

    def encode(self, texts: Sequence[str], side: Side) -> np.ndarray:
        """Return unit vectors, shape ``(len(texts), dim)``.

        :raises FlipError: if the model cannot be loaded or returns numbers that are not finite.
        """
        keys = [self._key(text, side) for text in texts]
        with self._lock:
            known = {key: self._cache[key] for key in keys if key in self._cache}
            new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if new:
                known.update(zip(new, self._compute(list(new.values()), side), strict=True))
            for key in keys:
                self._cache[key] = known[key]
                self._cache.move_to_end(key)
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return np.stack([known[key] for key in keys])

    @staticmethod
    def _key(text: str, side: Side) -> bytes:
        return hashlib.sha256(f"{side}\0{text}".encode()).digest()

    def _compute(self, texts: list[str], side: Side) -> np.ndarray:
        if self._model is None:
            self._model = self._load()
        encode = self._model.encode_query if side == "query" else self._model.encode_document
        vectors = encode(texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        if not np.isfinite(vectors).all():
            raise FlipError(f"the model {self.name} returned numbers that are not finite; use another one")
        return vectors.astype(np.float32)

    def _load(self) -> SentenceTransformer:
        # Imported here: torch takes seconds, and a wrong path should be told at once.
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        logger.info("loading %s", self.name)
        try:
            return SentenceTransformer(self._location)
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError) as error:
            logger.warning("cannot load %s: %s", self.name, error)
            raise FlipError(
                f"could not load the model {self.name}: check that it is a SentenceTransformer folder "
                "or a Hub id you may read"
            ) from error
