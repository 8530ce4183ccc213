"""Files of a saved model, in the layout of sentence-transformers and transformers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dualview.cards.errors import HubError
from dualview.cards.hub.selection import Selection, linked_files, select_files
from dualview.cards.model_facts import FACTS_FILE
from dualview.cards.query_card import QUERY_FACTS_FILE
from dualview.cards.readme import FILE_NAME

MODULES_FILE = "modules.json"
CONFIG_FILE = "config.json"
_ROUTER_FILE = "router_config.json"
_ROOT_FILES = (FILE_NAME, FACTS_FILE, QUERY_FACTS_FILE, MODULES_FILE, "LICENSE*", "NOTICE*")
# Of each module, and of the model itself.
_MODULE_FILES = (
    CONFIG_FILE, "config_sentence_transformers.json", "sentence_*_config.json", _ROUTER_FILE,
    "generation_config.json", "adapter_config.json", "quantize_config.json",
    "*.safetensors", "*.safetensors.index.json",
    "tokenizer.json", "*tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "bpe.codes", "emoji.json", "normalizer.json",
    "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "*.spm", "*.tiktoken",
    "chat_template.jinja", "chat_template.json", "preprocessor_config.json", "processor_config.json",
    "wordembedding_config.json",
)  # fmt: skip
# Weights for the backends `onnx` and `openvino` of sentence-transformers.
_BACKEND_FILES = ("onnx/*.onnx", "onnx/*.onnx_data", "openvino/*.xml", "openvino/*.bin")


def select_model_files(folder: Path, include: Sequence[str] = ()) -> Selection:
    """Select the files of a model's folder that are published.

    :param include: patterns of further files.
    :raises HubError: if the folder holds no model, if its weights are a pickle, or if it needs code that is
        not included; see also :func:`dualview.cards.hub.selection.select_files`.
    """
    if not folder.is_dir():
        raise HubError(f"{folder}: no such folder")
    if not (folder / MODULES_FILE).is_file() and not (folder / CONFIG_FILE).is_file():
        raise HubError(
            f"{folder}: holds no model (neither {MODULES_FILE} nor {CONFIG_FILE}); train one first"
        )
    modules = _modules(folder)
    selection = select_files(folder, _belongs(folder, modules), include)
    _check_weights(folder, selection, modules)
    _check_code(folder, selection, modules)
    return selection


def _belongs(folder: Path, modules: Mapping[str, str]) -> Callable[[str], bool]:
    card = folder / FILE_NAME
    linked = (
        linked_files(card.read_text(encoding="utf-8", errors="replace")) if card.is_file() else frozenset()
    )

    def belongs(path: str) -> bool:
        parent, _, name = path.rpartition("/")
        return (
            path in linked
            or (parent in modules and any(fnmatchcase(name, pattern) for pattern in _MODULE_FILES))
            or any(fnmatchcase(path, pattern) for pattern in (*_ROOT_FILES, *_BACKEND_FILES))
        )

    return belongs


def _modules(folder: Path) -> dict[str, str]:
    """Return the folders of the modules, with the name of each module's class; the root is ``""``."""
    modules = {"": ""}
    entries = _read_json(folder / MODULES_FILE)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("path"), str):
            modules[entry["path"].strip("/")] = str(entry.get("type", ""))
    for path in list(modules):
        for name, kind in _read_mapping(folder / path / _ROUTER_FILE, "types").items():
            modules[f"{path}/{name}".strip("/")] = str(kind)
    return modules


def _check_weights(folder: Path, selection: Selection, modules: Mapping[str, str]) -> None:
    """:raises HubError: if the weights of a module are stored as a pickle only."""
    with_weights = {path.rpartition("/")[0] for path in selection.paths if path.endswith(".safetensors")}
    for path in selection.staying:
        parent, _, name = path.rpartition("/")
        if fnmatchcase(name, "pytorch_model*.bin") and parent in modules and parent not in with_weights:
            raise HubError(
                f"{folder / path}: is a pickle, which can run code when it is loaded; save the model as "
                "safetensors"
            )


def _check_code(folder: Path, selection: Selection, modules: Mapping[str, str]) -> None:
    """:raises HubError: if the model cannot be loaded without a Python file that is not published."""
    needed = {f"{kind.partition('.')[0]}.py" for kind in modules.values()}
    for path in modules:
        for value in _read_mapping(folder / path / CONFIG_FILE, "auto_map").values():
            # `owner/name--file.Class` names a file of another repository.
            first = value[0] if isinstance(value, list) and value else value
            needed.add(f"{path}/{str(first).partition('.')[0]}.py".lstrip("/"))
    for path in sorted(needed & set(selection.staying)):
        raise HubError(
            f"{folder / path}: is code that the model needs; read it, and add --include {path} to publish it"
        )


def _read_mapping(path: Path, field: str) -> dict[str, Any]:
    """Return a field of a JSON file; empty without the file, or if the field is not a mapping."""
    content = _read_json(path)
    found = content.get(field) if isinstance(content, dict) else None
    return found if isinstance(found, dict) else {}


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except (OSError, ValueError, RecursionError) as error:
        raise HubError(f"{path}: is not readable JSON ({error}); save the model again") from error
