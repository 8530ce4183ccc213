"""Card of a dual-view dataset, written from the facts of its build.

The metadata holds the configs and their features, so ``load_dataset(folder, config)`` gives the declared
features from the folder and from the Hub.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from huggingface_hub import DatasetCard

from dualview.cards.dataset_facts import ConfigFacts, DatasetFacts
from dualview.cards.metadata.dataset_metadata import dataset_card_data
from dualview.cards.metadata.names import command_without_local_paths
from dualview.cards.readme import FILE_NAME, kept_by_hand, render, write_text
from dualview.cards.sections.dataset_sections import (
    column_table,
    count_table,
    describe_judge,
    example,
    loading_code,
    source_table,
    split_table,
    writer_table,
)
from dualview.cards.sections.instruction_sections import table_by_source, written_set_section
from dualview.cards.text import Markdown

__all__ = ["ConfigFacts", "DatasetFacts", "write_dataset_card"]

SHOWN_EXAMPLES = 3
SHOWN_LEVERS = 20


def write_dataset_card(folder: Path, facts: DatasetFacts) -> Path:
    """Write ``README.md`` into the folder of a dataset and return its path.

    Text between ``<!-- by hand -->`` and ``<!-- /by hand -->`` in an existing card is kept.

    :param folder: the folder that holds the data files.
    :raises CardError: if the card cannot be written, or such a section is not closed.
    """
    path = folder / FILE_NAME
    by_hand = kept_by_hand(path)
    # The library's own class parses the rendered text: a card that it cannot read is not written.
    card = DatasetCard(render_dataset_card(facts, by_hand))
    return write_text(path, str(card))


def render_dataset_card(facts: DatasetFacts, by_hand: Markdown) -> str:
    """Return the text of the card with its metadata.

    Absolute paths of this machine are replaced by their last component in the command.

    :param by_hand: the section written by hand, with its marks.
    """
    return render(
        "dataset_card.md.jinja",
        metadata=Markdown(dataset_card_data(facts).to_yaml()),
        facts=replace(facts, build_command=command_without_local_paths(facts.build_command)),
        loads=loading_code(facts.configs),
        columns=[(config.name, column_table(config.features)) for config in facts.configs],
        splits=split_table(facts.configs),
        yields=count_table("Stage", facts.yields),
        reasons=count_table("Reason", facts.rejected_by_reason, share_of="rejected"),
        levers=count_table("Lever", facts.levers, share_of="rows", longest=SHOWN_LEVERS),
        styles=count_table("Style", facts.styles, share_of="rows"),
        sources=source_table(facts.sources),
        writers=writer_table(facts.writers),
        judge=describe_judge(facts.judge),
        kinds=table_by_source(facts.kinds),
        lengths=table_by_source(facts.lengths),
        written=written_set_section(facts.written_sets) if facts.written_sets else None,
        examples=[example(row) for row in facts.example_rows[:SHOWN_EXAMPLES]],
        by_hand=by_hand,
    )
