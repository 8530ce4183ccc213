"""The source ``promptriever``: the training corpus of Promptriever (arXiv 2409.11136), or files in its shape.

The reader relies on these facts, from the card of ``samaya-ai/msmarco-w-instructions`` on the Hub and from
programs that others published to read it (the data itself was not available):

- One split, ``train``, of 980,250 rows in Parquet: MS MARCO queries, about half of them with an instruction
  (``has_instruction``). The ``query_id`` of these ends in ``-instruct``.
- ``query`` is the model's training text, query and instruction joined; ``only_query`` and
  ``only_instruction`` hold the two apart.
- ``positive_passages``, ``negative_passages`` (about thirty, which do not answer the query) and
  ``new_negatives`` (up to three, written to answer the query and break the instruction) are lists of
  ``docid``, ``title``, ``text``. The first and the last also carry ``explanation``, ``followir_score`` and
  ``joint_id``, which are not used: the corpus was filtered by that score before it was published. MS MARCO
  writes ``-`` for a missing title.

A row with an instruction and an instruction negative becomes a candidate set, any other a plain query.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from dualview.cards.terminal import write_line
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.schema import CandidateSet, PlainQuery
from dualview.dataset_builder.sources.promptriever_instances import parse_instance
from dualview.dataset_builder.sources.promptriever_rows import (
    find_record_files,
    pin_revision,
    read_records,
    stream_records,
)
from dualview.dataset_builder.sources.source_protocol import (
    UNKNOWN_LICENSE,
    SourceFacts,
    sha256_of_file,
)
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.text_keys import text_hash

HUB_ID = "samaya-ai/msmarco-w-instructions"
_SPLIT = "train"
_COLUMNS = (
    "query_id",
    "query",
    "only_query",
    "only_instruction",
    "has_instruction",
    "positive_passages",
    "negative_passages",
    "new_negatives",
)
_ORIGIN = (
    "Promptriever's training corpus (arXiv 2409.11136): queries and passages of MS MARCO, which is for "
    "non-commercial research, with instructions and instruction negatives written by language models"
)


@dataclass(frozen=True)
class PromptrieverSettings:
    """Settings of the source ``promptriever``.

    :param revision: commit, tag or branch on the Hub; None for the newest.
    """

    revision: str | None = None

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> PromptrieverSettings:
        """The settings that the flags give."""
        return cls(args.promptriever_revision)


@dataclass
class PromptrieverSource:
    """Candidate sets and plain queries from rows in the shape of Promptriever's corpus.

    :param files: local files; none to read ``dataset`` on the Hub.
    :param revision: its commit there.
    """

    facts: SourceFacts
    files: tuple[Path, ...] = ()
    dataset: str = ""
    revision: str = ""
    _reported: bool = field(default=False, init=False)

    def __iter__(self) -> Iterator[CandidateSet | PlainQuery]:
        """An item a row, in the order of the rows; rows without a usable positive are left out and counted.

        A set with the id of an earlier one gets another id: rows of one id would count as one set.

        :raises InputError: if a row is of another shape.
        """
        left_out = 0
        ids: set[int] = set()
        again: Counter[str] = Counter()
        for row in self._rows():
            item = parse_instance(row, self.facts)
            if item is None:
                left_out += 1
                continue
            if isinstance(item, CandidateSet):
                if (hashed := text_hash(item.set_id)) in ids:
                    again[item.set_id] += 1
                    item = replace(item, set_id=f"{item.set_id}-again-{again[item.set_id]}")
                ids.add(hashed)
            yield item
        if left_out and not self._reported:
            write_line(f"{self.facts.name}: left out {left_out} rows without a query or a positive passage.")
            self._reported = True

    def describe(self) -> SourceFacts:
        """The facts with a digest of each local file."""
        return replace(self.facts, files=tuple((path.name, sha256_of_file(path)) for path in self.files))

    def _rows(self) -> Iterator[Row]:
        if self.files:
            return read_records(self.files, _COLUMNS)
        return stream_records(self.dataset, _SPLIT, self.revision, _COLUMNS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the version of the corpus."""
    group = parser.add_argument_group("source promptriever[:FOLDER, FILE or HUB ID]")
    group.add_argument(
        "--promptriever-revision",
        default=None,
        metavar="REVISION",
        help=f"commit, tag or branch on the Hub (default: the newest commit of {HUB_ID})",
    )


def open_sources(
    argument: str, settings: PromptrieverSettings, text: TextSettings
) -> list[PromptrieverSource]:
    """The corpus on the Hub, or local Parquet or JSONL files in its shape.

    :param argument: a path, or an id on the Hub; empty for Promptriever's own corpus.
    :raises InputError: if it is neither.
    """
    license_name = "other" if text.license == UNKNOWN_LICENSE else text.license
    origin = text.origin or _ORIGIN
    if argument and (Path(argument).exists() or not _is_hub_id(argument)):
        facts = SourceFacts("promptriever", license_name, f"{origin}; read from local files.", ("en",))
        return [PromptrieverSource(facts, files=tuple(find_record_files(Path(argument))))]
    dataset = argument or HUB_ID
    commit = pin_revision(dataset, settings.revision)
    origin = f"{origin}; read from {dataset} on the Hub, commit {commit}."
    return [
        PromptrieverSource(
            SourceFacts("promptriever", license_name, origin, ("en",)), dataset=dataset, revision=commit
        )
    ]


def _is_hub_id(name: str) -> bool:
    return name.count("/") == 1 and not name.startswith((".", "/", "~")) and not name.endswith(".parquet")
