"""Candidate sets and plain queries from single rows of Promptriever's corpus."""

from __future__ import annotations

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.schema import CandidateSet, Passage, PlainQuery
from dualview.dataset_builder.sources.source_protocol import SourceFacts
from dualview.dataset_builder.text_keys import text_key

_INSTRUCTED = "-instruct"


def parse_instance(row: Row, facts: SourceFacts) -> CandidateSet | PlainQuery | None:
    """The candidate set or plain query of a row; None if it has no query or no positive passage with text.

    A user cannot correct a corpus on the Hub, so a passage without usable text, or with the text of
    one before it, is left out. A row of another shape is an error.

    :raises InputError: if a field is missing or of the wrong type.
    """
    row_id = row.text("query_id")
    query, instruction = _query_and_instruction(row)
    seen: set[str] = set()
    positives = _passages(row, "positive_passages", seen)
    new_negatives = _passages(row, "new_negatives", seen)
    hard_negatives = _passages(row, "negative_passages", seen)
    if not query or not positives:
        return None
    query_id = row_id.removesuffix(_INSTRUCTED)
    if not instruction or not new_negatives:
        return PlainQuery(query_id, query, positives, hard_negatives, facts.name, facts.license)
    return CandidateSet(
        set_id=row_id,
        query_id=query_id,
        query=query,
        instruction=instruction,
        positive=positives[0],
        instruction_negatives=new_negatives,
        hard_negatives=hard_negatives,
        source=facts.name,
        license=facts.license,
    )


def _query_and_instruction(row: Row) -> tuple[str, str]:
    """The bare query and its instruction; either is empty where the row has none that can be used."""
    instructed = row.fields.get("has_instruction")
    if not isinstance(instructed, bool):
        raise InputError(f"{row.where}: 'has_instruction' is neither true nor false; make it one of them")
    instruction = _usable_text(row, "only_instruction") if instructed else ""
    query = _usable_text(row, "only_query")
    if not query and not instructed:
        query = _usable_text(row, "query")
    return query, instruction


def _passages(row: Row, name: str, seen: set[str]) -> tuple[Passage, ...]:
    """The passages of a list that have text and are not among those seen, which grow by them."""
    found = []
    for place, entry in enumerate(row.rows(name)):
        text = _usable_text(entry, "text")
        key = text_key(text)
        if not key or key in seen:
            continue
        seen.add(key)
        title = _usable_text(entry, "title")
        docid = _usable_text(entry, "docid") or f"{row.fields['query_id']}-{name}-{place}"
        found.append(Passage(docid, "" if title == "-" else title, text))
    return tuple(found)


def _usable_text(row: Row, name: str) -> str:
    """A text of the row without white space around it; empty if it is absent or no file can hold it."""
    value = row.fields.get(name)
    if value is not None and not isinstance(value, str):
        row.text(name)
    try:
        text = (value or "").strip()
        text.encode("utf-8")
    except UnicodeEncodeError:
        return ""
    return "" if "\0" in text else text
