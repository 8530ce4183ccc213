"""Chat completions in the forms that servers send: what counts as an answer, and what does not."""

import json

import pytest

from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from dualview.dataset_builder.llm.replies.parsing import read_answer
from tests.dataset_builder.llm_server.asking import ask, request, rows
from tests.dataset_builder.llm_server.forms import EMPTY_FORMS, FORMS
from tests.dataset_builder.llm_server.server import Behaviour

SCHEMA = {"type": "object", "properties": {"new_instruction": {"type": "string"}}}
GOOD = "Only texts with figures from after 1990."


def answer_of(tmp_path, form, finish="stop", schema=SCHEMA, text=GOOD, **how):
    """The reply in a form, or the reason why there is none, and how often it was asked for."""
    behaviour = Behaviour(forms=(form,), says=[(text, finish)] * 9, **how)

    async def use(client, fake):
        try:
            return (await client.ask(request(schema=schema))).text
        except RequestFailedError as error:
            return error.reason

    found, fake = ask(tmp_path, behaviour, use)
    return found, fake.came.total()


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_is_read_in_whatever_form_it_comes(tmp_path, form):
    text = json.dumps({"new_instruction": GOOD})
    found, _ = answer_of(tmp_path, form, text=GOOD if form == "tool_object" else text)
    assert read_answer(found, ("new_instruction",)).fields == {"new_instruction": GOOD}
    assert rows(tmp_path, "reply") == [(found,)]


@pytest.mark.parametrize("form", EMPTY_FORMS)
def test_an_empty_reply_is_no_answer(tmp_path, form):
    assert answer_of(tmp_path, form) == ("empty_reply", 2)
    assert rows(tmp_path, "outcome, reply, attempts, detail") == [
        ("empty_reply", None, 2, "the reply is empty")
    ]
    # The same command asks again, and takes what comes.
    assert answer_of(tmp_path, "text") == (GOOD, 1)
    assert rows(tmp_path, "outcome, reply") == [("replied", GOOD)]


@pytest.mark.parametrize("form", ["reasoning_content", "reasoning"])
def test_thoughts_are_no_answer_where_they_cannot_be_told_from_one(tmp_path, form):
    assert answer_of(tmp_path, form, schema=None)[0] == "empty_reply"
    assert answer_of(tmp_path, form, finish="length") == ("cut_off", 1)
    assert "--max-tokens" in rows(tmp_path, "detail")[-1][0]


def test_a_refusal_is_kept_in_the_models_words(tmp_path, monkeypatch):
    for message in (
        {"content": None, "refusal": "I cannot help\nwith that."},
        {"content": [{"type": "refusal", "refusal": "I cannot help\nwith that."}]},
    ):
        monkeypatch.setattr(
            "tests.dataset_builder.llm_server.server.make_message", lambda *_, given=message: given
        )
        assert answer_of(tmp_path, "refusal") == ("refusal", 1)
        assert rows(tmp_path, "reply, detail") == [(None, "the model refuses: I cannot help with that.")]


def test_a_filtered_answer_is_not_asked_for_again(tmp_path):
    assert answer_of(tmp_path, "null", finish="content_filter") == ("content_filter", 1)


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 10**30, "completion_tokens": 7}, 7),
        ({"prompt_tokens": True, "completion_tokens": 7.0}, 7),
        ({"prompt_tokens": "many", "completion_tokens": -1}, len(GOOD) // 4),
        ({"prompt_tokens": 1e300, "completion_tokens": float("nan")}, len(GOOD) // 4),
    ],
)
def test_absurd_numbers_of_tokens_are_estimated(tmp_path, usage, counted):
    async def use(client, fake):
        return await client.ask(request())

    reply, _ = ask(tmp_path, Behaviour(usage=usage, says=[(GOOD, "stop")]), use)
    assert reply.text == GOOD
    assert 0 < reply.prompt_tokens < 100
    assert reply.completion_tokens == counted


def test_the_tokens_of_empty_replies_count_against_the_budget(tmp_path):
    from dualview.dataset_builder.llm.budget import Budget

    budget = Budget(tokens=10_000)

    async def use(client, fake):
        with pytest.raises(RequestFailedError):
            await client.ask(request())

    usage = {"prompt_tokens": 300, "completion_tokens": 40}
    ask(tmp_path, Behaviour(forms=("empty",), usage=usage), use, budget=budget)
    assert budget.spent_tokens == 680
    assert rows(tmp_path, "prompt_tokens, completion_tokens") == [(600, 80)]
