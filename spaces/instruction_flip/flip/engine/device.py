"""Model execution on the local CPU or GPU, or on a GPU that the Hub provides per call (ZeroGPU)."""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeVar
from weakref import WeakValueDictionary

import numpy as np

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

# Torch reads this on import. With busy waiting, encoding a few passages is several times slower on a loaded
# machine with two cores; passive waiting has no measurable cost.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Side = Literal["query", "passage"]
Function = TypeVar("Function", bound=Callable[..., object])

# ZeroGPU runs the decorated function in a forked process, which finds models by name, not by reference.
_loaded: WeakValueDictionary[str, SentenceTransformer] = WeakValueDictionary()
_loading = threading.Lock()


def lender() -> Callable[[Function], Function] | None:
    """Return the decorator ``spaces.GPU``; None if the package ``spaces`` is not installed."""
    try:
        package = importlib.import_module("spaces")
    except ImportError:
        return None
    # A folder named spaces on the path can be imported too, but has no decorator.
    return getattr(package, "GPU", None)


def on_lent_gpu(function: Function) -> Function:
    """Run a function on a ZeroGPU device where available; elsewhere return it unchanged."""
    lend = lender()
    return function if lend is None else lend(function)


def load(location: str) -> SentenceTransformer:
    """Load the model of a folder or Hub id, or return it if it is still referenced somewhere.

    :raises OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError: if it does not load.
    """
    # Imported here because torch takes seconds, and a wrong path must be reported at once.
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    with _loading:
        model = _loaded.get(location)
        if model is None:
            quieten: Callable[[], None] = disable_progress_bar
            quieten()
            logger.info("loading %s", location)
            model = _loaded[location] = SentenceTransformer(location)
        return model


def passages_key(model: SentenceTransformer) -> str:
    """Hash everything that determines a model's passage vectors; equal keys mean equal vectors.

    A model with a separate query encoder may encode passages exactly as its base model does.
    """
    import torch

    sides = dict(getattr(model[0], "sub_modules", {}))
    encoder = sides.get("document", model)
    digest = hashlib.blake2b(digest_size=16)
    kinds = [type(module).__name__ for module in encoder.children()]
    words = sorted(model.tokenizer.get_vocab().items())
    prompts = {name: prompt for name, prompt in model.prompts.items() if name != "query"}
    digest.update(repr((kinds, model.max_seq_length, prompts, model.default_prompt_name, words)).encode())
    for name, weight in sorted(encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


@on_lent_gpu
def encode_texts(location: str, texts: list[str], side: Side) -> np.ndarray:
    """Return unit vectors of float32, shape ``(len(texts), dim)``."""
    model = load(location)
    encode = model.encode_query if side == "query" else model.encode_document
    vectors = encode(texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
    return np.asarray(vectors, dtype=np.float32)
