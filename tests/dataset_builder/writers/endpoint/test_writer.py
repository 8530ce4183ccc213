"""The writer ``endpoint``: what is asked about an item, and what becomes of the answer."""

from dataclasses import replace

import pytest

from dualview.dataset_builder.build.distributed.stage_settings import StageSettings
from dualview.dataset_builder.llm.conversation import Sampling
from dualview.dataset_builder.llm.model_names import published_name
from dualview.dataset_builder.llm.prompts import prompt_version
from dualview.dataset_builder.llm.setup import ClientSettings
from dualview.dataset_builder.schema import AttributedTopic, Passage, ViewPair, Writer
from dualview.dataset_builder.writers.endpoint import EndpointSettings
from dualview.dataset_builder.writers.endpoint.writing_questions import choose_targets
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings
from tests.dataset_builder.writers.endpoint.writing import (
    ANSWERS,
    FREE,
    GOOD,
    ITEM,
    PASSAGES,
    reversal,
    write,
)


def test_a_reversal_becomes_a_pair(tmp_path):
    (outcomes,), fake, rows, writer = write(tmp_path, [ITEM], [reversal(f"  {GOOD}\n")])
    target = choose_targets(ITEM, every=False)[0]
    others = tuple(it for it in ITEM.instruction_negatives if it != target)
    assert outcomes == [
        ViewPair(
            set_id="bread-1",
            query_id="bread-1",
            query="how do I keep a sourdough starter alive in the winter",
            instruction=ITEM.instruction,
            reversed_instruction=GOOD,
            positive=PASSAGES[0],
            reversed_positive=target,
            other_instruction_negatives=others,
            hard_negatives=ITEM.hard_negatives,
            answers=PASSAGES,
            lever="region",
            style="plain",
            writer=Writer("endpoint", "m", prompt_version("reversal"), 0.7),
            domain="home",
            source="mine",
            license="cc0-1.0",
        )
    ]
    assert rows == [("reversal", "written")]
    body = fake.bodies[0]
    assert (body["temperature"], body["max_tokens"]) == (0.7, 300)
    assert body["response_format"]["json_schema"]["schema"]["required"] == [
        "reasoning",
        "lever",
        "new_instruction",
    ]
    user = body["messages"][1]["content"]
    order = [user.index(passage.text) for passage in PASSAGES]
    assert order == sorted(order)
    assert f"Wanted is passage {'ABCD'[PASSAGES.index(target)]}." in user
    assert "Yoghurt" not in user
    assert writer.recipe()["used"]["requests"] == 1
    assert writer.describe() == Writer("endpoint", "m", None, 0.7)


def test_one_target_is_chosen_by_the_set_and_all_are_written_on_demand(tmp_path):
    chosen = [choose_targets(replace(ITEM, set_id=f"s{n}"), every=False)[0].docid for n in range(300)]
    assert {docid: chosen.count(docid) > 70 for docid in set(chosen)} == {"d1": True, "d2": True, "d3": True}
    assert chosen[7] == choose_targets(replace(ITEM, set_id="s7"), every=False)[0].docid
    (outcomes,), _, rows, _ = write(tmp_path, [ITEM], settings=WritingSettings(every_reversal=True))
    assert [pair.reversed_positive for pair in outcomes] == list(PASSAGES[1:])
    for pair in outcomes:
        assert {pair.positive, pair.reversed_positive, *pair.other_instruction_negatives} == set(PASSAGES)
    assert rows == [("reversal", "written")] * 3


def test_a_decline_is_kept_counted_and_not_asked_again(tmp_path):
    says = [reversal("None")]
    (outcomes,), fake, rows, _ = write(tmp_path, [ITEM], says)
    assert [(it.reason, it.reversed_instruction, it.positive) for it in outcomes] == [
        ("declined", None, PASSAGES[0])
    ]
    assert rows == [("reversal", "declined")]
    (again,), fake, _, writer = write(tmp_path, [ITEM])
    assert again == outcomes
    assert fake.came.total() == 0
    assert writer.recipe()["used"]["requests"] == 1


@pytest.mark.parametrize("lever", ["", None, 7, "x" * 99, {"a": 1}, "the passage\nsays so"])
def test_any_lever_is_taken(tmp_path, lever):
    (outcomes,), *_ = write(tmp_path, [ITEM], [reversal(lever=lever)])
    assert isinstance(outcomes[0], ViewPair)
    assert 0 < len(outcomes[0].lever) <= 30
    assert "\n" not in outcomes[0].lever


def test_passages_beyond_the_prompt_are_no_negatives(tmp_path):
    many = tuple(Passage(f"n{number}", "", f"Story number {number} of a jar.") for number in range(30))
    item = replace(ITEM, instruction_negatives=many)
    (outcomes,), fake, *_ = write(tmp_path, [item], [reversal()])
    shown = {outcomes[0].reversed_positive, *outcomes[0].other_instruction_negatives}
    assert len(shown) == 9
    user = fake.bodies[0]["messages"][1]["content"]
    assert {passage for passage in many if f"{passage.text}\n" in user} == shown
    assert len(outcomes[0].answers) == 31


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("/models/tiny.gguf", "tiny.gguf"),
        ("C:\\models\\tiny.gguf", "tiny.gguf"),
        ("../tiny.gguf", "tiny.gguf"),
        ("org/name", "org/name"),
        ("qwen3:8b", "qwen3:8b"),
        ("/", "/"),
    ],
)
def test_the_path_of_a_model_is_published_nowhere(model, name):
    assert published_name(model) == name


def test_the_actors_of_a_cluster_ask_for_the_model_by_the_name_that_the_server_knows(tmp_path):
    client = ClientSettings(base_url="http://127.0.0.1:1/v1")
    settings = EndpointSettings(client, tmp_path / "l.sqlite", FREE, Sampling(0.7, 300))
    *_, writer = write(tmp_path, [ITEM], [reversal(GOOD)])
    writer.asked_model = "/models/tiny.gguf"
    (sent,) = StageSettings.of([settings], None).shared_by(2, [writer], None).writers
    assert sent.client.model == "/models/tiny.gguf"


def test_which_items_are_taken(tmp_path):
    topic = AttributedTopic("t", "q", PASSAGES[:2], ({}, {}))
    *_, writer = write(tmp_path, [])
    assert writer.accepts(ITEM)
    assert writer.accepts(ANSWERS)
    assert not writer.accepts(replace(ITEM, instruction_negatives=()))
    assert not writer.accepts(replace(ANSWERS, answers=PASSAGES[:1], candidates=()))
    assert not writer.accepts(topic)
