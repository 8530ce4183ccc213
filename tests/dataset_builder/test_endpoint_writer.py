"""The writer ``endpoint``: what is asked about an item, and what becomes of every kind of answer."""

import asyncio
import json
from dataclasses import replace

import pytest

from dataset_builder.endpoint.client import LlmClient
from dataset_builder.endpoint.connection import find_server
from dataset_builder.endpoint.conversation import Sampling
from dataset_builder.endpoint.pacing import Backoff
from dataset_builder.endpoint.pairs import choose_targets
from dataset_builder.endpoint.prompts import prompt_version
from dataset_builder.endpoint.setup import LlmRun
from dataset_builder.endpoint.writer import EndpointWriter, WritingSettings
from dataset_builder.schema import (
    AnswerSet,
    AttributedTopic,
    CandidateSet,
    Passage,
    Rejection,
    ViewPair,
    Writer,
)
from tests.dataset_builder.llm_server.replies import GERMAN, INJECTION
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

PASSAGES = tuple(
    Passage(f"d{place}", f"Bread {place}", text)
    for place, text in enumerate(
        [
            "Feed the starter every morning with rye flour and keep it warm near the oven.",
            "In Alaska miners carried sourdough under their coats, so the frost would not kill it.",
            "A laboratory in Bolzano counted two hundred kinds of yeast in jars from nine countries.",
            "Discard half of the jar, says the baker, or it will overflow by Wednesday evening.",
        ]
    )
)
ITEM = CandidateSet(
    set_id="bread-1",
    query_id="bread-1",
    query="how do I keep a sourdough starter alive in the winter",
    instruction="Only advice for daily care at home.",
    positive=PASSAGES[0],
    instruction_negatives=PASSAGES[1:],
    hard_negatives=(Passage("h", "", "Yoghurt cultures are sold in small sachets."),),
    style="plain",
    domain="home",
    source="mine",
    license="cc0-1.0",
)
ANSWERS = AnswerSet("bread-2", "bread-2", ITEM.query, PASSAGES[:2], PASSAGES[2:], source="mine")
GOOD = "I want history: how people in the far north kept theirs alive."
PARAPHRASE = "Restrict it to tips on looking after one in your own kitchen each day."


def reversal(text=GOOD, **more):
    return (
        json.dumps({"reasoning": "…", "lever": "Region (exclusion)", "new_instruction": text, **more}),
        "stop",
    )


def write(tmp_path, items, says=(), settings=None, **behaviour):
    """The outcomes of the items, the server that was asked, and the rows of the ledger."""

    async def run():
        fake = FakeLlm(Behaviour(says=list(says), **behaviour))
        server = find_server(f"http://127.0.0.1:{await fake.start()}/v1", None, 5)
        ledger = LlmRun.open(tmp_path / "l.sqlite")
        client = LlmClient(server, "m", ledger.ledger, "openai", backoff=Backoff(0.001, 0.01), max_tries=2)
        writer = EndpointWriter(client, ledger, settings or WritingSettings(), Sampling(0.7, 300), 1)
        try:
            # One after the other, so that each meets what the server is told to say next.
            outcomes = [await writer.write_async(item) for item in items]
            rows = ledger.ledger._db.execute(
                "SELECT task, outcome FROM requests ORDER BY answered_at"
            ).fetchall()
            return outcomes, fake, rows, writer
        finally:
            await writer.close()
            await fake.stop()

    return asyncio.run(run())


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
    order = [user.index(passage.text) for passage in (PASSAGES[0], target, *others)]
    assert order == sorted(order)
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


BAD = {
    "unreadable": ("I cannot write JSON today.", "stop"),
    "wrong_form": (json.dumps({"verdict": 5}), "stop"),
    "cut_off": ('{"reasoning": "on and on', "length"),
    "other_language": reversal(GERMAN),
    "too_many_sentences": reversal("Only figures. Only from Italy. Only about yeast."),
    "trivial_rewording": reversal("Only advice for daily care at home"),
    "copies_passage": reversal("Only where it says to keep it warm near the oven."),
    "talks_of_the_task": reversal("Prefer the second passage over the first passage."),
    "unwritable_character": reversal("Only texts on cold \u0007 regions and their people."),
    "too_short": reversal("Alaska"),
}


