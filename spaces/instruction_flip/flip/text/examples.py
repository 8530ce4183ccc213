"""Examples of the demo: the shipped ones, or the test split of a dual-view dataset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from flip.text.inputs import clean
from flip.types import Example, FlipError, Passage, View

SHIPPED = Path(__file__).with_name("examples.json")
#: Maximum number of examples, to keep the gallery usable.
MAX_EXAMPLES = 2_000
ALL = "all"
#: Kind of two instructions of which each names what the other one wants, as unwanted.
OPPOSITE = "opposite"
OTHER = "other"
_SHARDS = "data/dual_view/test-*.parquet"
_COLUMNS = [
    "set_id", "query", "instruction", "reversed_instruction", "positive", "reversed_positive",
    "other_instruction_negatives", "hard_negatives", "lever", "domain", "source",
]  # fmt: skip
#: Columns that datasets of earlier versions lack.
_MORE_COLUMNS = ["kind", "reversed_kind", "writer"]


def load_examples(dataset: str | None) -> list[Example]:
    """Load the shipped examples, or those of a dataset.

    :param dataset: a folder in the Hub's layout or a Hub dataset id; None for the shipped examples.
    :raises FlipError: if there is no such dataset or it cannot be read.
    """
    examples = load_shipped(SHIPPED) if not dataset else plainest(pairs_of(load_sets(dataset)))
    if not examples:
        raise FlipError(f"{dataset or SHIPPED.name} contains no examples")
    return examples[:MAX_EXAMPLES]


def load_sets(dataset: str) -> list[Example]:
    """Read the candidate sets of a dataset's test split, each with all its views.

    :raises FlipError: as ``load_examples``.
    """
    return load_dataset_folder(_folder(dataset), dataset)


def load_shipped(path: Path) -> list[Example]:
    """Read examples from JSON: a list of sets, each with its views and passages."""
    return [
        Example(
            set_id=row["set_id"],
            query=row["query"],
            views=tuple(View(**view) for view in row["views"]),
            passages=tuple(Passage(**passage) for passage in row["passages"]),
            domain=row["domain"],
            source=row["source"],
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]


def load_dataset_folder(folder: Path, name: str) -> list[Example]:
    """Read the test split of the config ``dual_view``, one example per candidate set.

    :param name: the dataset's name in error messages.
    :raises FlipError: if shards are missing, unreadable or without a required column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    shards = sorted(folder.glob(_SHARDS))
    if not shards:
        raise FlipError(f"{name!r} has no {_SHARDS}: build it with python -m dataset_builder build")
    rows: list[dict[str, Any]] = []
    for shard in shards:
        try:
            present = pq.read_schema(shard).names
            if missing := [column for column in _COLUMNS if column not in present]:
                raise FlipError(
                    f"{shard.name} of {name!r} lacks the column {missing[0]!r}: build the dataset again"
                )
            more = [column for column in _MORE_COLUMNS if column in present]
            rows += pq.read_table(shard, columns=[*_COLUMNS, *more]).to_pylist()
        except (OSError, pa.ArrowException) as error:
            first_line = str(error).splitlines()[0]
            raise FlipError(f"cannot read {shard.name} of {name!r}: {first_line}") from error
    return group_rows(rows)


def pairs_of(examples: Iterable[Example]) -> list[Example]:
    """Return every pair of instructions of every set that want different passages; all passages stay."""
    pairs = (replace(example, views=pair) for example in examples for pair in combinations(example.views, 2))
    return [pair for pair in pairs if pair.views[0].wanted != pair.views[1].wanted]


def plainest(pairs: Iterable[Example]) -> list[Example]:
    """Return one pair per query: real opposites before others, and of these the one with the fewest words.

    How models rank them plays no part.

    :return: in the same order.
    """
    by_query: dict[str, list[Example]] = {}
    for pair in pairs:
        by_query.setdefault(pair.query, []).append(pair)
    return sorted((min(found, key=_plain) for found in by_query.values()), key=_plain)


def are_opposites(example: Example) -> bool:
    """Check that each instruction rules out what the other one wants."""
    return all(view.kind == OPPOSITE for view in example.views)


def _plain(example: Example) -> tuple[bool, int, int, str]:
    """Words of both instructions, then characters; ids decide ties."""
    characters = sum(len(view.instruction) for view in example.views)
    return not are_opposites(example), example.words, characters, example.set_id


def group_rows(rows: Iterable[Mapping[str, Any]]) -> list[Example]:
    """Merge the rows of each candidate set, one per reversed view, into examples in input order."""
    sets: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        sets.setdefault(row["set_id"], []).append(row)
    return [_example(set_id, group) for set_id, group in sets.items()]


def _example(set_id: str, rows: Sequence[Mapping[str, Any]]) -> Example:
    first = rows[0]
    views: dict[str, View] = {}
    passages: dict[str, Passage] = {}
    for row in rows:
        lever, kinds = row["lever"] or "", _kinds(row)
        pairs = [
            (row["instruction"], row["positive"], "", kinds[0]),
            (row["reversed_instruction"], row["reversed_positive"], lever, kinds[1]),
        ]
        for instruction, wanted, turns_on, kind in pairs:
            # Keyed by instruction, as all rows of a set repeat the original one.
            view = View(clean(instruction), wanted["docid"], turns_on, kind)
            views.setdefault(view.instruction, view)
        documents = [row["positive"], row["reversed_positive"]]
        documents += row["other_instruction_negatives"] or []
        documents += row["hard_negatives"] or []
        for document in documents:
            passage = Passage(document["docid"], clean(document["title"]), clean(document["text"]))
            passages.setdefault(passage.docid, passage)
    return Example(
        set_id=set_id,
        query=clean(first["query"]),
        views=tuple(views.values()),
        passages=tuple(passages.values()),
        domain=first["domain"] or OTHER,
        source=first["source"] or "",
    )


def _kinds(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kinds of a row's two instructions.

    What a rule writes from two values of one attribute, naming both, is a pair of opposites.
    """
    kinds = row.get("kind") or "", row.get("reversed_kind") or ""
    by_rule = (row.get("writer") or {}).get("kind") == "facets"
    return (OPPOSITE, OPPOSITE) if by_rule and kinds == ("both", "both") else kinds


def _folder(dataset: str) -> Path:
    folder = Path(dataset).expanduser()
    if folder.is_dir():
        return folder
    if dataset.count("/") != 1 or dataset.startswith((".", "/", "~")):
        raise FlipError(f"no dataset folder {dataset!r}: build it first, or give another folder or a Hub id")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(dataset, repo_type="dataset", allow_patterns=[_SHARDS]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise FlipError(f"no dataset folder {dataset!r}, and the Hub has no such dataset") from error


def subjects(examples: Sequence[Example]) -> list[str]:
    """Return the headings of the gallery, sorted."""
    return sorted({example.subject for example in examples})
