"""Makes topics of the passages under the headings of one level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dualview.dataset_builder.schema import AttributedTopic
from dualview.dataset_builder.sources.passages.headings import clean_heading, distinct_headings
from dualview.dataset_builder.sources.passages.record import Record
from dualview.dataset_builder.sources.source_protocol import SourceFacts
from dualview.dataset_builder.writers.contrasts.wording_table import fill, load_wordings
from dualview.dataset_builder.writers.facets.draws import Draw

#: The attribute that holds a passage's heading.
HEADING = "heading"
_MOST_PASSAGES = 8
_MOST_TOPIC_WORDS = 12


def topics_of(records: Sequence[Record], facts: SourceFacts, language: str) -> Iterator[AttributedTopic]:
    """The attributed topics of the passages under one title or heading.

    Sections whose heading says nothing, or shares a word with another one's, are in the topic without it.
    Passages that all have one heading are no topic.

    :param records: in the order of the document; those of one topic.
    """
    name = records[0].topic
    if len(name.split()) > _MOST_TOPIC_WORDS:
        return
    text = "\n".join(record.passage.text for record in records)
    cleaned = [clean_heading(record.heading, text) for record in records]
    for number, start in enumerate(range(0, len(records), _MOST_PASSAGES)):
        part = records[start : start + _MOST_PASSAGES]
        own = cleaned[start : start + _MOST_PASSAGES]
        if len({record.heading for record in part}) < 2:
            continue
        kept = distinct_headings(heading for heading in own if heading)
        draw = Draw(facts.name, records[0].document, name, str(number))
        yield AttributedTopic(
            query_id=f"{facts.name}:{records[0].document}:{name}:{number}",
            query=fill(draw.pick(load_wordings(language).queries), t=name),
            passages=tuple(record.passage for record in part),
            attributes=tuple({HEADING: (one,)} if one in kept else {} for one in own),
            source=facts.name,
            license=facts.license,
        )
