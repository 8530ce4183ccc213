"""Objects that are nearly JSON: what is repaired, and what is not."""

import json
import time

import pytest

from dualview.dataset_builder.judges.replies import read_numbers
from dualview.dataset_builder.llm.messages import LlmReply
from dualview.dataset_builder.llm.replies.parsing import MAX_CHARACTERS, find_object, read_answer

GOOD = "Only texts with “figures”, from after 1990; it's clear."
WHOLE = json.dumps({"reasoning": "so: {a}", "lever": "time", "new_instruction": GOOD}, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE[:-1] + ",}",
        WHOLE[:-1] + " , \n}",
        WHOLE[:-1],
        WHOLE[:-1] + ",",
        "Sure:\n```json\n" + WHOLE[:-1] + "\n",
        '{"answer": ' + WHOLE,
        '{"answer": ' + WHOLE[:-1],
        WHOLE[:-2] + "”}",
        WHOLE.replace('"lever": "time"', "“lever”: “time”"),
        "{“new_instruction”: “" + GOOD + "”}",
        "{„new_instruction“: „" + GOOD.replace("“", "'").replace("”", "'") + "“}",
        WHOLE.replace("it's", "it\\'s"),
        WHOLE.replace("new_instruction", "New_Instruction"),
        WHOLE.replace("new_instruction", "newInstruction"),
        WHOLE.replace("new_instruction", "New Instruction")[:-1],
        WHOLE.replace("new_instruction", "NEW-INSTRUCTION"),
    ],
)
def test_nearly_json_is_read(text):
    answer = read_answer(text, ("new_instruction",), ("lever",))
    assert not answer.problem
    assert answer.fields["new_instruction"].replace("'figures'", "“figures”") == GOOD
    assert answer.fields.get("lever", "time") == "time"


@pytest.mark.parametrize(
    "text",
    [
        '{"new_instruction": "Only texts wi',
        '{"new_instruction": "Only texts”',
        '{"chosen": 2, "new_instruction": ["one", "two"',
        '{"new_instruction": 19',
        '{"new_instruction": tru',
        '"new_instruction": "no braces"',
    ],
)
def test_what_was_cut_off_is_not_made_up(text):
    assert read_answer(text, ("new_instruction",)).reason == "unreadable"


def test_the_exact_name_wins():
    text = '{"New_Instruction": "no", "new_instruction": "yes", "NEW_INSTRUCTION": "no"}'
    assert find_object(text, ("new_instruction",))["new_instruction"] == "yes"
    assert find_object('{"Relevant": [1, 2], "note": "{x}"}', ("relevant",))["relevant"] == [1, 2]


@pytest.mark.parametrize(
    "piece",
    ['{"new_instruction":“', '“new_instruction" ,', '{"new_instruction":"\\', '"new_instruction"   ', "{,”"],
)
def test_long_hostile_replies_are_repaired_at_once(piece):
    text = (piece * (MAX_CHARACTERS // len(piece)))[:MAX_CHARACTERS]
    started = time.process_time()
    read_answer(text, ("new_instruction",))
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{"Relevant": [1, 3,]}', {0, 2}),
        ('{"relevant": [2]', {1}),
        ("{“relevant”: [1]}", {0}),
        ('{"answer": {"relevant": [3]}}', {2}),
        ('{"relevant": [1, 2', None),
    ],
)
def test_a_judges_numbers_are_read_likewise(text, places):
    assert read_numbers(LlmReply(text, "stop", 1, 1), 3) == places
