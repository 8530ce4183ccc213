"""Number formats of a model: those of its files, of the training, and those that a device computes in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import nn

from dualview.cards.errors import InputError


def has_bfloat16(device_type: str) -> bool:
    """Return whether a device computes in bfloat16 itself.

    A processor without instructions for it computes the same numbers several times slower than in fp32.

    :param device_type: that of a ``torch.device``: ``cpu``, ``cuda``, …
    """
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device_type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        # Two instruction sets of x86, one of Arm.
        return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return True


def computes_in_bfloat16(precision: str, device_type: str) -> bool:
    """Return whether a training's matrix products are in bfloat16.

    :param precision: the setting: ``fp32``, ``bf16`` or ``auto``.
    :param device_type: see :func:`has_bfloat16`; ``auto`` takes fp32 on what is neither a CPU nor CUDA.
    """
    if precision == "auto":
        return device_type in ("cpu", "cuda") and has_bfloat16(device_type)
    return precision == "bf16"


def bfloat16_products(device_type: str, wanted: bool) -> AbstractContextManager[object]:
    """Multiply matrices in bfloat16 in a block of code, or leave everything as it is.

    :param device_type: see :func:`has_bfloat16`.
    """
    return torch.autocast(device_type, dtype=torch.bfloat16) if wanted else nullcontext()


@dataclass(frozen=True)
class StoredPrecision:
    """Number formats in which a model's weights were stored, by name; integers are left out."""

    formats: Mapping[str, torch.dtype]

    @property
    def names(self) -> str:
        """Names of the formats, such as ``float16``."""
        return " and ".join(sorted({_name(dtype) for dtype in self.formats.values()}))


def to_full_precision(model: nn.Module) -> StoredPrecision:
    """Convert a model's weights to float32, in place, and return what they were.

    Steps of a usual learning rate are smaller than half precision resolves: weights trained in it would
    mostly stay as they are. Mixed precision computes in a lower one and still adds steps in float32.
    """
    formats = {name: value.dtype for name, value in _numbers(model)}
    model.float()
    return StoredPrecision(formats)


def check_save_dtype(stored: StoredPrecision, save_dtype: str, frozen_documents: bool) -> None:
    """Check that frozen passages are saved in the format that their vectors were made with.

    :raises InputError: if they are not.
    """
    if frozen_documents and save_dtype and stored.names != save_dtype:
        raise InputError(
            f"save_dtype: with frozen_documents, passages keep the base model's vectors, and it is stored in "
            f"{stored.names}; leave it out"
        )


def to_saved_precision(model: nn.Module, stored: StoredPrecision, save_dtype: str) -> None:
    """Convert a trained model's weights to the format that it is saved in, in place.

    :param save_dtype: name of the format; empty for that in which the base model's weights are stored.
    """
    for name, value in _numbers(model):
        value.data = value.data.to(getattr(torch, save_dtype) if save_dtype else stored.formats[name])


def describe_precision(stored: StoredPrecision, save_dtype: str) -> str:
    """Return a sentence for the card; empty where everything is float32."""
    saved = save_dtype or stored.names
    if stored.names == saved == "float32":
        return ""
    rounded = "" if saved == "float32" else "; the parts of a step that it does not resolve are lost"
    return (
        f"The base model is stored in {stored.names}. Its weights were trained in float32 and saved in "
        f"{saved}{rounded}."
    )


def _numbers(model: nn.Module) -> list[tuple[str, torch.Tensor]]:
    """List the floating-point parameters and buffers of a model."""
    both = (*model.named_parameters(), *model.named_buffers())
    return [(name, value) for name, value in both if value.is_floating_point()]


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
