"""The texts of the experiment: one dual-view dataset to train on, and the rows that are evaluated on."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict

from benchmarks.paper_small.decontaminate import EvaluationTexts, drop_contaminated, texts_of
from benchmarks.paper_small.one_way import one_way
from dualview.cards.errors import InputError
from dualview.cards.text_files import find_file, read_objects
from dualview.trainer.data.fingerprint import fingerprint_of
from dualview.trainer.data.published import load_rows

logger = logging.getLogger("dualview.paper_small")

CONDAQA = "condaqa/dev_pairs.jsonl.gz"
SCIFACT = "scifact"
_README = """---
configs:
- config_name: dual_view
  data_files:
  - {split: train, path: data/dual_view/train-*.parquet}
  - {split: validation, path: data/dual_view/validation-*.parquet}
  default: true
---
What `python -m benchmarks.paper_small` trains on; not for publication: it holds third-party text.
"""

Rows = list[Mapping[str, Any]]


def prepare(experiment: Mapping[str, Any], data: Path, work: Path) -> dict[str, Any]:
    """Build the corpora, leave out what is evaluated on, and write ``work/training`` and ``work/test``.

    :param experiment: of experiment.yaml.
    :param data: the folder of the third-party text.
    :return: what went in and what was dropped, as ``work/texts.json`` holds it too.
    :raises InputError: if some text is missing.
    """
    counts_file = work / "texts.json"
    counts: dict[str, Any]
    key = hashlib.sha256(
        json.dumps([experiment[name] for name in ("corpora", "queries", "pairs")]).encode()
    ).hexdigest()
    if counts_file.is_file():
        counts = json.loads(counts_file.read_text(encoding="utf-8"))
        if counts["key"] == key:
            return counts
    for name in (CONDAQA, SCIFACT):
        if not (data / name).exists():
            raise InputError(f"{data / name}: not there; say with --data where the third-party text lies")
    splits = {name: _build(name, corpus, data, work) for name, corpus in experiment["corpora"].items()}
    sizes = experiment["queries"]

    def take(split: str, name: str, rows: Rows) -> Rows:
        return _some(rows, sizes[split].get(name), experiment["pairs"][split])

    test = {name: take("test", name, list(rows["test"])) for name, rows in splits.items()}
    evaluated = EvaluationTexts()
    for text in _evaluation_texts(test, data):
        evaluated.add(text)
    counts = {"key": key, "dropped": {}, "pairs": {}, "queries": {}}
    taken: dict[str, dict[str, Rows]] = {"train": {}, "validation": {}, "test": test}
    for split in ("train", "validation"):
        for name, rows in splits.items():
            clean, dropped = drop_contaminated(rows[split], evaluated)
            counts["dropped"][f"{name}, {split}"] = dict(dropped)
            taken[split][name] = take(split, name, one_way(clean) if split == "train" else clean)
    for split, by_corpus in taken.items():
        for name, some in by_corpus.items():
            counts["pairs"][f"{name}, {split}"] = len(some)
            counts["queries"][f"{name}, {split}"] = len({row["query_id"] for row in some})
    _write(taken, work)
    counts["content"] = content_hash(work)
    counts_file.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    return counts


def _build(name: str, corpus: Mapping[str, str], data: Path, work: Path) -> DatasetDict:
    """Build one corpus with the builder's own command, or read what an earlier start built."""
    folder = work / "corpora" / name
    if not (folder / "recipe.json").is_file():
        kind, _, path = corpus["source"].partition(":")
        if path and not (data / path).is_file():
            raise InputError(f"{data / path}: not there; say with --data where the third-party text lies")
        source = f"{kind}:{data / path}" if path else kind
        command = [sys.executable, "-m", "dataset_builder", "build", "--source", source, "--overwrite"]
        command += ["--out", str(folder)]
        if "facets" in corpus:
            command += ["--facets", corpus["facets"]]
        logger.info("building %s", name)
        subprocess.run(command, check=True)
    return load_rows(str(folder))


def _some(rows: Rows, queries: int | None, pairs: int) -> Rows:
    """Take some queries and some pairs of each, the same ones whatever the order; all queries for None."""
    by_query: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_query[row["query_id"]].append(row)
    chosen: Rows = []
    for query_id in sorted(by_query, key=_hash)[:queries]:
        by_set: dict[str, Rows] = defaultdict(list)
        for row in by_query[query_id]:
            by_set[row["set_id"]].append(row)
        for set_id in sorted(by_set, key=_hash)[:pairs]:
            chosen += by_set[set_id]
    return chosen


def _evaluation_texts(test: Mapping[str, Rows], data: Path) -> Iterator[str]:
    for rows in test.values():
        for row in rows:
            yield from texts_of(row)
    for _, pair in read_objects(data / CONDAQA):
        yield from (pair["query"], pair["positive"], pair["violating"])
    for name in ("corpus", "queries"):
        for line in scifact_lines(data, name):
            yield line["text"]


def scifact_lines(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """The lines of SciFact's ``corpus`` or ``queries``.

    :raises InputError: if they are not there or cannot be read.
    """
    path = find_file(data / SCIFACT, f"{name}.jsonl")
    if path is None:
        raise InputError(f"{data / SCIFACT}: holds no {name}.jsonl or {name}.jsonl.gz")
    for _, line in read_objects(path):
        yield line


def _write(taken: Mapping[str, Mapping[str, Rows]], work: Path) -> None:
    folder = work / "training" / "data" / "dual_view"
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "validation"):
        rows = [{**row, "source": _source(name, row)} for name, of in taken[split].items() for row in of]
        Dataset.from_list(rows).to_parquet(folder / f"{split}-00000-of-00001.parquet")
    (work / "training" / "README.md").write_text(_README, encoding="utf-8")
    (work / "test").mkdir(exist_ok=True)
    rows = [{**row, "source": _source(name, row)} for name, of in taken["test"].items() for row in of]
    for source in sorted(Counter(row["source"] for row in rows)):
        of_source = [row for row in rows if row["source"] == source]
        Dataset.from_list(of_source).to_parquet(work / "test" / f"{source}.parquet")


def content_hash(work: Path) -> str:
    """Hash of the prepared rows: what figures of several machines must agree in to stand side by side."""
    test = {path.stem: Dataset.from_parquet(str(path)) for path in (work / "test").glob("*.parquet")}
    return fingerprint_of([load_rows(str(work / "training")), DatasetDict(test)])


def _source(corpus: str, row: Mapping[str, Any]) -> str:
    """Where a row comes from: the corpus, but the two parts of the shipped text apart."""
    return row["source"] if corpus == "seeds" else corpus


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
