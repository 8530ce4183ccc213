"""The two models of the page by exported encoders, where each side of each has one.

A trained model whose passages are encoded as the base encodes them needs two files: the base's, and that of
its query encoder (``query/`` in its folder, or a repository of its own with ``-query`` behind the name).
"""

from __future__ import annotations

import importlib.util
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flip.exported.side import ExportedSide, Side, is_exported, is_mean, prompt_of, read_json
from flip.exported.weights import WEIGHTS, same_weights

logger = logging.getLogger(__name__)

_ROUTER = "router_config.json"


@dataclass(frozen=True)
class Folders:
    """Where the encoders of a model are.

    :param prompts: the folder whose configuration has the prompts.
    """

    prompts: Path
    queries: Path
    passages: Path


class ExportedModel:
    """A model whose two sides run in ONNX Runtime."""

    def __init__(self, folders: Folders, sides: dict[Path, ExportedSide]) -> None:
        """Load the encoders.

        :param sides: those that are loaded already, by folder; new ones are added.
        :raises ImportError: if ONNX Runtime is not installed.
        """
        for folder in (folders.passages, folders.queries):
            if folder not in sides:
                sides[folder] = ExportedSide(folder)
        self._queries, self._passages = sides[folders.queries], sides[folders.passages]
        self._prompts: dict[Side, str] = {
            "query": prompt_of(folders.prompts, "query"),
            "passage": prompt_of(folders.prompts, "passage"),
        }
        #: Equal keys mean equal vectors of passages.
        self.passages_key = f"{self._prompts['passage']}\0{folders.passages}"

    @property
    def max_seq_length(self) -> int:
        """Tokens of a passage that are read; 0 if there is no limit."""
        return self._passages.limit

    def encode(self, texts: Sequence[str], side: Side) -> np.ndarray:
        """Return unit vectors of float32, shape ``(len(texts), dim)``."""
        return (self._queries if side == "query" else self._passages).encode(texts, self._prompts[side])

    def ends(self, texts: Sequence[str]) -> list[int | None]:
        """Return for each passage the characters that are read; None for all of them."""
        return [
            max((end for _, end in one.offsets), default=0) if one.overflowing else None
            for one in self._passages.read(texts)
        ]


def find_exported(base: str, trained: str) -> tuple[Folders, Folders] | None:
    """Find exported encoders for both sides of both models; None if one is missing.

    Only what is on this machine is looked at, so that nothing is downloaded twice.

    :param base: the folder or Hub id of the base model; ``trained`` likewise.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    ordinary, model = _here(base), _here(trained)
    if ordinary is None or model is None or not is_exported(ordinary):
        return None
    folders = Folders(ordinary, ordinary, ordinary)
    if is_exported(model):
        return folders, Folders(model, model, model)
    queries = model / "query" if Path(trained).is_dir() else _here(f"{trained}-query")
    if queries is None or not is_exported(queries):
        return None
    if not (_is_side(model, "query", queries) and _is_side(model, "document", ordinary)):
        return None
    return folders, Folders(model, queries, ordinary)


def _is_side(model: Path, route: str, folder: Path) -> bool:
    """Tell whether a model with two encoders has that of a folder on one of its sides."""
    modules = (read_json(model / _ROUTER).get("structure") or {}).get(route) or []
    side: Side = "query" if route == "query" else "passage"
    return (
        len(modules) in (2, 3)
        and same_weights(model / modules[0] / WEIGHTS, folder / WEIGHTS)
        and is_mean(model / modules[1])
        and prompt_of(model, side) == prompt_of(folder, side)
    )


def _here(location: str) -> Path | None:
    if Path(location).is_dir():
        return Path(location)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(location, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None


class ExportedPair:
    """The exported encoders of a base and a trained model, loaded on first use. Thread-safe."""

    def __init__(self, base: str, trained: str) -> None:
        """Remember the models' folders or Hub ids."""
        self._locations = base, trained
        self._models: dict[str, ExportedModel] | None = None
        self._lock = threading.Lock()

    def get(self, location: str) -> ExportedModel | None:
        """Return the model of a location by exported encoders; None if not both models have them."""
        with self._lock:
            if self._models is None:
                self._models = self._load()
            return self._models.get(location)

    def _load(self) -> dict[str, ExportedModel]:
        try:
            found = find_exported(*self._locations)
            sides: dict[Path, ExportedSide] = {}
            models = [ExportedModel(folders, sides) for folders in found or ()]
        except Exception as error:  # whatever is wrong with an export, the model itself can be loaded
            logger.warning("exported encoders are not used (%s: %s)", type(error).__name__, error)
            return {}
        return dict(zip(self._locations, models, strict=False))
