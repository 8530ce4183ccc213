"""Questions to a language model about a view: one passage at a time, or all of them in several votes."""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from dualview.dataset_builder.judges.views import View
from dualview.dataset_builder.llm.messages import LlmRequest
from dualview.dataset_builder.llm.prompts import SCHEMAS, Prompt, fill_prompt
from dualview.dataset_builder.schema import Passage

#: The tasks of the two kinds of question, as the ledger and the prompts name them.
ONE, SEVERAL = "judge", "judge_list"
# Enough to see every way to write "yes" and "no".
_TOP_LOGPROBS = 10


@dataclass(frozen=True)
class AskingSettings:
    """Settings of the questions.

    :param votes: number of votes on a view, for a server without logarithms.
    :param window: passages in one question of a vote, at most.
    :param max_tokens: of a reply; a reasoning model needs thousands.
    :param passage_characters: longest passage in a prompt; longer ones are cut.
    """

    votes: int = 3
    window: int = 8
    max_tokens: int = 64
    passage_characters: int = 6000

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> AskingSettings:
        """The settings that the flags give."""
        return cls(args.judge_votes, args.judge_window, args.judge_max_tokens, args.passage_characters)


def word_request(view: View, passage: Passage, settings: AskingSettings) -> LlmRequest:
    """The question whether one passage is relevant, answered in one word and its logarithms."""
    prompt = fill_prompt(
        ONE,
        settings.passage_characters,
        query=view.query,
        instruction=view.instruction,
        passage=passage,
        # They share the fence, and so all of the prompt before the passage.
        view=view.passages,
    )
    return _request(prompt, passage.docid, settings, top_logprobs=_TOP_LOGPROBS)


def list_requests(
    view: View, vote: int, settings: AskingSettings
) -> list[tuple[tuple[int, ...], LlmRequest]]:
    """The questions of one vote on a view, each with the places of the passages that it shows, in order."""
    order = _draw_order(view, vote)
    windows = [
        tuple(order[start : start + settings.window]) for start in range(0, len(order), settings.window)
    ]
    return [(places, _list_request(view, places, vote, settings)) for places in windows]


def _list_request(view: View, places: Sequence[int], vote: int, settings: AskingSettings) -> LlmRequest:
    prompt = fill_prompt(
        SEVERAL,
        settings.passage_characters,
        query=view.query,
        instruction=view.instruction,
        passages=[view.passages[place] for place in places],
    )
    return _request(prompt, f"{view.passages[places[0]].docid}, vote {vote + 1}", settings, seed=vote)


def _request(
    prompt: Prompt, subject: str, settings: AskingSettings, seed: int | None = None, top_logprobs: int = 0
) -> LlmRequest:
    return LlmRequest(
        task=prompt.task,
        subject=subject,
        prompt_version=prompt.version,
        messages=prompt.messages,
        max_tokens=settings.max_tokens,
        schema=SCHEMAS[prompt.task],
        seed=seed,
        top_logprobs=top_logprobs,
    )


def _draw_order(view: View, vote: int) -> list[int]:
    """The places of a view's passages in the order of a vote.

    It is drawn from the texts alone: pairs that name the passages in another order ask the same question.
    """
    places = sorted(range(len(view.passages)), key=lambda place: view.passages[place].encoded)
    texts = [view.query, view.instruction, *(view.passages[place].encoded for place in places), str(vote)]
    seed = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).digest()
    random.Random(seed).shuffle(places)
    return places