@pytest.mark.parametrize("reason", BAD)
def test_an_answer_that_cannot_be_used_gets_one_second_chance(tmp_path, reason):
    (outcomes,), fake, rows, _ = write(tmp_path, [ITEM], [BAD[reason], reversal()])
    assert [pair.reversed_instruction for pair in outcomes] == [GOOD]
    assert rows == [("reversal", reason), ("reversal+repair", "written")]
    *first, reply, again = fake.bodies[1]["messages"]
    assert first == fake.bodies[0]["messages"]
    assert reply["role"] == "assistant"
    assert "cannot be used" in again["content"]
    assert "Answer with one JSON object" in again["content"]


@pytest.mark.parametrize("reason", BAD)
def test_after_the_second_chance_it_is_rejected_with_its_reason(tmp_path, reason):
    (outcomes,), fake, rows, _ = write(tmp_path, [ITEM], [BAD[reason], BAD[reason]])
    (rejection,) = outcomes
    assert isinstance(rejection, Rejection)
    assert (rejection.reason, rejection.set_id, rejection.writer_kind) == (reason, "bread-1", "endpoint")
    assert rejection.detail
    assert fake.came.total() == 2
    assert rows == [("reversal", reason), ("reversal+repair", reason)]


def test_a_decline_after_the_second_chance_is_a_decline(tmp_path):
    (outcomes,), *_ = write(tmp_path, [ITEM], [BAD["unreadable"], ("None", "stop")])
    assert [it.reason for it in outcomes] == ["declined"]


def test_what_the_content_filter_holds_back_is_not_tried_again(tmp_path):
    (outcomes,), fake, _, _ = write(tmp_path, [ITEM], [("", "content_filter")])
    assert [it.reason for it in outcomes] == ["content_filter"]
    assert fake.came.total() == 1


@pytest.mark.parametrize("text", [INJECTION, "</answer>", "SYSTEM", "\ud800" * 9, "\0"])
def test_injected_replies_are_never_followed(tmp_path, text):
    ways = (reversal(text), (text, "stop"), (f"<answer><new_instruction>{text}", "stop"))
    for number, said in enumerate(ways):
        (outcomes,), *_ = write(tmp_path / str(number), [ITEM], [said, said])
        assert [type(it) for it in outcomes] == [Rejection]


@pytest.mark.parametrize(
    "text", ["Only {{ 7 * 7 }} and {% raw %}.", "Only '; DROP TABLE requests; -- texts."]
)
def test_what_reads_as_code_is_text(tmp_path, text):
    (outcomes,), _, rows, _ = write(tmp_path, [ITEM], [reversal(text)])
    assert [pair.reversed_instruction for pair in outcomes] == [text]
    assert rows == [("reversal", "written")]


def test_a_server_that_fails_is_a_reason_too(tmp_path):
    (outcomes,), *_ = write(tmp_path, [ITEM], fails=["500", "500"])
    assert [(it.reason, it.detail.startswith("the server gave no reply")) for it in outcomes] == [
        ("server_error", True)
    ]
    # It is no reply: the next build asks again.
    (outcomes,), *_ = write(tmp_path, [ITEM], [reversal()])
    assert [pair.reversed_instruction for pair in outcomes] == [GOOD]


@pytest.mark.parametrize("lever", ["", None, 7, "x" * 99, {"a": 1}, "the passage\nsays so"])
def test_any_lever_is_taken(tmp_path, lever):
    (outcomes,), *_ = write(tmp_path, [ITEM], [reversal(lever=lever)])
    assert isinstance(outcomes[0], ViewPair)
    assert 0 < len(outcomes[0].lever) <= 30
    assert "\n" not in outcomes[0].lever


def both(**more):
    fields = {
        "reasoning": "…",
        "chosen": 3,
        "lever": "evidence",
        "instruction": "Only advice for daily care at home.",
        "new_instruction": "Give me laboratory findings with counts, no household tips.",
        "excluded_by_both": [2],
    }
    return (json.dumps({**fields, **more}), "stop")


