"""A query encoder whose transformer runs in ONNX Runtime, as a SentenceTransformer.

It is for measuring: a service needs neither this project nor PyTorch for an ONNX file.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, cast

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from torch import nn
from transformers.modeling_outputs import BaseModelOutput

from dualview.trainer.encoders.sides import is_split, side_modules


class OnnxTransformer(nn.Module):
    """A transformer from an ONNX file, in the place of the one from PyTorch.

    :param config: the transformer's configuration.
    :param threads: threads for one text or batch; 0 leaves the number to ONNX Runtime.
    """

    def __init__(self, file: Path, config: Any, threads: int = 0) -> None:  # noqa: ANN401 - of any architecture
        import onnxruntime

        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.names = [node.name for node in self.session.get_inputs()]
        self.config = config
        self.device = torch.device("cpu")
        self.dtype = torch.float32

    def forward(self, return_dict: bool = True, **features: torch.Tensor) -> BaseModelOutput:
        """Run the file on token ids and masks, (texts, tokens) each; the state is (texts, tokens, dim)."""
        inputs = {name: features[name].numpy() for name in self.names}
        (state,) = self.session.run(None, inputs)
        return BaseModelOutput(last_hidden_state=torch.from_numpy(state))


def with_onnx(model: SentenceTransformer, file: Path, threads: int = 0) -> SentenceTransformer:
    """Return a copy of a model that encodes queries by an ONNX file.

    :param model: of one encoder, or of two: passages then keep theirs. Nothing of it is changed.
    """
    modules = list(side_modules(model, "query")) if is_split(model) else list(model)
    first = copy.copy(modules[0])
    first._modules = {
        **modules[0]._modules,
        "model": OnnxTransformer(file, cast("Any", modules[0]).model.config, threads),
    }
    queries: list[Any] = [first, *modules[1:]]
    if is_split(model):
        sides = {"query": queries, "document": side_modules(model, "document")}
        queries = [Router(sides, default_route=None, allow_empty_key=False)]
    return SentenceTransformer(
        modules=queries,
        device="cpu",
        prompts={name: prompt for name, prompt in model.prompts.items() if prompt is not None},
        default_prompt_name=model.default_prompt_name,
        similarity_fn_name=model.similarity_fn_name,
        truncate_dim=model.truncate_dim,
    )
