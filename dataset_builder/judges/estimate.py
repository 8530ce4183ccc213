"""What a judging language model would be asked about pairs: for ``--dry-run``, which asks nothing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dualview.dataset_builder.judges.judge_options import hard_negatives_to_judge
from dualview.dataset_builder.judges.language_model import client_settings, logprobs_fact
from dualview.dataset_builder.judges.relevance_questions import AskingSettings, list_requests, word_request
from dualview.dataset_builder.judges.views import View, views_of
from dualview.dataset_builder.llm.ledger import read_fact
from dualview.dataset_builder.llm.messages import LlmRequest
from dualview.dataset_builder.schema import ViewPair

# As long as an instruction is for the most part, where none is written yet.
_STAND_IN = "Only texts that say how it was done in the countryside, nothing on what it costs in the city."


def find_questions(pairs: Sequence[ViewPair], args: argparse.Namespace, votes: bool) -> list[LlmRequest]:
    """The different questions about the pairs; what two pairs share is asked once.

    :param pairs: as they were written, or without the texts of instructions that are still to be written.
    :param votes: whether the server gives no logarithms of probabilities, and votes are counted.
    """
    settings = AskingSettings.from_arguments(args)
    hard_negatives = hard_negatives_to_judge(args.judge_hard_negatives, default=0)
    asked: dict[str, LlmRequest] = {}
    for number, pair in enumerate(pairs):
        for view in views_of(_filled(pair, number), hard_negatives):
            asked.update((request.key(""), request) for request in _ask(view, settings, votes))
    return list(asked.values())


def counts_votes(args: argparse.Namespace, ledger: Path) -> bool | None:
    """Whether votes are counted for want of probabilities; None where the ledger does not know the server."""
    settings = client_settings(args)
    server = settings.base_url or f"the provider {settings.provider}"
    known = read_fact(ledger, logprobs_fact(server, settings.model)) if settings.model else None
    return None if known is None else known == "no"


def _ask(view: View, settings: AskingSettings, votes: bool) -> list[LlmRequest]:
    if not votes:
        return [word_request(view, passage, settings) for passage in view.passages]
    return [request for vote in range(settings.votes) for _, request in list_requests(view, vote, settings)]


def _filled(pair: ViewPair, number: int) -> ViewPair:
    """The pair with texts of the usual length where it has none yet, different ones for each pair."""
    return replace(
        pair,
        instruction=pair.instruction or _STAND_IN,
        reversed_instruction=pair.reversed_instruction or f"{_STAND_IN} {number}",
    )