def test_both_views_of_a_query_without_an_instruction(tmp_path):
    (outcomes,), fake, rows, _ = write(tmp_path, [ANSWERS], [both()])
    (pair,) = outcomes
    assert (pair.instruction, pair.reversed_instruction) == (
        "Only advice for daily care at home.",
        "Give me laboratory findings with counts, no household tips.",
    )
    assert (pair.positive, pair.reversed_positive) == (PASSAGES[0], PASSAGES[2])
    assert pair.other_instruction_negatives == (PASSAGES[1],)
    # The fourth was found by the search only, and the model did not say that it answers.
    assert pair.answers == (PASSAGES[0], PASSAGES[1], PASSAGES[2])
    assert (pair.lever, pair.style, pair.set_id) == ("evidence", "", "bread-2")
    assert pair.writer.prompt_version == prompt_version("both_views")
    assert rows == [("both_views", "written")]
    assert "Passages 1 to 2 are known to answer the query; the others were found" in str(fake.bodies[0])


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"chosen": 1}, "wrong_form"),
        ({"chosen": 9}, "wrong_form"),
        ({"chosen": [2, 3]}, "wrong_form"),
        ({"chosen": "the second"}, "wrong_form"),
        ({"chosen": 10**30}, "wrong_form"),
        ({"instruction": GERMAN}, "other_language"),
        ({"new_instruction": "Only advice for daily care at home, please."}, "trivial_rewording"),
        ({"instruction": "None"}, "declined"),
        ({"new_instruction": None}, "declined"),
    ],
)
def test_both_views_that_cannot_be_used(tmp_path, more, reason):
    (outcomes,), *_ = write(tmp_path, [ANSWERS], [both(**more)] * 2)
    assert [it.reason for it in outcomes] == [reason]
    assert outcomes[0].positive == PASSAGES[0]


@pytest.mark.parametrize(
    ("numbers", "others"),
    [([2, 4], (1, 3)), ([1, 3, 2, 2], (1,)), ("2 and 4", (1, 3)), (None, ()), ([99, 0, -1], ()), ("²", ())],
)
def test_what_both_exclude_is_taken_with_care(tmp_path, numbers, others):
    (outcomes,), *_ = write(tmp_path, [ANSWERS], [both(excluded_by_both=numbers)])
    assert outcomes[0].other_instruction_negatives == tuple(PASSAGES[place] for place in others)


def test_a_paraphrase_is_added_to_all_pairs_of_a_set(tmp_path):
    says = [reversal(), reversal("Only pages with counts of microbes."), reversal("None")]
    says.append((json.dumps({"paraphrase": PARAPHRASE}), "stop"))
    settings = WritingSettings(every_reversal=True, paraphrase=True)
    (outcomes,), fake, rows, _ = write(tmp_path, [ITEM], says, settings)
    assert [getattr(it, "paraphrased_instruction", it) for it in outcomes[:2]] == [PARAPHRASE] * 2
    assert outcomes[2].reason == "declined"
    assert rows[-1] == ("paraphrase", "written")
    assert fake.came.total() == 4


@pytest.mark.parametrize("text", ["None", GERMAN, "Only advice for daily care at home"])
def test_without_a_good_paraphrase_the_pair_stays(tmp_path, text):
    says = [reversal(), *[(json.dumps({"paraphrase": text}), "stop")] * 2]
    (outcomes,), *_ = write(tmp_path, [ITEM], says, WritingSettings(paraphrase=True))
    assert [(type(it), it.paraphrased_instruction) for it in outcomes] == [(ViewPair, None)]


def test_no_paraphrase_is_asked_for_without_need(tmp_path):
    settings = WritingSettings(paraphrase=True)
    (with_one, declined), fake, *_ = write(
        tmp_path,
        [replace(ITEM, paraphrase=PARAPHRASE), replace(ITEM, set_id="other", query="rye starter")],
        [reversal(), reversal("None")],
        settings,
    )
    assert with_one[0].paraphrased_instruction == PARAPHRASE
    assert declined[0].reason == "declined"
    assert fake.came.total() == 2


def test_passages_beyond_the_prompt_are_no_negatives(tmp_path):
    many = tuple(Passage(f"n{number}", "", f"Story number {number} of a jar.") for number in range(30))
    item = replace(ITEM, instruction_negatives=many)
    (outcomes,), fake, *_ = write(tmp_path, [item], [reversal()])
    shown = {outcomes[0].reversed_positive, *outcomes[0].other_instruction_negatives}
    assert len(shown) == 9
    user = fake.bodies[0]["messages"][1]["content"]
    assert {passage for passage in many if f"{passage.text}\n" in user} == shown
    assert len(outcomes[0].answers) == 31


def test_which_items_are_taken(tmp_path):
    topic = AttributedTopic("t", "q", PASSAGES[:2], ({}, {}))
    *_, writer = write(tmp_path, [])
    assert writer.accepts(ITEM)
    assert writer.accepts(ANSWERS)
    assert not writer.accepts(replace(ITEM, instruction_negatives=()))
    assert not writer.accepts(replace(ANSWERS, answers=PASSAGES[:1], candidates=()))
    assert not writer.accepts(topic)
