"""One exported encoder: a tokenizer, ``onnx/model.onnx``, a pooling, and unit vectors.

The files are those of ``dualview export --onnx`` and of models on the Hub that have ``onnx/model.onnx``. They
are in float32, so that their vectors are the model's own to 1e-5.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Encoding

ONNX = "onnx/model.onnx"
TOKENIZER = "tokenizer.json"
_MODULES = "modules.json"
_KINDS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
#: What a file takes, and the name of the tokens' states that it gives.
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_STATES = ("last_hidden_state", "token_embeddings")
#: Keys of the pooling's configuration, in their old and new form.
_MEAN, _MODE, _OLD = "pooling_mode_mean_tokens", "pooling_mode", "pooling_mode_"

#: Texts in one run: larger batches are slower, as what they need leaves a core's cache.
BATCH = 4

Side = Literal["query", "passage"]
#: The names of prompts that sentence-transformers looks for, in their order.
_PROMPTS: dict[Side, tuple[str, ...]] = {"query": ("query",), "passage": ("document", "passage", "corpus")}


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file; empty if there is none."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def prompt_of(folder: Path, side: Side) -> str:
    """Return what a model puts before the texts of a side."""
    prompts = read_json(folder / "config_sentence_transformers.json").get("prompts") or {}
    return next((prompts[name] for name in _PROMPTS[side] if prompts.get(name)), "")


def is_exported(folder: Path) -> bool:
    """Tell whether a folder has what ``ExportedSide`` runs: a transformer, and a mean over tokens."""
    if not all((folder / name).is_file() for name in (ONNX, TOKENIZER, _MODULES)):
        return False
    modules = json.loads((folder / _MODULES).read_text(encoding="utf-8"))
    if [module["type"].rpartition(".")[2] for module in modules] not in _KINDS:
        return False
    transformer = read_json(folder / modules[0]["path"] / "sentence_bert_config.json")
    return is_mean(folder / modules[1]["path"]) and not transformer.get("do_lower_case")


def is_mean(pooling: Path) -> bool:
    """Tell whether a pooling's folder says: the mean over all tokens, those of the prompt included."""
    config = read_json(pooling / "config.json")
    old = {name for name, is_on in config.items() if name.startswith(_OLD) and is_on is True}
    return config.get("include_prompt", True) and (old == {_MEAN} or config.get(_MODE) in ("mean", ["mean"]))


class ExportedSide:
    """An encoder in ONNX Runtime. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Load the encoder of a folder; see ``is_exported``.

        :raises ImportError: if ONNX Runtime is not installed.
        :raises ValueError: if the file has other inputs or outputs than those of an encoder's export.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        # As with PyTorch here: threads that wait busily are slower on a loaded machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(folder / ONNX), options, providers=["CPUExecutionProvider"]
        )
        self._names = [node.name for node in self._session.get_inputs()]
        given = {node.name for node in self._session.get_outputs()}
        self._states = next((name for name in _STATES if name in given), "")
        if not self._states or not set(self._names) <= _INPUTS:
            raise ValueError(f"{ONNX} takes {self._names} and gives {sorted(given)}")
        self._padding = int(read_json(folder / "config.json").get("pad_token_id") or 0)
        #: Tokens of a text that are read; 0 if there is no limit.
        self.limit = _limit(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        # Those of MiniLM pad and cut at 128 tokens.
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        if self.limit:
            self._tokenizer.enable_truncation(max_length=self.limit)

    def read(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the tokens of each text that are read, and the rest as overflowing."""
        return list(self._tokenizer.encode_batch(list(texts)))

    def encode(self, texts: Sequence[str], prompt: str = "") -> np.ndarray:
        """Return unit vectors of float32, shape ``(len(texts), dim)``.

        :param texts: at least one; texts of similar length beside each other need little padding.
        """
        lines = [prompt + text for text in texts]
        return np.concatenate(
            [self.run(lines[start : start + BATCH]) for start in range(0, len(lines), BATCH)]
        )

    def run(self, texts: Sequence[str]) -> np.ndarray:
        """Return the unit vectors of texts that are encoded at a time."""
        read = self.read(texts)
        size = max(len(one.ids) for one in read)
        features = {
            "input_ids": np.full((len(read), size), self._padding, dtype=np.int64),
            "attention_mask": np.zeros((len(read), size), dtype=np.int64),
            "token_type_ids": np.zeros((len(read), size), dtype=np.int64),
        }
        for row, one in enumerate(read):
            features["input_ids"][row, : len(one.ids)] = one.ids
            features["attention_mask"][row, : len(one.ids)] = 1
            features["token_type_ids"][row, : len(one.ids)] = one.type_ids
        (states,) = self._session.run([self._states], {name: features[name] for name in self._names})
        mask = features["attention_mask"][:, :, None].astype(np.float32)
        means = (states * mask).sum(axis=1) / mask.sum(axis=1)
        unit: np.ndarray = means / np.linalg.norm(means, axis=1, keepdims=True)
        return unit.astype(np.float32)


def _limit(folder: Path) -> int:
    stated = read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    known = [
        stated or read_json(folder / "tokenizer_config.json").get("model_max_length"),
        read_json(folder / "config.json").get("max_position_embeddings"),
    ]
    return min((int(one) for one in known if isinstance(one, int | float) and 0 < one < 10**9), default=0)
