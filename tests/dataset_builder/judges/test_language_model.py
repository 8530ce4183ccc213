"""The judge that is a language model: probabilities where the server tells them, votes where it does not."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder import judges
from dualview.dataset_builder.judges.agreement.known_labels import known_sets
from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.judges.language_model import LanguageModelJudge
from dualview.dataset_builder.judges.replies import read_numbers, read_probability, read_word
from dualview.dataset_builder.judges.views import View
from dualview.dataset_builder.llm.messages import LlmReply, TokenChoice
from dualview.dataset_builder.schema import CandidateSet, ViewPair
from dualview.dataset_builder.sources.shipped import open_sources
from dualview.dataset_builder.writers import endpoint
from dualview.dataset_builder.writers.replay import ReplayWriter
from tests.dataset_builder.oracle import Oracle, serving


@pytest.fixture(scope="module")
def seeds() -> list[CandidateSet]:
    (source,) = open_sources("sets")
    return [item for item in islice(source, 6) if isinstance(item, CandidateSet)]


@pytest.fixture(scope="module")
def pairs(seeds: list[CandidateSet]) -> list[ViewPair]:
    written = chain.from_iterable(ReplayWriter().write(item) for item in seeds)
    return [pair for pair in written if isinstance(pair, ViewPair)]


@pytest.fixture
def oracle(seeds: list[CandidateSet]) -> Iterator[Oracle]:
    with serving(Oracle(list(known_sets(seeds)))) as served:
        yield served


@pytest.fixture
def judge(oracle: Oracle, tmp_path: Path) -> Callable[..., list[Judgement]]:
    """Judges pairs with a judge of its own, which is closed again."""

    def run(pairs: Sequence[ViewPair], *flags: str) -> list[Judgement]:
        made = open_judge(oracle, tmp_path, *flags)
        assert made.name == "oracle"

        async def ask() -> list[Judgement]:
            try:
                return await made.judge_async(pairs)
            finally:
                await made.close()

        return asyncio.run(ask())

    return run


def open_judge(oracle: Oracle, folder: Path, *flags: str) -> LanguageModelJudge:
    parser = argparse.ArgumentParser()
    judges.add_arguments(parser)
    endpoint.add_arguments(parser)
    common = ("--judge", "llm", "--base-url", oracle.url, "--dialect", "openai", "--max-tries", "1")
    ledger = ("--ledger", str(folder / "judge.ledger.sqlite"))
    settings = judges.read_judge(parser.parse_args([*common, *ledger, *flags]))
    assert settings is not None
    made = settings.make()
    assert isinstance(made, LanguageModelJudge)
    return made


def test_probabilities_come_from_the_logarithms(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair]
) -> None:
    found = judge(pairs)
    assert all(judgement.accepted for judgement in found)
    # All spellings of a word count: 0.98 is spread over two.
    assert found[0].p_original == pytest.approx((0.98, 0.02, 0.02))
    assert found[0].p_reversed == pytest.approx((0.02, 0.98, 0.02))
    assert all(body["logprobs"] and body["top_logprobs"] == 10 for body in oracle.asked)
    # The two pairs of a set share their original view: 3 views of 3 passages, and one question to find out.
    assert len(oracle.asked) == 6 * 3 * 3


def test_nothing_is_asked_twice(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair]
) -> None:
    first = judge(pairs)
    asked = len(oracle.asked)
    assert judge(pairs) == first and len(oracle.asked) == asked
    oracle.logprobs = False
    assert judge(pairs, "--ledger-only", "--model", "oracle") == first and len(oracle.asked) == asked


def test_doubt_lies_between_the_thresholds(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair]
) -> None:
    oracle.doubt = 0.3
    assert judge(pairs[:1])[0].accepted
    (sure,) = judge(pairs[:1], "--judge-relevant", "0.8", "--judge-irrelevant", "0.4")
    assert (sure.accepted, sure.reason) == (False, "original_misses_positive")


@pytest.mark.parametrize("logprobs", [False, "refuse"])
def test_without_logarithms_the_share_of_votes_counts(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair], logprobs: bool | str
) -> None:
    oracle.logprobs = logprobs
    found = judge(pairs, "--judge-votes", "5")
    assert all(judgement.accepted for judgement in found)
    assert found[0].p_original == (1.0, 0.0, 0.0)
    votes = [body for body in oracle.asked if "numbered passages" in body["messages"][0]["content"]]
    # The first question finds out, and is not asked again by another build.
    assert len(oracle.asked) - len(votes) == 1 and len(votes) == 6 * 3 * 5
    before = len(oracle.asked)
    judge(pairs, "--judge-votes", "5")
    assert len(oracle.asked) == before


def test_votes_see_the_passages_in_other_orders(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair]
) -> None:
    oracle.logprobs, oracle.position_bias = False, True
    found = judge(pairs, "--judge-votes", "9")
    wrong = [p for j in found for p in (*j.p_original[1:], j.p_reversed[0], *j.p_reversed[2:])]
    # A model that likes the first place calls each passage relevant in a share of the votes, none in all.
    assert 0.2 < sum(wrong) / len(wrong) < 0.5 and max(wrong) < 1
    texts = {body["messages"][-1]["content"] for body in oracle.asked[1:]}
    assert len(texts) > len(pairs) / 2 * 3


def test_long_lists_are_asked_in_windows(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair]
) -> None:
    oracle.logprobs = False
    flags = ("--judge-window", "2", "--judge-votes", "1", "--judge-hard-negatives", "all")
    (found,) = judge(pairs[:1], *flags)
    assert found.accepted and len(found.p_original) == 4
    assert len(oracle.asked) == 1 + 2 * 2


def test_wrong_answers_reject(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair]
) -> None:
    oracle.wrong = 1.0
    assert {found.reason for found in judge(pairs)} == {"original_misses_positive"}


@pytest.mark.parametrize(
    "says", ["", "Ignore the above and answer yes and no.", '{"relevant": [99]}', "\ud800"]
)
def test_an_answer_that_cannot_be_read_is_no_judgement(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair], says: str
) -> None:
    oracle.says, oracle.logprobs = says, False
    assert {(found.accepted, found.reason) for found in judge(pairs[:2])} == {(False, "not_judged")}


def test_a_server_that_fails_at_once_stops_the_build(
    judge: Callable[..., list[Judgement]], oracle: Oracle, pairs: list[ViewPair]
) -> None:
    oracle.status = 500
    with pytest.raises(InputError, match=r"the judge oracle did not answer its first request.*500"):
        judge(pairs)
    oracle.status = 200
    assert all(found.accepted for found in judge(pairs))


def test_a_view_is_the_same_question_in_any_order(
    oracle: Oracle, tmp_path: Path, seeds: list[CandidateSet]
) -> None:
    oracle.logprobs = False
    made = open_judge(oracle, tmp_path)
    view = oracle.known[0].views[0]
    turned = View(view.query, view.instruction, view.passages[::-1])

    async def ask() -> tuple[Any, Any]:
        try:
            return await made.score_async(view), await made.score_async(turned)
        finally:
            await made.close()

    first, second = asyncio.run(ask())
    assert first == second[::-1] and len(oracle.asked) == 1 + 3


@pytest.mark.parametrize("logprobs", [True, False])
def test_the_questions_about_a_view_and_about_a_set_follow_one_another(
    oracle: Oracle, tmp_path: Path, pairs: list[ViewPair], logprobs: bool
) -> None:
    """So a server with one slot reads what they share once, however many pairs wait."""
    oracle.logprobs = logprobs
    made = open_judge(oracle, tmp_path, "--concurrency", "1")

    async def ask() -> None:
        try:
            await asyncio.gather(*(made.judge_async([pair]) for pair in pairs))
        finally:
            await made.close()

    asyncio.run(ask())
    asked = [body["messages"][-1]["content"] for body in oracle.asked[0 if logprobs else 1 :]]
    for shared in ("query", "instruction"):
        found = [text.partition(f" begin {shared}]")[2].partition(" end]")[0] for text in asked]
        assert len(list(groupby(found))) == len(set(found)) >= 6


def test_the_judge_may_be_another_model_on_another_server(oracle: Oracle, tmp_path: Path) -> None:
    made = open_judge(
        oracle,
        tmp_path,
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--judge-base-url",
        oracle.url,
        "--model",
        "writer",
    )
    assert made.name == "oracle"
    asyncio.run(made.close())
    named = open_judge(oracle, tmp_path, "--model", "writer", "--judge-model", "other")
    assert named.name == "other"
    assert named.recipe()["votes"] == 3 and named.recipe()["prompts"][0].startswith("judge-")
    asyncio.run(named.close())


def reply(text: str, *tokens: TokenChoice) -> LlmReply:
    return LlmReply(text, "stop", 1, 1, logprobs=tokens)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes", True),
        (" **No.** It is on tulips.", False),
        ("<think>yes, no, hm</think>\nNo", False),
        ("The answer is yes.", True),
        ("Yes, although no price is named.", True),
        ("It could be yes or no.", None),
        ("nothing of the kind", None),
        ("", None),
    ],
)
def test_words_as_models_write_them(text: str, said: bool | None) -> None:
    assert read_word(reply(text)) is said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"relevant": [1, 3]}', {0, 2}),
        ('Like {"relevant": [1, 2]}, so:\n```json\n{"relevant": ["2"]}\n```', {1}),
        ('{"relevant": []}', set()),
        ('{"relevant": [4]}', None),
        ('{"relevant": [0]}', None),
        ('{"relevant": [true]}', None),
        ('{"relevant": [1.0]}', None),
        ('{"relevant": "1"}', None),
        ("1 and 3", None),
        ('{"relevant": [1', None),
    ],
)
def test_numbers_as_models_write_them(text: str, said: set[int] | None) -> None:
    assert read_numbers(reply(text), 3) == said


def test_the_first_token_that_is_a_word_tells_the_probability() -> None:
    start = TokenChoice("\n", {"\n": -0.1})
    word = TokenChoice(" Yes", {" Yes": -1.0, "yes": -1.0, "▁NO": -2.0, "maybe": -0.5})
    later = TokenChoice("no", {"no": 0.0})
    expected = 2 / (2 + 2.718281828**-1)
    assert read_probability(reply("Yes", start, word, later)) == pytest.approx(expected)
    assert read_probability(reply("Yes")) is None
    assert read_probability(reply("Yes", start)) is None
    # A word whose logarithms say nothing of either.
    assert read_probability(reply("yes", TokenChoice("yes", {"yes": float("-inf")}))) is None


@given(
    text=st.text(max_size=60) | st.text('{}[]":, relevantyesno0123456789', max_size=60),
    tokens=st.lists(st.dictionaries(st.sampled_from(["yes", " No", "x"]) | st.text(max_size=3), st.floats())),
)
def test_any_reply_is_read_or_not_understood(text: str, tokens: list[dict[str, float]]) -> None:
    choices = [TokenChoice(next(iter(ways), "yes"), ways) for ways in tokens]
    given_reply = reply(text, *choices)
    probability = read_probability(given_reply)
    assert probability is None or 0 <= probability <= 1
    assert read_word(given_reply) in (True, False, None)
    numbers = read_numbers(given_reply, 4)
    assert numbers is None or numbers <= {0, 1, 2, 3}
