from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from dualview.cards.errors import HubError
from dualview.cards.readme import BY_HAND_END, BY_HAND_START
from dualview.cards.space_card import SpaceFacts, read_space_facts, render_space_card

README = """---
title: Flip the instruction
emoji: 🔁
colorFrom: indigo
colorTo: yellow
sdk: gradio
sdk_version: 6.31.0
python_version: "3.11"
app_file: app.py
models:
- acme/base
- ./a folder
license: apache-2.0
short_description: Flip an instruction
---

# Flip the instruction

Text with *Markdown* of its own.
"""


@pytest.fixture
def space_facts() -> SpaceFacts:
    return read_space_facts(README, ["app.py"], "README.md", ["org/dualview-305m"], ["org/dualview-ifir"])


def test_golden(space_facts: SpaceFacts, golden: Callable[[str, str], None]) -> None:
    golden("space_card.md", render_space_card(space_facts))


def test_metadata_reads_back(space_facts: SpaceFacts) -> None:
    data = SpaceCard(render_space_card(space_facts)).data
    assert (data.sdk, data.sdk_version, data["python_version"]) == ("gradio", "6.31.0", "3.11")
    assert data.models == ["org/dualview-305m"] and data.datasets == ["org/dualview-ifir"]
    assert "dual-view" in data.tags


def test_the_models_of_the_readme_stay_where_none_are_given() -> None:
    facts = read_space_facts(README, ["app.py"], "README.md")
    assert facts.models == ("acme/base",), "a folder is no model on the Hub"
    assert "datasets" not in SpaceCard(render_space_card(facts)).data.to_dict()


def test_a_placeholder_is_replaced_or_refused() -> None:
    readme = README.replace("acme/base", "org/dualview-minilm").replace(
        "license:", "datasets: [org/seeds]\nlicense:"
    )
    with pytest.raises(HubError, match=r"org/dualview-minilm is a placeholder; add --model"):
        read_space_facts(readme, ["app.py"], "README.md")
    facts = read_space_facts(readme, ["app.py"], "README.md", ["acme/model"])
    assert (facts.models, facts.datasets) == (("acme/model",), ())


def test_rendered_twice_it_is_the_same(space_facts: SpaceFacts) -> None:
    once = render_space_card(replace(space_facts, models=(), datasets=()))
    assert once.count(BY_HAND_START) == 1 and once.count("## Citation") == 1


def test_a_section_by_hand_stays_where_it_is() -> None:
    mine = f"{BY_HAND_START}\nAsk me.\n{BY_HAND_END}"
    facts = read_space_facts(f"{README}\n{mine}\n\n## More\n", ["app.py"], "README.md")
    card = render_space_card(facts)
    assert card.count(BY_HAND_START) == 1
    assert card.index("Ask me.") < card.index("## More") < card.index("## Citation")


def test_a_section_by_hand_that_is_not_closed(tmp_path: Path) -> None:
    facts = read_space_facts(f"{README}\n{BY_HAND_START}\n", ["app.py"], "README.md")
    with pytest.raises(HubError, match="never closed"):
        render_space_card(facts, "README.md")
