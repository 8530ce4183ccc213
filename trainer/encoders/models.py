"""Loading encoders: from a folder, the Hub, or an installed Python package that has one in it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer

from dualview.cards.errors import InputError, reason_of
from dualview.cards.hub.errors import explain_known
from dualview.trainer.encoders.base_kinds import complete_tokenizers
from dualview.trainer.encoders.limits import check_max_tokens, limit_to_positions
from dualview.trainer.encoders.packing import PACKED, allow_packing, register_packed_attention
from dualview.trainer.query_template import DEFAULT_TEMPLATE, check_template

PACKAGE_PREFIX = "package:"
CONFIG_FILE = "config_sentence_transformers.json"
#: Key of the template of query and instruction in a saved model's configuration.
TEMPLATE_KEY = "instruction_template"

# In the order in which encode_document looks for them.
_DOCUMENT_PROMPTS = ("document", "passage", "corpus")


def resolve_model(name: str) -> str:
    """Resolve a model's name to a folder or Hub id that SentenceTransformer loads.

    :param name: a folder, a Hub id, or ``package:NAME/SUBFOLDER`` for a folder inside an installed package.
    :raises InputError: if the package or the folder is missing.
    """
    if not name.startswith(PACKAGE_PREFIX):
        looks_local = name.startswith((".", "/", "~")) or name.count("/") > 1 or Path(name).exists()
        folder = Path(name).expanduser()
        if looks_local and not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise InputError(
                f"model {name}: no model in this folder; give a SentenceTransformer folder or a Hub id"
            )
        return str(folder) if looks_local else name
    package, _, inside = name.removeprefix(PACKAGE_PREFIX).partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        distribution = package.replace("_", "-")
        raise InputError(
            f"model {name}: package {package!r} is not installed; run pip install {distribution}"
        )
    folder = Path(spec.origin).parent / inside
    if not folder.is_dir():
        raise InputError(f"model {name}: package {package!r} has no folder {inside!r}")
    return str(folder)


def load_model(
    name: str,
    max_tokens: int | None = None,
    device: str | None = None,
    attn_implementation: str = "",
    **options: Any,  # noqa: ANN401 - those of SentenceTransformer
) -> SentenceTransformer:
    """Load an encoder.

    :param name: see :func:`resolve_model`.
    :param max_tokens: cut texts at this number of tokens; None keeps the model's own limit.
    :param attn_implementation: a name that transformers knows, or ``packed`` (see
        :mod:`dualview.trainer.encoders.packing`).
    :param options: further arguments of ``SentenceTransformer``.
    :raises InputError: if there is no such model, it cannot be reached, or it has no such attention.
    """
    if attn_implementation:
        options["model_kwargs"] = {"attn_implementation": attn_implementation}
        register_packed_attention()
    path = resolve_model(name)
    try:
        model = SentenceTransformer(path, device=device, **options)
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # of the Hub, of a file's format, of pickled code that is not run, and others
        raise InputError(
            explain_known(error, name)
            or f"model {name}: cannot be loaded ({reason_of(error)}); check the folder or Hub id"
        ) from error
    complete_tokenizers(model, name)
    if len({weights.dtype for weights in model.parameters() if weights.is_floating_point()}) > 1:
        # A Dense layer is loaded in float32 beside an encoder in half precision, which cannot be multiplied.
        model.float()
    limit_to_positions(model)
    if max_tokens:
        check_max_tokens(model, max_tokens, name)
        if model.transformers_model is not None:
            model.max_seq_length = max_tokens
    if attn_implementation == PACKED:
        allow_packing(model)
    return model


def training_prompts(model: SentenceTransformer | CrossEncoder) -> dict[str, str]:
    """Prompts that ``encode_query`` and ``encode_document`` put before a text, by column of a batch."""
    document = next((model.prompts[name] for name in _DOCUMENT_PROMPTS if name in model.prompts), "")
    return {"anchor": model.prompts.get("query") or "", "document": document or ""}


def store_template(folder: Path, template: str) -> None:
    """Write the template of query and instruction into a saved model's configuration."""
    path = folder / CONFIG_FILE
    config = json.loads(path.read_text(encoding="utf-8"))
    config[TEMPLATE_KEY] = template
    path.write_text(json.dumps(config, indent=2, sort_keys=True), encoding="utf-8")


def stored_template(folder: Path) -> str:
    """Read the template of query and instruction from a saved model; the default where it has none.

    :raises InputError: if the stored template is wrong.
    """
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return DEFAULT_TEMPLATE
    return check_template(str(config.get(TEMPLATE_KEY, DEFAULT_TEMPLATE)))
