"""What the ONNX files of an export lose against the model that they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.cards.query_card import OnnxFile, OnnxLoss
from dualview.trainer.data.published import load_rows, needed_split
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.flip_evaluator import FlipEvaluator
from dualview.trainer.serving.onnx_encoder import with_onnx
from dualview.trainer.serving.onnx_files import FULL, INT8

#: Of an export or an ONNX file in full precision; what int8 loses is shown, and left to the reader.
LOWEST_COSINE = 0.9999


def measure_onnx(
    trained: SentenceTransformer,
    folder: Path,
    queries: Sequence[str],
    dataset: str,
    split: str,
    template: str,
) -> tuple[OnnxFile, ...]:
    """Compare the ONNX files of an export with ``encode_query`` of the model.

    :param dataset: folder or Hub id of a dual-view dataset, or an empty string: then vectors alone are
        compared.
    :raises InputError: if the file in full precision gives other vectors, or the dataset cannot be used.
    """
    trained = trained.float().cpu()
    evaluator = _evaluator(dataset, split, template) if dataset else None
    before = evaluator(trained) if evaluator is not None else {}
    wanted = trained.encode_query(list(queries), convert_to_tensor=True)
    found = []
    for path in (FULL, INT8):
        model = with_onnx(trained, folder / path)
        vectors = model.encode_query(list(queries), convert_to_tensor=True)
        cosine = float(torch.nn.functional.cosine_similarity(wanted, vectors).min())
        if path == FULL and cosine < LOWEST_COSINE:
            raise InputError(
                f"{path}: its vectors differ from encode_query (lowest cosine {cosine:.4f}); nothing was "
                "written; export without --onnx"
            )
        losses: list[OnnxLoss] = []
        if evaluator is not None:
            now = evaluator(model)
            losses = [
                OnnxLoss(Path(dataset).name, split, metric, before[metric], now[metric])
                for metric in ("flip_accuracy", "instructed_ndcg_at_10")
            ]
        megabytes = (folder / path).stat().st_size / 1e6
        found.append(OnnxFile(path, megabytes, cosine, tuple(losses)))
    return tuple(found)


def _evaluator(dataset: str, split: str, template: str) -> FlipEvaluator:
    rows = needed_split(load_rows(dataset), split, dataset)
    return FlipEvaluator(benchmark_from_rows(rows, template=template))
