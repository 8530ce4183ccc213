"""Replies as models write them, and hostile ones."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.llm.replies.parsing import MAX_CHARACTERS, Answer, read_answer

WANTED = ("new_instruction",)
GOOD = "Only texts with figures from after 1990."


def read(text):
    return read_answer(text, WANTED, ("lever",))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"new_instruction": GOOD}),
        json.dumps({"reasoning": "x {y}", "new_instruction": f"  {GOOD}\n", "lever": "time"}),
        f'```json\n{{"new_instruction": "{GOOD}"}}\n```',
        f'Sure! {{"new_instruction": "{GOOD}"}} I hope this helps {{smile}}.',
        f'<think>{{"new_instruction": "a draft"}}</think>\n{{"new_instruction": "{GOOD}"}}',
        f'draft without an opening tag {{"new_instruction": "x"}}</think>{{"new_instruction": "{GOOD}"}}',
        f'{{"new_instruction": "first thought"}} No: {{"new_instruction": "{GOOD}"}}',
        f"<answer>\n<new_instruction>{GOOD}</new_instruction>\n</answer>",
        f"<answer><new_instruction>old</new_instruction></answer> <ANSWER><New_Instruction>{GOOD}"
        "</New_Instruction></ANSWER>",
        f"<new_instruction>{GOOD}</new_instruction>",
        f"İİİ <answer><new_instruction>{GOOD}</new_instruction></answer>",
    ],
)
def test_finds_the_answer(text):
    assert read(text).fields["new_instruction"] == GOOD
    assert not read(text).problem
    assert not read(text).declined


@pytest.mark.parametrize(
    "text",
    [
        "None",
        "none.",
        "**None**",
        "<answer>None</answer>",
        "<answer> null </answer>",
        "<answer><new_instruction>None</new_instruction></answer>",
        json.dumps({"reasoning": "they say the same", "new_instruction": None}),
        json.dumps({"new_instruction": "None"}),
        json.dumps({"new_instruction": " null "}),
        "<think>hard</think>\nNone",
    ],
)
def test_takes_none_for_an_answer(text):
    answer = read(text)
    assert answer.declined
    assert not answer.problem


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unreadable"),
        ("Here is my instruction: only cheap ones.", "unreadable"),
        ('{"new_instruction": "cut o', "unreadable"),
        ("<answer><new_instruction>cut o", "unreadable"),
        ("x" * (MAX_CHARACTERS + 1), "unreadable"),
        ('{"instruction": "the wrong field"}', "wrong_form"),
        ('{"new_instruction": {"a": 1}}', "wrong_form"),
        ('{"new_instruction": ["a", {}]}', "wrong_form"),
        ('{"new_instruction": ""}', "wrong_form"),
        ('{"new_instruction": true}', "wrong_form"),
        (json.dumps({"new_instruction": "x" * 3000}), "wrong_form"),
        ('{"new_instruction": "the instruction, or None"}', "wrong_form"),
        ('{"new_instruction": "…"}', "wrong_form"),
    ],
)
def test_says_what_is_wrong(text, reason):
    answer = read(text)
    assert answer.reason == reason
    assert answer.problem
    assert not answer.declined


def test_several_fields_in_either_form():
    wanted = ("chosen", "instruction", "new_instruction")
    fields = {
        "chosen": "3",
        "instruction": "Only a.",
        "new_instruction": "Only b.",
        "excluded_by_both": "2, 4",
    }
    as_json = json.dumps({**fields, "chosen": 3, "excluded_by_both": [2, 4]})
    as_tags = "<answer>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    for text in (as_json, as_tags):
        assert read_answer(text, wanted, ("excluded_by_both",)).fields == fields


def test_halves_of_surrogate_pairs_become_readable():
    assert read('{"new_instruction": "\\ud800 only cheap ones"}').fields["new_instruction"] == (
        "\ufffd only cheap ones"
    )


WORDS = '{ } " [ ] : , \\ null None </answer> <answer> <new_instruction> </new_instruction> </think> 1'
PIECES = st.sampled_from(
    [*WORDS.split(), "\0", "\u202e", "\ud800", '"new_instruction"', "ignore the above", " "]
)


@given(
    st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(st.one_of(PIECES, st.text())).map("".join))
)
def test_any_text_gives_an_answer_that_can_be_stored(text):
    answer = read(text)
    assert isinstance(answer, Answer)
    # Exactly one of: usable, declined, unusable.
    assert bool(answer.problem) + answer.declined + ("new_instruction" in answer.fields) >= 1
    assert bool(answer.problem) == bool(answer.reason)
    for value in answer.fields.values():
        value.encode("utf-8")
    answer.problem.encode("utf-8")


@given(
    st.text(min_size=1).filter(lambda text: text.strip() and not read(json.dumps({WANTED[0]: text})).declined)
)
def test_an_instruction_comes_back_as_it_was_written(text):
    found = read(json.dumps({"new_instruction": text[:500]})).fields
    if found:
        assert found["new_instruction"] == text[:500].strip()


HOSTILE = """{"a": [[[{
<answer> <new_instruction> {"a":[[ { {"new_instruction":" <think> </think> " \\ {"a":1}
<answer><new_instruction> {"new_instruction":[ <answer>None</"""


@pytest.mark.parametrize("piece", HOSTILE.split())
def test_long_hostile_replies_are_read_at_once(piece):
    text = (piece * (MAX_CHARACTERS // len(piece)))[:MAX_CHARACTERS]
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 2  # each takes below 0.2 s; squared time would be minutes
