"""The folder of a saved model, written so that releases of sentence-transformers since 3.0 read it.

Release 5.4 and later write new names into a folder: import paths of modules, the keys of pooling, and the
settings of a Transformer. Earlier releases, and servers that read the files themselves, know only the old
names; all releases read those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MODULES_FILE = "modules.json"
_MODEL_FILE = "config_sentence_transformers.json"
_ROUTER_FILE = "router_config.json"
_TRANSFORMER_FILE = "sentence_bert_config.json"
_TOKENIZER_FILE = "tokenizer_config.json"
_CONFIG_FILE = "config.json"

_OLD_PATH = "sentence_transformers.models"
# Modules that have a name under the old path in every release.
_OLD_NAMES = frozenset(
    """
    BoW CLIPModel CNN Dense Dropout LayerNorm LSTM Normalize Pooling Router StaticEmbedding Transformer
    WeightedLayerPooling WordEmbeddings WordWeights
    """.split()  # noqa: SIM905 - a list of strings is harder to read
)
_OLD_POOLING_KEYS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
# In which earlier releases join the vectors of several modes, whatever the order of the keys.
_JOINING_ORDER = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
# What an earlier release does anyway, and has no setting for.
_TRANSFORMER_DEFAULTS = {
    "transformer_task": "feature-extraction",
    "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    "module_output_name": "token_embeddings",
}
_SENTENCE = "sentence_embedding"
_NORMALIZE_DEFAULTS = {"module_input_name": _SENTENCE, "module_output_name": _SENTENCE}


def write_old_names(folder: Path) -> None:
    """Rewrite a saved model's configuration in the names that all releases since 3.0 read.

    A module with a setting that earlier releases lack keeps its new form, as does a module of somebody's own.
    """
    modules = _read(folder / MODULES_FILE)
    for module in modules:
        _write_module(folder / module["path"], module["type"])
        module["type"] = old_name(module["type"])
    _write(folder / MODULES_FILE, modules)
    _write_versions(folder)


def old_name(name: str) -> str:
    """Return the old import path of a module's class, or the given one where it has no other."""
    path, _, kind = name.rpartition(".")
    is_known = path.startswith("sentence_transformers.") and kind in _OLD_NAMES
    return f"{_OLD_PATH}.{kind}" if is_known else name


def _write_versions(folder: Path) -> None:
    """Drop the release that saved the model: every earlier one would warn of a form that it cannot read."""
    path = folder / _MODEL_FILE
    config = _read(path)
    config.get("__version__", {}).pop("sentence_transformers", None)
    _write(path, config)


def _write_module(folder: Path, name: str) -> None:
    writers: Mapping[str, Callable[[Path], None]] = {
        "Transformer": _write_transformer,
        "Pooling": _write_pooling,
        "Normalize": _write_normalize,
        "Dense": _write_dense,
        "Router": _write_router,
    }
    kind = old_name(name).removeprefix(f"{_OLD_PATH}.")
    if kind in writers:
        writers[kind](folder)


def _write_router(folder: Path) -> None:
    config = _read(folder / _ROUTER_FILE)
    for path, name in config["types"].items():
        _write_module(folder / path, name)
        config["types"][path] = old_name(name)
    if not config["parameters"].get("route_mappings", True):
        del config["parameters"]["route_mappings"]
    _write(folder / _ROUTER_FILE, config)


def _write_transformer(folder: Path) -> None:
    _write_tokenizer(folder)
    path = folder / _TRANSFORMER_FILE
    config = _read(path) if path.is_file() else {}
    if all(config.get(key, default) == default for key, default in _TRANSFORMER_DEFAULTS.items()):
        config = {key: value for key, value in config.items() if key not in _TRANSFORMER_DEFAULTS}
    limit = _token_limit(folder)
    if limit is not None:
        config["max_seq_length"] = limit
    _write(path, {**config, "do_lower_case": config.get("do_lower_case", False)})


def _token_limit(folder: Path) -> int | None:
    """Return the number of tokens at which a text is cut; None if the tokenizer names no real limit."""
    tokenizer = folder / _TOKENIZER_FILE
    config = folder / _CONFIG_FILE
    limits = [
        _read(tokenizer).get("model_max_length") if tokenizer.is_file() else None,
        _read(config).get("max_position_embeddings") if config.is_file() else None,
    ]
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and 0 < limit < 10**9]
    return min(known, default=None)


def _write_tokenizer(folder: Path) -> None:
    path = folder / _TOKENIZER_FILE
    if not path.is_file():
        return
    config = _read(path)
    if config.get("tokenizer_class") == "TokenizersBackend":  # its name in transformers 5 alone
        config["tokenizer_class"] = "PreTrainedTokenizerFast"
    _write(path, config)


def _write_pooling(folder: Path) -> None:
    path = folder / _CONFIG_FILE
    config = _read(path)
    if "pooling_mode" not in config:
        return
    modes = config.pop("pooling_mode")
    modes = [modes] if isinstance(modes, str) else list(modes)
    in_order = [mode for mode in _JOINING_ORDER if mode in modes]
    if in_order != modes:
        return
    dimension = config.pop("embedding_dimension", None)
    old = {key: mode in modes for key, mode in _OLD_POOLING_KEYS.items()}
    _write(path, {"word_embedding_dimension": dimension, **old, **config})


def _write_normalize(folder: Path) -> None:
    path = folder / _CONFIG_FILE
    if path.is_file() and _without(_read(path), _NORMALIZE_DEFAULTS) == {}:
        path.unlink()


def _write_dense(folder: Path) -> None:
    path = folder / _CONFIG_FILE
    _write(path, _without(_read(path), {**_NORMALIZE_DEFAULTS, "use_residual": False}))


def _without(config: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    missing = object()
    return {key: value for key, value in config.items() if defaults.get(key, missing) != value}


def _read(path: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
