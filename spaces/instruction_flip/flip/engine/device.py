"""Where a model runs: on the CPU or GPU at hand, or on a GPU that the Hub lends for one call (ZeroGPU)."""

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

# Read when torch is imported. Threads that spin while they wait for each other make a busy machine with two
# cores several times slower at encoding a few passages; sleeping ones cost nothing that could be measured.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Side = Literal["query", "passage"]
Function = TypeVar("Function", bound=Callable[..., object])

# ZeroGPU runs the decorated function in a forked process: what it needs is found by name, not by reference.
_loaded: WeakValueDictionary[str, SentenceTransformer] = WeakValueDictionary()
_loading = threading.Lock()


def lender() -> Callable[[Function], Function] | None:
    """Return the decorator ``spaces.GPU`` where the Hub's package is installed."""
    try:
        package = importlib.import_module("spaces")
    except ImportError:
        return None
    # A mere folder named spaces on the path is importable too, and lends nothing.
    return getattr(package, "GPU", None)


def on_lent_gpu(function: Function) -> Function:
    """Let a function run on a lent GPU where there is one; elsewhere change nothing."""
    lend = lender()
    return function if lend is None else lend(function)


def load(location: str) -> SentenceTransformer:
    """Return the model of a folder or Hub id; loaded once for as long as someone holds on to it.

    :raises OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError: if it does not load.
    """
    # Imported here: torch takes seconds, and a wrong path should be told at once.
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    with _loading:
        model = _loaded.get(location)
        if model is None:
            disable_progress_bar()
            logger.info("loading %s", location)
            model = _loaded[location] = SentenceTransformer(location)
        return model


def passages_key(model: SentenceTransformer) -> str:
    """Hash what decides the vectors of passages: models that share it share their vectors.

    A model whose queries have an encoder of their own may encode passages as its base does.
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
