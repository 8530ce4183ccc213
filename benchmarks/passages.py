"""Measures how long the source ``passages`` takes for a large corpus, and whether its memory stays flat.

    python benchmarks/passages.py ../shared/data                     # 100,000 passages
    python benchmarks/passages.py ../shared/data --passages 20000
    python benchmarks/passages.py ../shared/data --write corpus.jsonl   # for benchmarks/contrasts.py

The corpus is that of the films and of MedQuAD, again and again with changes until there are so many passages.
Memory is the largest that the process has held; the first figure is that of the program without a corpus.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dualview.dataset_builder.sources.passages import open_sources
from dualview.dataset_builder.sources.text_settings import TextSettings

_CORPORA = ("movies/movies.jsonl.gz", "medquad/medquad.jsonl.gz")
_KEPT = ("year", "genres", "type", "source")
_CHANGES = ("old", "new", "first", "second", "other")


def main(args: Sequence[str] | None = None) -> int:
    """Write the corpus, read it as a source twice, and print what it takes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help=f"folder with {' and '.join(_CORPORA)}")
    parser.add_argument("--passages", type=int, default=100_000, metavar="N")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the corpus there, measure nothing")
    given = parser.parse_args(args)
    if given.write is not None:
        _write(given.write, given)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.jsonl"
        _write(path, given)
        (source,) = open_sources(str(path), TextSettings(language="en"))
        sys.stdout.write(f"start: {_memory()} MiB\n")
        for reading in ("first", "second"):
            wall, used = time.perf_counter(), time.process_time()
            items = sum(1 for _ in source)
            sys.stdout.write(
                f"{reading} reading: {items:,} items, {time.process_time() - used:.0f} s of one processor, "
                f"{time.perf_counter() - wall:.0f} s in all, {_memory()} MiB\n"
            )
    return 0


def _write(path: Path, given: argparse.Namespace) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(
            f"{json.dumps(row, ensure_ascii=False)}\n" for row in islice(_rows(given.data), given.passages)
        )


def _rows(data: Path) -> Iterator[dict[str, object]]:
    """The passages of both corpora, then the same with changes, without end."""
    for copy in count():
        for number, name in enumerate(_CORPORA):
            with gzip.open(data / name, "rt", encoding="utf-8") as file:
                for line, row in enumerate(map(json.loads, file)):
                    text = row.get("text") or row["answer"]
                    if copy:
                        text = text.replace("the ", f"the {_CHANGES[copy % len(_CHANGES)]} ")
                        text += f" Copy {copy} of {number}-{line}."
                    yield {
                        "text": text,
                        "title": row.get("title") or row["focus"],
                        **{key: row[key] for key in _KEPT if key in row},
                    }


def _memory() -> int:
    """Largest memory of the process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
