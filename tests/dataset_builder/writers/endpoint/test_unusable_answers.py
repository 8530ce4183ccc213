"""Answers of a model that cannot be used: one second chance, then a rejection with its reason."""

import json

import pytest

from dualview.dataset_builder.schema import Rejection
from dualview.dataset_builder.writers.endpoint.examples import EXAMPLES
from tests.dataset_builder.llm_server.replies import GERMAN, INJECTION
from tests.dataset_builder.writers.endpoint.writing import GOOD, ITEM, reversal, write

BAD = {
    "unreadable": ("I cannot write JSON today.", "stop"),
    "wrong_form": (json.dumps({"verdict": 5}), "stop"),
    "cut_off": ('{"reasoning": "on and on', "length"),
    "other_language": reversal(GERMAN),
    "too_many_sentences": reversal("Only figures. Only from Italy. Only about yeast."),
    "trivial_rewording": reversal("Only advice for daily care at home"),
    "copies_passage": reversal("Only where it says to keep it warm near the oven."),
    "copies_example": reversal(EXAMPLES[0]["reversals"][0]["instruction"].upper()),
    "talks_of_the_task": reversal("Prefer the second passage over the first passage."),
    "unwritable_character": reversal("Only texts on cold \u0007 regions and their people."),
    "too_short": reversal("Alaska"),
}


def again_as(reason):
    return "+repair" if reason in ("unreadable", "wrong_form", "cut_off") else "+rewrite"


@pytest.mark.parametrize("reason", BAD)
def test_an_answer_that_cannot_be_used_gets_one_second_chance(tmp_path, reason):
    (outcomes,), fake, rows, _ = write(tmp_path, [ITEM], [BAD[reason], reversal()])
    assert [pair.reversed_instruction for pair in outcomes] == [GOOD]
    assert rows == [("reversal", reason), (f"reversal{again_as(reason)}", "written")]
    *first, reply, again = fake.bodies[1]["messages"]
    assert first == fake.bodies[0]["messages"]
    assert reply["role"] == "assistant"
    assert "cannot be used" in again["content"]
    # A model that is asked for other words must not say the same again.
    warmer = 0.7 if again_as(reason) == "+repair" else 1.0
    assert [body["temperature"] for body in fake.bodies] == [0.7, warmer]
    assert "Answer with one JSON object" in again["content"]


@pytest.mark.parametrize("reason", BAD)
def test_after_the_second_chance_it_is_rejected_with_its_reason(tmp_path, reason):
    (outcomes,), fake, rows, _ = write(tmp_path, [ITEM], [BAD[reason], BAD[reason]])
    (rejection,) = outcomes
    assert isinstance(rejection, Rejection)
    assert (rejection.reason, rejection.set_id, rejection.writer_kind) == (reason, "bread-1", "endpoint")
    assert rejection.detail
    assert fake.came.total() == 2
    assert rows == [("reversal", reason), (f"reversal{again_as(reason)}", reason)]


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
