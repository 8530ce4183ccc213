"""Timing training steps, and counting what they compute."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from sentence_transformers import SentenceTransformer

from benchmarks.gpu_training.batches import Batch, dual_view_step, padding_share, triplet_step


@dataclass(frozen=True)
class Result:
    """One line of the table; times in seconds, memory in GB of 10^9 bytes, shares as fractions."""

    case: str
    loss: str
    attention: str
    compiled: bool
    sets: int
    step_seconds: float
    sets_per_second: float
    tokens_per_second: float
    padding_share: float
    tflops: float
    share_of_peak: float
    peak_memory_gb: float


def matrix_peak(device: str) -> float:
    """Measure a large bf16 matrix product on random data, in TFLOP/s."""
    size = 8192 if device == "cuda" else 512
    left, right = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        left @ right
    seconds = _timed(device, lambda: [left @ right for _ in range(10)] and None)
    return 10 * 2 * size**3 / seconds / 1e12


def step_flops(args: argparse.Namespace, batch: Batch, copies: int) -> float:
    """Operations of forward and backward pass over unpadded tokens.

    :param copies: how often each passage is encoded.
    """
    total = 0.0
    for features, times in ((batch.queries, 1), (batch.passages, copies)):
        lengths = features["attention_mask"].sum(dim=1).double()
        linear = 2 * (4 * args.hidden**2 + 3 * args.hidden * args.mlp) * lengths.sum()
        attention = 4 * args.hidden * (lengths**2).sum()
        total += times * args.layers * float(linear + attention)
    return 3 * total


def measure(
    args: argparse.Namespace, model: SentenceTransformer, batch: Batch, loss: str, attention: str, peak: float
) -> Result:
    """Time steps of one loss."""
    model.transformers_model.set_attn_implementation(attention)
    copies = 1 if loss == "DualViewLoss" else batch.views
    forward = dual_view_step(args, model, batch) if copies == 1 else triplet_step(model, batch)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, fused=args.device == "cuda")

    def step() -> None:
        with torch.autocast(args.device, dtype=torch.bfloat16):
            value = forward()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()

    for _ in range(2):
        step()
    if args.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    seconds = _timed(args.device, lambda: [step() for _ in range(args.steps)] and None) / args.steps
    tokens = int(batch.queries["attention_mask"].sum()) + copies * int(batch.passages["attention_mask"].sum())
    tflops = step_flops(args, batch, copies) / seconds / 1e12
    return Result(
        case=batch.name,
        loss=loss,
        attention=attention,
        compiled=_compiled(model),
        sets=batch.sets,
        step_seconds=seconds,
        sets_per_second=batch.sets / seconds,
        tokens_per_second=tokens / seconds,
        padding_share=padding_share(args, batch, loss, attention),
        tflops=tflops,
        share_of_peak=tflops / peak,
        peak_memory_gb=torch.cuda.max_memory_allocated() / 1e9 if args.device == "cuda" else float("nan"),
    )


def _compiled(model: SentenceTransformer) -> bool:
    return model.transformers_model.layers[0]._compiled_call_impl is not None


def _timed(device: str, work: Callable[[], None]) -> float:
    """Seconds that some work takes, the device's included."""
    if device == "cuda":
        torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began
