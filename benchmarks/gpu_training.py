"""Time a training step of a 305M encoder on a GPU: DualViewLoss beside MultipleNegativesRankingLoss.

    python benchmarks/gpu_training.py --out runs/gpu_training

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

    python benchmarks/gpu_training.py --device cpu --layers 2 --hidden 64 --mlp 128 --vocab 1000 --tokens 32
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, models
from torch import Tensor
from transformers import AutoModel, ModernBertConfig, PreTrainedTokenizerFast

from trainer.embedding import chunk_size, chunks_by_length
from trainer.loss import DualViewLoss
from trainer.packing import PACKED, allow_packing, register_packed_attention
from trainer.relations import Relation, join_blocks

Features = dict[str, Any]


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


@dataclass(frozen=True)
class Batch:
    """Candidate sets of V instructed queries and V passages, tokenised."""

    name: str
    sets: int
    views: int
    queries: Features
    passages: Features


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


def make_encoder(args: argparse.Namespace) -> SentenceTransformer:
    """Build the encoder with random weights."""
    config = ModernBertConfig(
        vocab_size=args.vocab,
        hidden_size=args.hidden,
        num_hidden_layers=args.layers,
        num_attention_heads=args.heads,
        intermediate_size=args.mlp,
        max_position_embeddings=8192,
        layer_types=["full_attention"] * args.layers,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        cls_token_id=1,
        sep_token_id=2,
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1}, unk_token="[UNK]")),
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_max_length=args.tokens,
    )
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder, torch.device(args.device):
        AutoModel.from_config(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        module = Transformer(folder, model_kwargs={"attn_implementation": "sdpa"})
    model = SentenceTransformer(modules=[module, Pooling(args.hidden, "cls")], device=args.device)
    model.max_seq_length = args.tokens
    allow_packing(model)
    return model


def make_batch(args: argparse.Namespace, name: str, sets: int, views: int, varied: bool = False) -> Batch:
    """Draw token ids; ``varied``: passages between an eighth of the limit and the limit, mostly short."""
    generator = torch.Generator().manual_seed(sets * views)
    texts = sets * views
    lengths = torch.full((texts,), args.tokens)
    if varied:
        spread = torch.exp(torch.randn(texts, generator=generator) * 0.6) * args.tokens / 3
        lengths = spread.long().clamp(args.tokens // 8, args.tokens)
    queries = torch.randint(args.query_tokens // 2, args.query_tokens + 1, (texts,), generator=generator)
    return Batch(
        name, sets, views, _tokenised(args, queries, generator), _tokenised(args, lengths, generator)
    )


def _tokenised(args: argparse.Namespace, lengths: Tensor, generator: torch.Generator) -> Features:
    mask = (torch.arange(int(lengths.max()))[None, :] < lengths[:, None]).long()
    ids = torch.randint(3, args.vocab, mask.shape, generator=generator) * mask
    # With the lengths, as the trainer's collator gives them.
    return {
        "input_ids": ids.to(args.device),
        "attention_mask": mask.to(args.device),
        "lengths": lengths.tolist(),
    }


def dual_view_step(
    args: argparse.Namespace, model: SentenceTransformer, batch: Batch
) -> Callable[[], Tensor]:
    """Make the forward pass of DualViewLoss: every passage once."""
    block = torch.full((batch.views, batch.views), int(Relation.NEGATIVE))
    block.fill_diagonal_(int(Relation.RELEVANT))
    labels = join_blocks([block] * batch.sets, range(batch.sets), [False] * (batch.sets * batch.views))
    labels = {name: value.to(args.device) for name, value in labels.items()}
    loss = DualViewLoss(model, neutral_weight=0.0, chunk_tokens=args.chunk_tokens)
    return lambda: torch.stack(list(loss([batch.queries, batch.passages], labels).values())).sum()


def triplet_step(model: SentenceTransformer, batch: Batch) -> Callable[[], Tensor]:
    """Make the forward pass of MultipleNegativesRankingLoss: a row a view, with the set's other passages."""
    loss = MultipleNegativesRankingLoss(model, scale=50.0)
    device = batch.queries["input_ids"].device
    number = torch.arange(batch.sets * batch.views, device=device).reshape(batch.sets, batch.views)
    columns = [{key: batch.queries[key] for key in ("input_ids", "attention_mask")}]
    for shift in range(batch.views):
        rows = number.roll(-shift, dims=1).flatten()
        columns.append({key: batch.passages[key][rows] for key in ("input_ids", "attention_mask")})
    return lambda: loss([dict(column) for column in columns], torch.empty(0, device=device))


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


def padding_share(args: argparse.Namespace, batch: Batch, loss: str, attention: str) -> float:
    """Share of the tokens that go through the encoder and are padding."""
    computed = real = 0
    for features in (batch.queries, batch.passages):
        mask = features["attention_mask"]
        real += int(mask.sum())
        if loss == "DualViewLoss" and attention == PACKED:
            computed += int(mask.sum())
        elif loss == "DualViewLoss" and mask.numel() > (limit := chunk_size(mask.device, args.chunk_tokens)):
            _, chunks = chunks_by_length(features["lengths"], limit)
            computed += sum(len(chunk.lengths) * chunk.lengths[0] for chunk in chunks)
        else:
            computed += mask.numel()
    return 1 - real / computed


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
    ours, theirs = "DualViewLoss", "MultipleNegativesRankingLoss"
    plain = [
        (two, theirs, "sdpa"),
        (two, ours, "sdpa"),
        (two, ours, PACKED),
        (varied, ours, "sdpa"),
        (varied, ours, PACKED),
    ]
    compiled = [
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


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
