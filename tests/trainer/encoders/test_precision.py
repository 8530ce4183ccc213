"""Support of bfloat16 by this device."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dualview.trainer.encoders.precision import computes_in_bfloat16, has_bfloat16
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings

CPU_INFO = Path("/proc/cpuinfo")


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({"avx2": True, "avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": True}, True),
        ({"neon": True, "bf16": True}, True),
        ({"neon": True, "bf16": False}, False),
    ],
)
def test_a_processor_has_bfloat16_if_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], expected: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert has_bfloat16("cpu") is expected


@pytest.mark.skipif(not CPU_INFO.is_file(), reason="the kernel does not tell what the processor has")
def test_this_processor_says_what_its_kernel_says() -> None:
    flags = set(CPU_INFO.read_text(encoding="utf-8").split())
    assert has_bfloat16("cpu") is bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


@pytest.mark.parametrize("there", [True, False])
def test_auto_takes_bfloat16_where_it_is(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dualview.trainer.encoders.precision.has_bfloat16", lambda device: there)
    assert computes_in_bfloat16("auto", "cpu") is computes_in_bfloat16("auto", "cuda") is there
    assert not computes_in_bfloat16("auto", "mps")
    assert computes_in_bfloat16("bf16", "cpu") and not computes_in_bfloat16("fp32", "cpu")


@pytest.mark.parametrize("there", [True, False])
def test_a_precision_that_slows_training_down_is_said(
    settings_for: Callable[..., TrainingSettings],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    there: bool,
) -> None:
    monkeypatch.setattr("dualview.trainer.runs.training.has_bfloat16", lambda device: there)

    def built(*parts: Any) -> None:
        raise RuntimeError("far enough")

    monkeypatch.setattr("dualview.trainer.runs.training.build_run", built)
    with caplog.at_level(logging.WARNING), pytest.raises(RuntimeError, match="far enough"):
        train(settings_for(precision="bf16"))
    logged = [record.getMessage() for record in caplog.records if "bf16" in record.getMessage()]
    assert logged == (
        []
        if there
        else [
            "precision is bf16, which this CPU has no instructions for: training is several times slower "
            "than with fp32"
        ]
    )
