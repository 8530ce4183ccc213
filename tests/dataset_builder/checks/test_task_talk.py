"""Talk of the task is found; the same words as part of a subject are not."""

from __future__ import annotations

import pytest

from dualview.dataset_builder.checks.task_talk import find_task_talk
from dualview.dataset_builder.checks.written import Written
from dualview.dataset_builder.schema import Passage

PASSAGES = (
    Passage("home-012-0", "", "A pot and an hour."),
    Passage("msmarco_77", "", "The N1 visa costs 3 euros."),
    Passage("2021", "", "No number here."),
    Passage("7187158", "", "Nor here."),
)


@pytest.mark.parametrize(
    "text",
    [
        "Make the passage above irrelevant.",
        "The passage should speak of costs.",
        "Passage 2 must be preferred.",
        "passage B rather than what it costs",
        "Passages that explain the costs.",
        "Only passages which name a price.",
        "I look for a passage discussing costs.",
        "Passages about the costs, please.",
        "No passages with prices.",
        "refuses to include the forbidden passage",
        "It is what the instruction allows.",
        "There is no instruction that meets the given requirements.",
        "A does not mention sleep schedules.",
        "B lacks prices, which are wanted.",
        "Prefer document 2 to the rest.",
        "It should exclude the first document.",
        "Unlike the original instruction, ask for costs.",
        "Turn the instruction negative into a positive document.",
        "Keep N2 and drop P+.",
        "The text of [3] is what I want.",
        "Like home-012-0, but shorter.",
        "As in MSMARCO_77.",
        "Only 7187158.",
        "<answer>Only costs.</answer>",
        "Relevant to the bare query, but about costs.",
    ],
)
def test_talk_of_the_task_is_found(text: str) -> None:
    assert find_task_talk(Written(text, "cooking beans", PASSAGES))


@pytest.mark.parametrize(
    "text",
    [
        "A relevant document gives the cost.",
        "Documents on the passage of time are welcome.",
        "I want the passage from India to Ceylon by sea.",
        "Include bible passages on bread.",
        "Passage through the canal, not around the cape.",
        "A secret passage behind the kitchen",
        "What does a passage a week cost?",
        "Assembly instructions are of no use to me.",
        "the instruction manual of the maker",
        "Negative reviews and positive feedback both count.",
        "A describing word in every line",
        "A do-it-yourself repair is wanted.",
        "A mention of the price is enough.",
        "C does not have classes, so leave it out.",
        "Kits with no instructions in English",
        "Nothing about the N1 visa.",
        "Only from 2021 on.",
        "At least 3 sources, vitamin B12 and a P-value.",
        "Only the text of the law, in two documents or one.",
        "Every document must name a price.",
        "This document type, a contract, is what I look for.",
    ],
)
def test_a_subject_is_no_talk_of_the_task(text: str) -> None:
    assert find_task_talk(Written(text, "cooking beans", PASSAGES)) is None


def test_what_the_query_says_may_be_said() -> None:
    text = "Explain the new instruction in plain words."
    assert find_task_talk(Written(text, "new instruction set of the processor")) is None
    assert find_task_talk(Written(text, "beans")) == "new instruction"
