"""Support for bfloat16, which some devices imitate more slowly than they compute in fp32."""

from __future__ import annotations

import torch


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
