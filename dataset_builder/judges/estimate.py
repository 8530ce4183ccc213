"""Questions to a judging language model about pairs, for ``--dry-run``, which sends none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dualview.dataset_builder.judges.language_model import logprobs_fact
from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings
from dualview.dataset_builder.judges.relevance_questions import AskingSettings, list_requests, word_request
from dualview.dataset_builder.judges.views import View, views_of
from dualview.dataset_builder.llm.ledger import read_fact
from dualview.dataset_builder.llm.messages import LlmRequest
from dualview.dataset_builder.schema import ViewPair

# A text of the usual length of an instruction, where none is written yet.
_STAND_IN = "Only texts that say how it was done in the countryside, nothing on what it costs in the city."


def find_questions(
    pairs: Sequence[ViewPair], settings: LanguageModelSettings, votes: bool
) -> list[LlmRequest]:
    """The different questions about the pairs; a question that two pairs share is asked once.

    :param pairs: as they were written, or without the texts of instructions that are still to be written.
    :param votes: whether the server gives no logarithms of probabilities, and votes are counted.
    """
    asked: dict[str, LlmRequest] = {}
    for number, pair in enumerate(pairs):
        for view in views_of(_filled(pair, number), settings.hard_negatives):
            asked.update((request.key(""), request) for request in _ask(view, settings.asking, votes))
    return list(asked.values())


def counts_votes(settings: LanguageModelSettings) -> bool | None:
    """Tell whether votes replace probabilities; None where the ledger does not know the server."""
    client = settings.client
    server = ", ".join(client.server_names)
    known = read_fact(settings.ledger, logprobs_fact(server, client.model)) if client.model else None
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
