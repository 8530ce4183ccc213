"""Export of a model's query side to a folder that other programs load, checked before it is there.

Passages are encoded by the base model, as in an index that is there already.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.cards.model_facts import FACTS_FILE, load_facts
from dualview.cards.query_card import (
    OnnxFile,
    QueryFacts,
    save_query_facts,
    write_plain_query_card,
    write_query_card,
)
from dualview.trainer.encoders.models import load_model, resolve_model, stored_template
from dualview.trainer.new_folder import new_folder
from dualview.trainer.serving.onnx_files import check_can_write_onnx, write_onnx
from dualview.trainer.serving.onnx_measuring import LOWEST_COSINE, measure_onnx
from dualview.trainer.serving.query_model import query_model, save_query_model

#: Of weights that are stored with fewer bits.
LOWEST_COSINE_HALF = 0.999
QUERIES = tuple(f"what to know about topic {number}, but nothing on its price" for number in range(200))

Dtype = Literal["float32", "float16", "bfloat16"]


@dataclass(frozen=True)
class Export:
    """An exported query encoder.

    :ivar lowest_cosine: lowest cosine of its vectors to those of ``encode_query``, over all checked queries.
    :ivar onnx: what was measured of each ONNX file.
    """

    path: Path
    queries: int
    lowest_cosine: float
    onnx: tuple[OnnxFile, ...] = ()

    def __str__(self) -> str:
        first = (
            f"{self.path}: lowest cosine {self.lowest_cosine:.6f} to encode_query over {self.queries} queries"
        )
        return "\n".join([first, *(f"{self.path / file.path}: {file}" for file in self.onnx)])


def export(
    model: str | os.PathLike[str],
    out: str | os.PathLike[str],
    queries: Sequence[str] = QUERIES,
    *,
    onnx: bool = False,
    dtype: Dtype | None = None,
    dataset: str | os.PathLike[str] = "",
    split: str = "test",
) -> Export:
    """Write the query side of a model to a folder of its own, and compare its vectors with the model's.

    A model with one encoder for both sides is written as it is.

    :param model: folder or Hub id of a trained model.
    :param out: a folder that is absent or empty.
    :param queries: texts for the comparison, at least one.
    :param onnx: write ``onnx/model.onnx`` and ``onnx/model_qint8.onnx`` too, for ONNX Runtime.
    :param dtype: of the stored weights; None keeps that of the model. ONNX files are made from float32.
    :param dataset: folder or Hub id of a dual-view dataset; with it, the loss of the ONNX files in flips and
        nDCG@10 is measured on its ``split``.
    :raises InputError: if the model or the folder cannot be used, the vectors differ, or a package for ONNX
        is missing.
    """
    name, folder = os.fspath(model), Path(out)
    if not queries:
        raise InputError("there are no queries to compare the vectors on; give some, or leave them out")
    trained = load_model(name)
    exported = query_model(trained)
    if onnx:
        check_can_write_onnx(exported, name)
    elif dataset:
        raise InputError("a dataset measures what ONNX files lose; add --onnx (onnx=True), or leave it out")
    template = stored_template(Path(resolve_model(name)))
    if dtype is not None:
        exported.to(getattr(torch, dtype))
    with new_folder(folder) as made:
        save_query_model(exported, made, template)
        lowest = lowest_cosine(trained, load_model(str(made), device="cpu"), queries)
        needed = LOWEST_COSINE if dtype in (None, "float32") else LOWEST_COSINE_HALF
        if lowest < needed:
            raise InputError(
                f"{model}: the exported vectors differ from encode_query (lowest cosine {lowest:.4f}); "
                "nothing was written"
            )
        files: tuple[OnnxFile, ...] = ()
        if onnx:
            write_onnx(query_model(trained), made)
            files = measure_onnx(trained, made, queries, os.fspath(dataset), split, template)
        _write_card(name, made, files)
    return Export(folder, len(queries), lowest, files)


def lowest_cosine(
    trained: SentenceTransformer, exported: SentenceTransformer, queries: Sequence[str]
) -> float:
    """Return the lowest cosine between ``encode_query`` of a model and ``encode`` of its export."""
    # In half precision, the texts that a batch is padded with move a vector more than an export could.
    wanted = trained.float().encode_query(list(queries), convert_to_tensor=True).cpu()
    found = exported.float().encode(list(queries), convert_to_tensor=True).cpu()
    return float(torch.nn.functional.cosine_similarity(wanted, found).min())


def _write_card(model: str, made: Path, files: tuple[OnnxFile, ...]) -> None:
    """Write the card, from the facts of the model where it has some."""
    trained_in = Path(resolve_model(model))
    if (trained_in / FACTS_FILE).is_file():
        facts = QueryFacts(load_facts(trained_in), files)
        save_query_facts(made, facts)
        write_query_card(made, facts)
    else:
        write_plain_query_card(made)
