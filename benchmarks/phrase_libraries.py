"""Measures libraries for key phrases and dates beside what ``contrasts`` does itself, on passages of a file.

    pip install yake dateparser   # in an environment of its own: the project does not need them
    python benchmarks/phrase_libraries.py passages.jsonl

Times are those of one processor, in one run. Shows what some passages gave, to read by eye.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dualview.dataset_builder.phrases.choosing import choose_phrases
from dualview.dataset_builder.phrases.corpus import lexicon_of
from dualview.dataset_builder.phrases.frequencies import Frequencies
from dualview.dataset_builder.phrases.reading import read_passage
from dualview.dataset_builder.phrases.values import read_values
from dualview.dataset_builder.schema import Passage

_MOST = 10
_SHOWN = 4
T = TypeVar("T")


def main(args: Sequence[str] | None = None) -> int:
    """Time both libraries and our own code over the same passages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="JSONL of passages with a text, and a title")
    parser.add_argument("--passages", type=int, default=40, metavar="N")
    options = parser.parse_args(args)
    import yake
    from dateparser.search import search_dates

    with options.file.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in islice(file, options.passages)]
    passages = [Passage(str(place), row.get("title", ""), row["text"]) for place, row in enumerate(rows)]
    lexicon, frequencies = lexicon_of("en"), Frequencies()
    for passage in passages:
        frequencies.add(read_passage(passage, lexicon))
    extractor = yake.KeywordExtractor(lan="en", n=3, top=_MOST)

    def phrases(passage: Passage) -> list[str]:
        chosen = choose_phrases(read_passage(passage, lexicon), frequencies, _MOST)
        return [weighed.phrase.text for weighed in chosen]

    def values(passage: Passage) -> dict[str, list[float]]:
        return {kind.kind: sorted(v) for kind, v in read_values(passage.text, lexicon.words).items()}

    found = [
        _timed(passages, "phrases", phrases),
        _timed(passages, "yake", lambda one: [text for text, _ in extractor.extract_keywords(one.text)]),
        _timed(passages, "values", values),
        _timed(
            passages,
            "dateparser",
            lambda one: [text for text, _ in search_dates(one.text, languages=["en"]) or ()],
        ),
    ]
    for shown in islice(zip(*found, strict=True), _SHOWN):
        sys.stdout.write("\n" + "".join(f"  {one}\n" for one in shown))
    return 0


def _timed(passages: Sequence[Passage], name: str, find: Callable[[Passage], T]) -> list[T]:
    """What is found in each passage, after the first one was read once so that tables are loaded."""
    find(passages[0])
    started = time.process_time()
    found = [find(passage) for passage in passages]
    spent = (time.process_time() - started) / len(passages)
    sys.stdout.write(f"{name:12} {spent * 1e3:8.2f} ms a passage\n")
    return found


if __name__ == "__main__":
    sys.exit(main())
