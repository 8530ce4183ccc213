"""The texts of the experiment: two dual-view datasets to train on, and the rows that are evaluated on."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict

from benchmarks.paper_small.decontaminate import EvaluationTexts, drop_contaminated, texts_of
from benchmarks.paper_small.jobs import ALL_ROWS, ONE_WAY
from benchmarks.paper_small.one_way import one_way
from dualview.cards.errors import InputError
from dualview.cards.text_files import find_file, read_objects
from dualview.trainer.data.fingerprint import fingerprint_of
from dualview.trainer.data.published import load_config, load_rows

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
- config_name: compositions
  data_files:
  - {split: train, path: data/compositions/train-*.parquet}
  - {split: validation, path: data/compositions/validation-*.parquet}
---
What `python -m benchmarks.paper_small` trains on; not for publication: it holds third-party text.
"""

Rows = list[Mapping[str, Any]]


def prepare(experiment: Mapping[str, Any], data: Path, work: Path) -> dict[str, Any]:
    """Build the corpora, leave out what is evaluated on, and write what is trained and measured on.

    ``work/all`` has all rows that are left, as a user trains on them; ``work/one-way`` those in which
    originals alone do not teach the reversal (:mod:`benchmarks.paper_small.one_way`); ``work/test`` the test
    rows.

    :param experiment: of experiment.yaml.
    :param data: the folder of the third-party text.
    :return: what went in and what was dropped, as ``work/texts.json`` holds it too.
    :raises InputError: if some text is missing.
    """
    counts_file = work / "texts.json"
    counts: dict[str, Any]
    key = hashlib.sha256(
        json.dumps(
            [experiment[name] for name in ("corpora", "queries", "sets_a_query", "compositions")]
        ).encode()
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
        return _some(rows, sizes[split].get(name), experiment["sets_a_query"][split].get(name))

    test = {name: take("test", name, list(rows["test"])) for name, rows in splits.items()}
    evaluated = EvaluationTexts()
    for text in _evaluation_texts(test, data):
        evaluated.add(text)
    counts = {"key": key, "dropped": {}, "pairs": {}, "queries": {}}
    taken: dict[str, dict[str, Rows]] = {"one-way": {}, "train": {}, "validation": {}, "test": test}
    compositions: dict[str, Rows] = {"train": [], "validation": []}
    for split in ("train", "validation"):
        for name, rows in splits.items():
            clean, dropped = drop_contaminated(rows[split], evaluated)
            counts["dropped"][f"{name}, {split}"] = dict(dropped)
            taken[split][name] = take(split, name, clean)
            if split == "train":
                taken["one-way"][name] = take(split, name, one_way(clean))
            found = list(load_config(str(_corpus_folder(name, work)), "compositions")[split])
            step = max(1, len(found) // experiment["compositions"].get(name, len(found)))
            compositions[split] += [
                row for row in found[::step] if not row["query"] or not evaluated.reason(row["query"])
            ]
    for split, by_corpus in taken.items():
        for name, some in by_corpus.items():
            counts["pairs"][f"{name}, {split}"] = len(some)
            counts["queries"][f"{name}, {split}"] = len({row["query_id"] for row in some})
    _write_training(work / ALL_ROWS, taken["train"], taken["validation"], compositions)
    _write_training(work / ONE_WAY, taken["one-way"], taken["validation"], compositions)
    _write_test(work / "test", test)
    counts["content"] = content_hash(work)
    counts_file.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    return counts


def _corpus_folder(name: str, work: Path) -> Path:
    return work / "corpora" / name


def _build(name: str, corpus: Mapping[str, str], data: Path, work: Path) -> DatasetDict:
    """Build one corpus with the builder's own command, or read what an earlier start built."""
    folder = _corpus_folder(name, work)
    if not (folder / "recipe.json").is_file():
        kind, _, path = corpus["source"].partition(":")
        if path and not (data / path).is_file():
            raise InputError(f"{data / path}: not there; say with --data where the third-party text lies")
        source = f"{kind}:{data / path}" if path else kind
        command = [sys.executable, "-m", "dualview", "build", "--source", source, "--overwrite"]
        command += ["--out", str(folder)]
        if "facets" in corpus:
            command += ["--facets", corpus["facets"]]
        logger.info("building %s", name)
        subprocess.run(command, check=True)
    return load_rows(str(folder))


def _some(rows: Rows, queries: int | None, sets: int | None) -> Rows:
    """Take some queries and some sets of each, the same ones whatever the order; all of them for None."""
    by_query: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_query[row["query_id"]].append(row)
    chosen: Rows = []
    for query_id in sorted(by_query, key=_hash)[:queries]:
        by_set: dict[str, Rows] = defaultdict(list)
        for row in by_query[query_id]:
            by_set[row["set_id"]].append(row)
        for set_id in sorted(by_set, key=_hash)[:sets]:
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


def _write_training(
    folder: Path, train: Mapping[str, Rows], validation: Mapping[str, Rows], compositions: Mapping[str, Rows]
) -> None:
    """Write a dataset as the trainer reads it."""
    configs = {
        "dual_view": {"train": _with_source(train), "validation": _with_source(validation)},
        "compositions": compositions,
    }
    for config, splits in configs.items():
        (folder / "data" / config).mkdir(parents=True, exist_ok=True)
        for split, rows in splits.items():
            Dataset.from_list(rows).to_parquet(folder / "data" / config / f"{split}-00000-of-00001.parquet")
    (folder / "README.md").write_text(_README, encoding="utf-8")


def _write_test(folder: Path, test: Mapping[str, Rows]) -> None:
    """Write a file a source."""
    folder.mkdir(exist_ok=True)
    rows = _with_source(test)
    for source in sorted({row["source"] for row in rows}):
        of_source = [row for row in rows if row["source"] == source]
        Dataset.from_list(of_source).to_parquet(folder / f"{source}.parquet")


def content_hash(work: Path) -> str:
    """Hash of the prepared rows: what figures of several machines must agree in to stand side by side."""
    test = {path.stem: Dataset.from_parquet(str(path)) for path in (work / "test").glob("*.parquet")}
    training = [load_rows(str(work / rows)) for rows in (ALL_ROWS, ONE_WAY)]
    return fingerprint_of([*training, DatasetDict(test)])


def _with_source(by_corpus: Mapping[str, Rows]) -> list[dict[str, Any]]:
    """All rows, each with where it comes from: the corpus, but the parts of the shipped text apart."""
    return [
        {**row, "source": row["source"] if corpus == "seeds" else corpus}
        for corpus, rows in by_corpus.items()
        for row in rows
    ]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
