"""Both views of a query without an instruction, written by a model."""

import json

import pytest

from dualview.dataset_builder.llm.prompts import prompt_version
from tests.dataset_builder.llm_server.replies import GERMAN
from tests.dataset_builder.writers.endpoint.writing import ANSWERS, PASSAGES, write


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
    assert "Passages 1 to 2 are known to answer the query." in str(fake.bodies[0])


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
