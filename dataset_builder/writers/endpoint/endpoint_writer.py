"""The writer ``endpoint``: asks a live language model for reversals, both views and paraphrases."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dualview.dataset_builder.llm.client import LlmClient, NotAskedError
from dualview.dataset_builder.llm.conversation import WRITTEN, Sampling, converse
from dualview.dataset_builder.llm.model_names import published_name
from dualview.dataset_builder.llm.prompts import prompt_version
from dualview.dataset_builder.llm.setup import LlmRun
from dualview.dataset_builder.schema import AnswerSet, CandidateSet, Item, Outcome, ViewPair, Writer
from dualview.dataset_builder.writers.endpoint.both_views import BothViews
from dualview.dataset_builder.writers.endpoint.styles import turn_shares
from dualview.dataset_builder.writers.endpoint.writing_questions import (
    Paraphrase,
    Reversal,
    choose_targets,
)
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings

KIND = "endpoint"
# What names the counts of written styles in a tally.
_STYLE = "style "
# While the first item waits for its second try, the others need work to do.
_ITEMS_A_REQUEST = 4


def can_write(item: Item) -> bool:
    """Tell whether an item has passages between which an instruction can choose."""
    if isinstance(item, CandidateSet):
        return bool(item.instruction_negatives)
    return isinstance(item, AnswerSet) and len(item.answers) + len(item.candidates) > 1


def ask_about(item: Item, settings: WritingSettings, writer: Writer) -> list[Reversal | BothViews]:
    """The questions about an item that the writer takes, without the paraphrase, in a fixed order."""
    if isinstance(item, AnswerSet):
        return [BothViews(item, writer, settings)]
    assert isinstance(item, CandidateSet)
    targets = choose_targets(item, settings.every_reversal)
    return [Reversal(item, target, writer, settings) for target in targets]


class EndpointWriter:
    """Writes a reversal for candidate sets, and both views for queries that came without an instruction.

    Answers that the model declines, or that cannot be used after the second try, become rejections.

    :ivar skipped: items left out because the ledger has no reply to them and nothing may be asked.
    """

    kind = KIND
    checks_pairs = True

    def __init__(
        self,
        client: LlmClient,
        run: LlmRun,
        settings: WritingSettings,
        sampling: Sampling,
        requests_in_flight: int,
    ) -> None:
        self.concurrency = _ITEMS_A_REQUEST * requests_in_flight
        self.skipped = 0
        self.asked_model = client.model
        self._written: Counter[str] = Counter()
        self._client = client
        self._run = run
        self._settings = settings
        self._sampling = sampling
        self._writer = Writer(kind=KIND, model=published_name(client.model), temperature=sampling.temperature)

    def accepts(self, item: Item) -> bool:
        """Tell whether the item has passages between which an instruction can choose."""
        return can_write(item)

    async def write_async(self, item: Item) -> Sequence[Outcome]:
        """The view pairs of an item and what could not be written, in a fixed order."""
        try:
            questions = ask_about(item, self._settings, self._writer)
            if len(questions) == 1:  # the usual case, without a task of its own
                outcomes = [await self._ask(questions[0])]
            else:
                outcomes = await asyncio.gather(*map(self._ask, questions))
            return await self._with_paraphrase(outcomes) if self._settings.paraphrase else outcomes
        except NotAskedError:
            self.skipped += 1
            return ()

    def tally(self) -> Counter[str]:
        """The counts for the recipe, so far."""
        return self._client.tally() + self._written + Counter(skipped=self.skipped)

    def add_tally(self, tally: Counter[str]) -> None:
        """Add the counts of a writer with the same settings elsewhere."""
        self.skipped += tally["skipped"]
        self._written.update({name: tally[name] for name in tally if name.startswith(_STYLE)})
        rest = {name: tally[name] for name in tally if name != "skipped" and not name.startswith(_STYLE)}
        self._client.add_tally(Counter(rest))

    async def close(self) -> None:
        """Close the connections and the ledger."""
        await self._client.close()
        self._run.close()

    def describe(self) -> Writer:
        """The model, as the card names it; each row names its prompt."""
        return self._writer

    def recipe(self) -> dict[str, Any]:
        """Further facts for the recipe: the prompts' versions, and the tokens of the replies in this dataset.

        They are the same whether a reply was asked for today or came from the ledger.
        """
        tasks = ("reversal", "both_views", *(("paraphrase",) if self._settings.paraphrase else ()))
        return {
            "prompts": {task: prompt_version(task) for task in tasks},
            "max_tokens": self._sampling.max_tokens,
            "example": self._settings.example,
            "styles": {name: round(share, 4) for name, share in self._settings.styles.items()},
            "turns": turn_shares() if self._settings.styles else {},
            "written_styles": {
                name.removeprefix(_STYLE): count for name, count in sorted(self._written.items())
            },
            "used": self._client.used(),
            "items_without_a_reply": self.skipped,
        }

    async def _ask(self, question: Reversal | BothViews) -> Outcome:
        verdict = await converse(
            self._client, question.prompt, question.subject, self._sampling, question.read
        )
        if verdict.outcome == WRITTEN and verdict.value is not None:
            self._written[f"{_STYLE}{question.style_of(verdict.value)}"] += 1
            return verdict.value
        return question.reject(verdict)

    async def _with_paraphrase(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """The pairs with the paraphrase of their common original instruction, where one can be written."""
        pair = next((it for it in outcomes if isinstance(it, ViewPair)), None)
        if pair is None or pair.paraphrased_instruction is not None:
            return outcomes
        question = Paraphrase(pair, self._settings)
        verdict = await converse(
            self._client, question.prompt, question.subject, self._sampling, question.read
        )
        # A paraphrase is a control: without it the pair is kept, and the ledger has the reason.
        text = verdict.value if verdict.outcome == WRITTEN else None
        return [
            replace(it, paraphrased_instruction=text) if isinstance(it, ViewPair) else it for it in outcomes
        ]
