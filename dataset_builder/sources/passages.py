"""The source ``passages:FILE``: passages without queries, in JSONL.

Each line has a ``text``, and a ``title`` and an ``id`` where there are any::

    {"id": "guide-1", "title": "Sourdough starter", "text": "Feed it once a day ..."}

Passages that are about the same phrase become the answers to a query about it, see
:mod:`~dualview.dataset_builder.sources.shared_phrases`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.json_rows import read_rows
from dualview.dataset_builder.phrases.corpus import guess_language
from dualview.dataset_builder.schema import AnswerSet, Passage
from dualview.dataset_builder.sources.pipes import copy_if_pipe
from dualview.dataset_builder.sources.shared_phrases import SharedPhrases
from dualview.dataset_builder.sources.source_protocol import SourceFacts, sha256_of_file
from dualview.dataset_builder.sources.text_settings import TextSettings

_READ_TO_GUESS = 20


class PassagesSource:
    """Answer sets made of a file's passages; two passages with the same text are one."""

    def __init__(self, path: Path, facts: SourceFacts) -> None:
        self.facts = facts
        self._path = path

    def __iter__(self) -> Iterator[AnswerSet]:
        """The answer sets; the file is read once.

        :raises InputError: if a line is wrong, or no two passages are about the same.
        """
        found = 0
        for item in self._groups:
            found += len(item.answers)
            yield item
        if not found:
            raise InputError(
                f"{self._path}: no two passages are about the same name or expression; give more of them, or "
                "queries with their answers"
            )

    def describe(self) -> SourceFacts:
        """The facts with a digest of the file."""
        return replace(self.facts, files=((self._path.name, sha256_of_file(self._path)),))

    @cached_property
    def _groups(self) -> SharedPhrases:
        language = self.facts.languages[0] if self.facts.languages else self._guess()
        return SharedPhrases(self._read, self.facts.name, self.facts.license, language)

    def _guess(self) -> str:
        texts = []
        for passage in self._read():
            texts.append(passage.encoded)
            if len(texts) == _READ_TO_GUESS:
                break
        language = guess_language(" ".join(texts))
        write_line(f"{self.facts.name}: taken to be in the language '{language}'; --language says another.")
        return language

    def _read(self) -> Iterator[Passage]:
        for line, row in read_rows(self._path):
            docid = row.optional_text("id") or f"{self.facts.name}-{line}"
            yield Passage(docid, row.optional_text("title") or "", row.text("text"))


def open_sources(argument: str, text: TextSettings) -> list[PassagesSource]:
    """The source of one file, named like the file.

    :raises InputError: if there is no such file.
    """
    if not argument:
        raise InputError("--source passages: names no file; write it like passages:guides.jsonl")
    path = copy_if_pipe(Path(argument))
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    name = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    return [PassagesSource(path, text.facts(name, f"The file {path.name}"))]
