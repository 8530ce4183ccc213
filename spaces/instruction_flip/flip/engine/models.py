"""Encoders that find their model, load it on first use and cache its vectors."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flip.engine.device import Side, encode_texts, load, passages_key
from flip.engine.memory import Memory
from flip.engine.template import fill, stored_template
from flip.types import FlipError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

#: Called with the number of encoded texts and their total.
Progress = Callable[[int, int], None]

#: Texts encoded in one turn, before another thread may use the model.
TURN = 32
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


def display_name(reference: str) -> str:
    """Return a short name for the page: at most the last two parts of a path."""
    name = reference.removeprefix("package:")
    parts = [part for part in Path(name).parts if part not in ("/", "..", ".")]
    return "/".join(parts[-2:]) or name


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


class Encoder:
    """A SentenceTransformer that loads on first use and encodes no text twice.

    Thread-safe: cached vectors are returned at once; threads that need the model take turns, each of
    ``TURN`` texts.
    """

    def __init__(
        self,
        reference: str,
        role: str = "Model",
        linked_as: str | None = None,
        memory: Memory | None = None,
    ) -> None:
        """Resolve the model's location; nothing is loaded yet.

        :param role: its name on the page, such as "Base model".
        :param linked_as: its name in links; by default the short name, which reveals no folder.
        :param memory: shared with other models, so that models with the same passage encoder share vectors.
        :raises FlipError: as ``resolve_model``.
        """
        self.reference = reference
        self.name = display_name(reference)
        self.role = role
        self.linked_as = linked_as or self.name
        self._location = resolve_model(reference)
        self._template: str | None = None
        self._memory = memory if memory is not None else Memory()
        self._turn = threading.Lock()
        # A reference that keeps the model loaded.
        self._model: SentenceTransformer | None = None
        self._passages = ""

    def encode(self, texts: Sequence[str], side: Side, progress: Progress | None = None) -> np.ndarray:
        """Return unit vectors, shape ``(len(texts), dim)``.

        :raises FlipError: if the model cannot be loaded or returns values that are not finite.
        """
        encoder = self._encoder_key(side)
        keys = [hashlib.sha256(f"{encoder}\0{text}".encode()).digest() for text in texts]
        known = self._memory.recall(keys)
        # Texts of similar length in one turn need little padding.
        waiting = sorted(
            {key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items(),
            key=lambda item: len(item[1]),
        )
        for start in range(0, len(waiting), TURN):
            if progress is not None:
                progress(start, len(waiting))
            known |= self._take_turn(dict(waiting[start : start + TURN]), side)
        return np.stack([known[key] for key in keys])

    def join(self, query: str, instruction: str) -> str:
        """Return query and instruction as one text, in the template of the model's training."""
        if self._template is None:
            self._template = stored_template(self._location)
        return fill(self._template, query, instruction)

    def _encoder_key(self, side: Side) -> str:
        """Return the cache key of one side's encoder; models with equal passage encoders share theirs."""
        if side == "query":
            return f"query of {self._location}"
        if not self._passages:
            with self._plain_errors():
                self._model = self._model or load(self._location)
                self._passages = f"passage of {passages_key(self._model)}"
        return self._passages

    def _take_turn(self, texts: dict[bytes, str], side: Side) -> dict[bytes, np.ndarray]:
        with self._turn:
            # Another thread may have encoded the same texts in the meantime.
            known = self._memory.recall(texts)
            new = {key: text for key, text in texts.items() if key not in known}
            if new:
                known.update(zip(new, self._compute(list(new.values()), side), strict=True))
        self._memory.keep(known)
        return known

    def _compute(self, texts: list[str], side: Side) -> np.ndarray:
        with self._plain_errors():
            self._model = self._model or load(self._location)
            vectors = encode_texts(self._location, texts, side)
        if not np.isfinite(vectors).all():
            raise FlipError(f"the model {self.name} returned values that are not finite; use another model")
        return vectors

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn errors of the model into a FlipError that does not reveal its folder."""
        try:
            yield
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError) as error:
            logger.warning("cannot run %s: %s", self.name, error)
            raise self._unusable() from error

    def _unusable(self) -> FlipError:
        return FlipError(
            f"could not run the model {self.name}: check that it is a SentenceTransformer folder "
            "or a Hub id you may read"
        )
