"""Whether a device multiplies in bfloat16 itself, or slower than in fp32 by imitating it."""

from __future__ import annotations

import torch


def has_bfloat16(device_type: str) -> bool:
    """Say whether bfloat16 makes a device faster.

    A processor without instructions for it computes the same numbers several times slower than in fp32.

    :param device_type: as ``torch.device`` has it: ``cpu``, ``cuda``, …
    """
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device_type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        # x86 has it in two forms, Arm in one.
        return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return True
