"""Writing a query encoder for ONNX Runtime: ``onnx/model.onnx``, and the same with weights of eight bits.

The files have the place, the inputs and the output that the backend ``onnx`` of sentence-transformers and
text-embeddings-inference look for: the transformer alone, whose last hidden state the reader pools. They are
made by PyTorch's own exporter, as optimum-onnx allows no transformers 5 (November 2026). ONNX Runtime
optimises the graph when it loads a file; a graph that its optimizer had fused beforehand was not faster.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from torch import nn

from dualview.cards.errors import InputError

FOLDER = "onnx"
FULL = f"{FOLDER}/model.onnx"
INT8 = f"{FOLDER}/model_qint8.onnx"
OUTPUT = "last_hidden_state"
_PACKAGES = ("onnx", "onnxruntime", "onnxscript")
# A file of the format holds two gigabytes.
_MOST_BYTES = 2_000_000_000
# Two texts of unequal length: sizes of one would be taken for fixed ones.
_EXAMPLE = ["electric bicycle The price, not the history.", "sourdough"]


class _LastHiddenState(nn.Module):
    """The transformer with positional inputs and one output, as the exporter needs it."""

    def __init__(self, transformer: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.transformer = transformer
        self.names = names

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        output = self.transformer(**dict(zip(self.names, inputs, strict=True)), return_dict=True)
        return output.last_hidden_state  # type: ignore[no-any-return]


def check_can_write_onnx(model: SentenceTransformer, name: str) -> None:
    """Check that an encoder can be written as ONNX files.

    :raises InputError: if a package is missing, the model does not start with a transformer, or it is too
        large for the format.
    """
    missing = [package for package in _PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        raise InputError(f'{", ".join(missing)} not installed; run pip install "dualview[onnx]"')
    if not isinstance(model[0], Transformer):
        raise InputError(
            f"model {name}: starts with {type(model[0]).__name__}; only a Transformer can be written as ONNX"
        )
    size = sum(4 * weights.numel() for weights in model[0].parameters())
    if size > _MOST_BYTES:
        raise InputError(f"model {name}: {size / 1e9:.1f} GB of weights; an ONNX file holds 2 GB at most")


def write_onnx(model: SentenceTransformer, folder: Path) -> tuple[Path, Path]:
    """Write an encoder's transformer in float32 and in int8 (weights per channel, activations as they come).

    :param model: see :func:`check_can_write_onnx`; it is changed to float32.
    :param folder: the model's folder; the files come into ``onnx/`` in it.
    :return: the files ``onnx/model.onnx`` and ``onnx/model_qint8.onnx``.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    full, int8 = folder / FULL, folder / INT8
    full.parent.mkdir(exist_ok=True)
    model.float().eval()
    transformer: Any = model[0]
    features = transformer.preprocess(_EXAMPLE)
    names = tuple(name for name in transformer.tokenizer.model_input_names if name in features)
    sizes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _quiet(), torch.inference_mode():
        torch.onnx.export(
            _LastHiddenState(transformer.model, names),
            tuple(features[name] for name in names),
            str(full),
            input_names=list(names),
            output_names=[OUTPUT],
            dynamic_shapes=(tuple(sizes for _ in names),),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        quantize_dynamic(full, int8, weight_type=QuantType.QInt8, per_channel=True)
    return full, int8


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' notes about themselves from the terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
