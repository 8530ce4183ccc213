"""The three shapes that a JSONL file may have, and the items that they become.

A *candidate set* is one line::

    {"id": "home-001", "query": "…", "instruction": "…", "positive": {"title": "…", "text": "…"},
     "instruction_negatives": [{"title": "…", "text": "…"}, …], "hard_negatives": [{…}],
     "reversals": [{"target": 0, "lever": "region", "instruction": "…"}], "paraphrase": "…"}

``target`` counts the instruction negatives from 0. An *attributed topic* is several lines, one after the
other::

    {"id": "things-001-a", "topic": "sourdough starter", "query": "sourdough starter", "title": "…",
     "text": "…", "attributes": {"aspect": "maintenance", "audience": "beginner"}}

An attribute may have several values, as a list. A *set with written views* is one line::

    {"id": "bike-1", "query": "…", "texts": [{"title": "…", "text": "…"}, {"title": "…", "text": "…"}],
     "views": [{"target": 0, "kind": "exclusion", "lever": "price", "instruction": "…"}, …]}

``target`` counts the texts from 0. ``kind`` is ``exclusion``, ``inclusion``, ``both`` or ``other``; a
``split`` (``train``, ``validation``, ``test``) holds whatever the seed of a build.

Titles, hard negatives, reversals, paraphrases, ``kind``, ``lever``, ``split``, ``style``, ``domain``,
``query_id``, ``source`` and ``license`` may be left out, and a passage may bring its ``docid``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.levers import canonical_lever
from dualview.dataset_builder.schema import AttributedTopic, CandidateSet, Passage, RecordedReversal, ViewSet
from dualview.dataset_builder.sources.shape_parts import Defaults, must_differ, parse_passage
from dualview.dataset_builder.sources.views.views_shape import parse_view_set


class Shape(Enum):
    """A shape of a JSONL file, by what its objects are."""

    SETS = "candidate sets"
    TOPICS = "passages with attributes"
    VIEWS = "sets with written views"


def shape_of(row: Row) -> Shape | None:
    """The shape of an object; None if it has no field by which one is known."""
    if "attributes" in row.fields:
        return Shape.TOPICS
    if "texts" in row.fields:
        return Shape.VIEWS
    return Shape.SETS if "positive" in row.fields else None


def parse_set(row: Row, shape: Shape, defaults: Defaults) -> CandidateSet | ViewSet:
    """The item of one line, of a shape whose items have one line each.

    :raises InputError: if a field is missing or wrong.
    """
    return parse_view_set(row, defaults) if shape is Shape.VIEWS else parse_candidate_set(row, defaults)


def parse_candidate_set(row: Row, defaults: Defaults) -> CandidateSet:
    """The candidate set of one line.

    :raises InputError: if a field is missing or wrong, or the set has no two different passages.
    """
    set_id = row.text("id")
    positive = parse_passage(row.nested("positive"), f"{set_id}-0")
    negatives = row.rows("instruction_negatives")
    if not negatives:
        raise InputError(
            f"{row.where}: the set has one passage; add at least one to 'instruction_negatives', "
            "or remove the line"
        )
    others = tuple(
        parse_passage(found, f"{set_id}-{place}") for place, found in enumerate(negatives, start=1)
    )
    hard = tuple(
        parse_passage(found, f"{set_id}-h{place}") for place, found in enumerate(row.rows("hard_negatives"))
    )
    must_differ(row.where, (positive, *others, *hard))
    return CandidateSet(
        set_id=set_id,
        query_id=row.optional_text("query_id") or set_id,
        query=row.text("query"),
        instruction=row.text("instruction"),
        positive=positive,
        instruction_negatives=others,
        hard_negatives=hard,
        style=row.optional_text("style") or "",
        domain=row.optional_text("domain") or defaults.domain,
        paraphrase=row.optional_text("paraphrase") or None,
        source=row.optional_text("source") or defaults.source,
        license=row.optional_text("license") or defaults.license,
        recorded=tuple(_reversal(found, others) for found in row.rows("reversals")),
    )


def parse_topic(rows: Sequence[Row], defaults: Defaults) -> AttributedTopic:
    """The attributed topic of the lines that name it.

    :raises InputError: if a field is missing or wrong, the queries differ, or there are no two passages.
    """
    first = rows[0]
    query = first.text("query")
    passages = []
    for row in rows:
        if row.text("query") != query:
            raise InputError(
                f"{row.where}: asks another query than the topic's first line; use one query a topic"
            )
        passages.append(parse_passage(row, row.text("id")))
    if len(passages) < 2:
        raise InputError(f"{first.where}: the topic has one passage; add others after it, or remove the line")
    must_differ(first.where, passages)
    return AttributedTopic(
        query_id=first.optional_text("query_id") or _common_id(passages) or first.text("topic"),
        query=query,
        passages=tuple(passages),
        attributes=tuple(_attributes(row) for row in rows),
        domain=first.optional_text("domain") or defaults.domain,
        source=first.optional_text("source") or defaults.source,
        license=first.optional_text("license") or defaults.license,
    )


def _reversal(row: Row, targets: Sequence[Passage]) -> RecordedReversal:
    place = row.integer("target")
    if not 0 <= place < len(targets):
        raise InputError(
            f"{row.where}: target {place} is none of the {len(targets)} instruction negatives; "
            f"count them from 0 to {len(targets) - 1}"
        )
    lever = canonical_lever(row.optional_text("lever") or "")
    return RecordedReversal(targets[place].docid, lever, row.text("instruction"))


def _attributes(row: Row) -> dict[str, str | tuple[str, ...]]:
    nested = row.nested("attributes")
    if not nested.fields:
        raise InputError(f"{nested.where}: is empty; name at least one attribute of the passage")
    return {name: nested.text_or_texts(name) for name in nested.fields}


def _common_id(passages: Sequence[Passage]) -> str:
    """``things-001`` for passages ``things-001-a``, ``things-001-b`` …; empty for ids of another form.

    Only a single letter counts: ``doc-1`` and ``doc-2`` share a stem with every other topic of their file.
    """
    matches = [re.fullmatch(r"(.+)-[a-z]", passage.docid) for passage in passages]
    stems = {match[1] if match else "" for match in matches}
    return stems.pop() if len(stems) == 1 else ""
