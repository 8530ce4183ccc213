"""Tables that describe a user's corpus: its attributes, their wordings, and its queries.

``medquad.yaml`` and ``movies.yaml`` beside this file are two, with comments on each key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_text
from dualview.cards.yaml_reader import parse_yaml
from dualview.dataset_builder.writers.facets.attribute_entries import (
    check_keys,
    read_attribute,
    read_wordings,
)
from dualview.dataset_builder.writers.facets.conditions import Attribute
from dualview.dataset_builder.writers.facets.evidence import Evidence, read_evidence
from dualview.dataset_builder.writers.facets.frames import Noun
from dualview.dataset_builder.writers.facets.grouping import Grouping, read_grouping
from dualview.dataset_builder.writers.facets.vocabulary import Vocabulary

_KEYS = ("name", "license", "origin", "language", "noun", "passage", "leave_out", "topics", "attributes")
# Tables of this folder that describe no corpus.
_NO_CORPUS = ("attributes.yaml", "frames.yaml")


@dataclass(frozen=True)
class CorpusTable:
    """Description of a corpus.

    :ivar text: the field with a passage's text; ``title`` and ``docid`` where the corpus has such fields.
    :ivar leave_out: a text with one of these in it is skipped.
    :ivar digest: SHA-256 of the table, in hexadecimal.
    :ivar where: the table's file or name, for messages.
    :ivar evidence: attribute -> words in a text that show its values, for attributes that the text must show.
    """

    name: str
    license: str | None
    origin: str | None
    languages: tuple[str, ...]
    text: str
    title: str | None
    docid: str | None
    leave_out: tuple[str, ...]
    grouping: Grouping
    attributes: Mapping[str, Attribute]
    evidence: Mapping[str, Evidence]
    digest: str = ""
    where: str = ""

    def fields(self) -> tuple[str, ...]:
        """All fields of a corpus that the table names."""
        named = (self.text, self.title, self.docid)
        grouped = (key.field for key in self.grouping.keys)
        return tuple(dict.fromkeys(name for name in (*named, *grouped, *self.attributes) if name is not None))

    @property
    def vocabulary(self) -> Vocabulary:
        """The attributes of the table and no others."""
        return Vocabulary(dict(self.attributes))


def load_corpus_table(given: str) -> CorpusTable:
    """The table in a YAML file, or one that is shipped, by its name.

    :raises InputError: if there is none, or it is wrong.
    """
    path = Path(given)
    if not path.exists():
        shipped = _list_shipped()
        if given not in shipped:
            raise InputError(f"{given}: no such table; give a YAML file, or one of {', '.join(shipped)}")
        path = Path(str(files(__package__))) / f"{given}.yaml"
    text = read_text(path)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return replace(read_corpus_table(parse_yaml(text, given), given), digest=digest)


def read_corpus_table(table: object, where: str) -> CorpusTable:
    """The table as it was read from YAML.

    :param where: the file, for the messages.
    :raises InputError: if it is wrong.
    """
    if not isinstance(table, dict):
        raise InputError(f"{where}: is not a mapping; see facets/movies.yaml for the form")
    check_keys(table, _KEYS, where)
    passage = _texts(table, "passage", ("text", "title", "id"), where)
    noun = _texts(table, "noun", ("one", "many"), where)
    if len(noun) == 1:
        raise InputError(f"{where}: 'noun' has only '{next(iter(noun))}'; give one and many: a film, films")
    entries = table.get("attributes")
    if not isinstance(entries, dict) or not entries:
        raise InputError(f"{where}: has no 'attributes'; name at least one field that distinguishes passages")
    called = Noun(**noun)
    return CorpusTable(
        where=where,
        name=_text(table, "name", where),
        license=_optional_text(table, "license", where),
        origin=_optional_text(table, "origin", where),
        languages=(_text(table, "language", where),) if table.get("language") else (),
        text=passage.get("text", "text"),
        title=passage.get("title"),
        docid=passage.get("id"),
        leave_out=read_wordings(table.get("leave_out", []), f"{where}, leave_out", least=0),
        grouping=read_grouping(table.get("topics"), f"{where}, topics"),
        attributes={
            str(name): read_attribute(str(name), entry, f"{where}, attribute '{name}'", called)
            for name, entry in entries.items()
        },
        evidence={
            str(name): evidence
            for name, entry in entries.items()
            if (evidence := read_evidence(entry, f"{where}, attribute '{name}'")) is not None
        },
    )


def _texts(table: Mapping[str, object], key: str, known: tuple[str, ...], where: str) -> dict[str, str]:
    """A mapping of strings that may be left out."""
    entry = table.get(key) or {}
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise InputError(f"{where}: '{key}' is not a mapping of strings; it may have {', '.join(known)}")
    check_keys(entry, known, f"{where}, {key}")
    return entry


def _optional_text(table: Mapping[str, object], key: str, where: str) -> str | None:
    return _text(table, key, where) if table.get(key) else None


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: lacks '{key}'; add it as a string")
    return value


def _list_shipped() -> list[str]:
    found = (entry.name for entry in files(__package__).iterdir())
    return sorted(
        name.removesuffix(".yaml") for name in found if name.endswith(".yaml") and name not in _NO_CORPUS
    )
