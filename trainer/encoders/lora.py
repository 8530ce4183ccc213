"""Low-rank adapters (LoRA, arXiv 2106.09685) through PEFT, merged at the end."""

from __future__ import annotations

from typing import Any

from sentence_transformers import SentenceTransformer
from torch import nn

from dualview.cards.errors import InputError


def add_lora(model: SentenceTransformer, rank: int) -> None:
    """Freeze the encoder and add adapters to all of its linear layers.

    :raises InputError: if PEFT is not installed, or the model takes no adapters.
    """
    try:
        from peft import LoraConfig, TaskType
    except ImportError as error:
        raise InputError("lora_rank needs the package peft; run pip install 'dualview[lora]'") from error
    try:
        model.add_adapter(
            LoraConfig(
                task_type=TaskType.FEATURE_EXTRACTION,
                r=rank,
                lora_alpha=2 * rank,
                target_modules="all-linear",
            )
        )
    except ValueError as error:
        raise InputError(f"lora_rank: {error}") from error


def merge_lora(model: SentenceTransformer) -> None:
    """Merge the adapters into the weights and remove them, so that the model loads without PEFT."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, BaseTunerLayer) and isinstance(child, nn.Module):
                layer: Any = child
                layer.merge(safe_merge=True)
                setattr(parent, name, layer.get_base_layer())
    encoder: Any = model.transformers_model
    encoder._hf_peft_config_loaded = False
    encoder.requires_grad_(True)
