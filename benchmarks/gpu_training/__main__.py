"""Time a training step of a 305M encoder on a GPU: DualViewLoss beside MultipleNegativesRankingLoss.

    python -m benchmarks.gpu_training --out runs/gpu_training

The encoder has gte-multilingual-base's shape (12 layers, 768 wide, gated MLP of 3,072, rotary positions,
vocabulary of 250k, CLS pooling) and random weights, which do not change how long a step takes; it is made
with transformers' ModernBERT. A step is forward, backward, gradient clipping and fused AdamW, in bf16
(autocast over 32-bit weights).

Both losses see the same candidate sets, the same number of views and the same in-batch candidates: for V
views of V passages, MultipleNegativesRankingLoss gets V rows a set, each with its positive and the set's
other passages as negatives, so it encodes every passage V times.

What is printed: candidate sets and (unpadded) tokens a second, the share of computed tokens that are
padding, the share of the bf16 matrix-product peak that was measured in the same run, and the peak of
allocated memory. Floating point operations are those of the matrix products and of attention over the
unpadded tokens, three times the forward pass; nothing is recomputed.

It needs torch, transformers and sentence-transformers alone, and no network. On a CPU, for a try:

    python -m benchmarks.gpu_training --device cpu --layers 2 --hidden 64 --mlp 128 --vocab 1000 --tokens 32
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.gpu_training.batches import make_batch
from benchmarks.gpu_training.encoder import make_encoder
from benchmarks.gpu_training.measuring import Result, matrix_peak, measure
from dualview.trainer.encoders.packing import PACKED, register_packed_attention


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the sizes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--mlp", type=int, default=3072)
    parser.add_argument("--vocab", type=int, default=250_048)
    parser.add_argument("--tokens", type=int, default=512, help="tokens a passage")
    parser.add_argument("--query-tokens", type=int, default=48, help="tokens an instructed query")
    parser.add_argument(
        "--sets", type=int, default=64, help="candidate sets a step, of two views; of three: half"
    )
    parser.add_argument(
        "--chunk-tokens", type=int, default=0, help="tokens a forward pass (default: the trainer's)"
    )
    parser.add_argument("--steps", type=int, default=5, help="timed steps, after two others")
    parser.add_argument(
        "--budget", type=float, default=95.0, help="seconds after which no further case is begun"
    )
    parser.add_argument("--no-compile", action="store_true", help="leave the compiled cases out")
    parser.add_argument("--out", type=Path, default=None, help="folder for gpu_training.json")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases, the important ones first, and print a table."""
    args = parse_arguments(argv)
    began = time.monotonic()
    register_packed_attention()
    peak = matrix_peak(args.device)
    model = make_encoder(args)
    model.train()
    weights = sum(weight.numel() for weight in model.parameters())
    name = torch.cuda.get_device_name() if args.device == "cuda" else "CPU"
    _say(
        f"{name}; bf16 matrix product {peak:.1f} TFLOP/s; encoder of {weights / 1e6:.0f}M weights; "
        f"torch {torch.__version__}"
    )
    two = make_batch(args, f"2 views of 2 passages, {args.tokens} tokens", args.sets, 2)
    three = make_batch(args, f"3 views of 3 passages, {args.tokens} tokens", args.sets // 2, 3)
    varied = make_batch(args, "2 views of 2 passages, varied lengths", args.sets, 2, varied=True)
    doubled = make_batch(
        args, f"2 views of 2 passages, {args.tokens} tokens, twice the sets", 2 * args.sets, 2
    )
    ours, theirs = "DualViewLoss", "MultipleNegativesRankingLoss"
    plain = [
        (two, theirs, "sdpa"),
        (two, ours, "sdpa"),
        (two, ours, PACKED),
        (varied, ours, "sdpa"),
        (varied, ours, PACKED),
    ]
    compiled = [
        (doubled, ours, "sdpa"),
        (doubled, ours, PACKED),
        (two, ours, PACKED),
        (three, ours, PACKED),
        (varied, ours, PACKED),
        (two, theirs, "sdpa"),
        (three, theirs, "sdpa"),
        (two, ours, "sdpa"),
        (three, ours, "sdpa"),
    ]
    cases = [(*case, False) for case in plain] + [(*case, True) for case in compiled if not args.no_compile]
    cases += [(three, theirs, "sdpa", False), (three, ours, "sdpa", False)]
    results: list[Result] = []
    for batch, loss, attention, compile_layers in cases:
        if time.monotonic() - began > args.budget:
            _say(f"{batch.name}, {loss}, {attention}, compiled {compile_layers}: left out, the time is up")
            continue
        for layer in model.transformers_model.layers:
            layer._compiled_call_impl = None
            if compile_layers:
                layer.compile(dynamic=True)
        try:
            results.append(measure(args, model, batch, loss, attention, peak))
            _say(_line(results[-1]), f"[{time.monotonic() - began:.0f} s]")
        except Exception as error:  # one case that does not run must not cost the others
            _say(
                f"{batch.name}, {loss}, {attention}, compiled {compile_layers}: {type(error).__name__}: "
                f"{str(error)[:500]}"
            )
            model.zero_grad()
        gc.collect()
        if args.device == "cuda":
            torch.cuda.empty_cache()
    for line in ratios(results):
        _say(line)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        report = {
            "device": name,
            "matrix_peak_tflops": peak,
            "torch": torch.__version__,
            "results": [asdict(r) for r in results],
        }
        (args.out / "gpu_training.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def ratios(results: Sequence[Result]) -> list[str]:
    """Say how many times as many sets a second ours does, like with like."""
    lines = []
    for theirs in results:
        for ours in results:
            same = (ours.case, ours.compiled) == (theirs.case, theirs.compiled)
            if same and theirs.loss != "DualViewLoss" and ours.loss == "DualViewLoss":
                kind = "compiled" if ours.compiled else "not compiled"
                ratio = ours.sets_per_second / theirs.sets_per_second
                lines.append(
                    f"{ours.case}, {kind}, {ours.attention}: {ratio:.2f} x the sets a second of {theirs.loss}"
                )
    return lines


def _line(result: Result) -> str:
    return (
        f"{result.case}: {result.loss}, {result.attention}{', compiled' if result.compiled else ''}: "
        f"{result.step_seconds * 1e3:.0f} ms a step of {result.sets} sets, "
        f"{result.sets_per_second:.0f} sets/s, {result.tokens_per_second:,.0f} tokens/s, "
        f"padding {100 * result.padding_share:.1f}%, {result.tflops:.0f} TFLOP/s = "
        f"{100 * result.share_of_peak:.1f}% of the peak, {result.peak_memory_gb:.1f} GB"
    )


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
