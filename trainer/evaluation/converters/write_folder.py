"""Writes a local benchmark: checked as it will be read, and written as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from dualview.trainer.new_folder import new_folder


@dataclass
class Converted:
    """A converted benchmark.

    Its kinds and fields are those of :mod:`dualview.trainer.evaluation.benchmarks.folders.layout`.

    :param documents: id -> title and text.
    :param queries: records with ``_id`` and ``text``.
    :param views: records with ``query_id``, ``view`` and ``instruction`` or ``query``.
    :param qrels: view name -> query id -> document id -> label; the queries' own under an empty name.
    :param candidates: query id -> document ids; empty if the whole corpus is ranked.
    """

    kind: str
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)
    queries: list[dict[str, str]] = field(default_factory=list)
    views: list[dict[str, str]] = field(default_factory=list)
    qrels: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    candidates: dict[str, list[str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def judge(self, view: str, query_id: str, labels: Mapping[str, int]) -> None:
        """Add a query's judgements under a view."""
        self.qrels.setdefault(view, {}).setdefault(query_id, {}).update(labels)


def write_benchmark(out: Path, converted: Converted) -> None:
    """Write the folder.

    :raises InputError: if the folder exists and is not empty, cannot be written, or would not be read again.
    """
    with new_folder(out) as temporary:
        (temporary / "qrels").mkdir()
        settings = {"kind": converted.kind, "name": out.resolve().name, **converted.settings}
        (temporary / "benchmark.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
        _write_lines(
            temporary / "corpus.jsonl",
            ({"_id": docid, "title": t, "text": text} for docid, (t, text) in converted.documents.items()),
        )
        _write_lines(temporary / "queries.jsonl", converted.queries)
        _write_lines(temporary / "views.jsonl", converted.views)
        _write_lines(
            temporary / "candidates.jsonl",
            ({"query_id": query, "docids": docids} for query, docids in converted.candidates.items()),
        )
        for view, qrels in converted.qrels.items():
            path = temporary / "qrels" / f"{view}.tsv" if view else temporary / "qrels.tsv"
            lines = [f"{q}\t{d}\t{label}\n" for q, labels in qrels.items() for d, label in labels.items()]
            path.write_text("query-id\tcorpus-id\tscore\n" + "".join(lines), encoding="utf-8")
        _check(temporary, out)


def _check(written: Path, out: Path) -> None:
    """Read what was written; errors name the folder that it is meant for."""
    try:
        read_benchmark(written, strict=True)
    except InputError as error:
        reason = str(error).replace(str(written), str(out))
        raise InputError(f"the published files do not fit together: {reason}") from error


def _write_lines(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    if lines:
        path.write_text("".join(lines), encoding="utf-8")
