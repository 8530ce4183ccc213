"""Settings of a judge that is a language model."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.judges.judge_options import (
    LANGUAGE_MODEL,
    OWN_MODEL,
    hard_negatives_to_judge,
)
from dualview.dataset_builder.judges.language_model import LanguageModelJudge
from dualview.dataset_builder.judges.relevance_questions import AskingSettings
from dualview.dataset_builder.llm.connection import JUDGE
from dualview.dataset_builder.llm.ledger import ledger_path
from dualview.dataset_builder.llm.servers.facts import AUTO
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client


@dataclass(frozen=True)
class LanguageModelSettings:
    """Settings of a judge that is a language model.

    :param client: the server, the model and the limits.
    :param ledger: the journal of requests and replies.
    :param hard_negatives: number of hard negatives of a pair that are judged; None for all.
    :param is_own: the model is the writer's own.
    """

    client: ClientSettings
    ledger: Path
    thresholds: Thresholds = field(default_factory=Thresholds)
    asking: AskingSettings = field(default_factory=AskingSettings)
    hard_negatives: int | None = 0
    is_own: bool = False

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> LanguageModelSettings:
        """The settings that the flags give; options of the judge go before those of the writer ``endpoint``.

        :raises InputError: if they contradict each other.
        """
        client = ClientSettings.from_arguments(args)
        is_own = args.judge == OWN_MODEL
        if is_own and (args.judge_base_url or args.judge_provider or args.judge_model):
            raise InputError(
                f"--judge {OWN_MODEL} is the writer's own model: take --judge {LANGUAGE_MODEL} for another"
            )
        if args.judge_base_url or args.judge_provider:
            client = replace(
                client.on(args.judge_base_url), provider=args.judge_provider, model=None, dialect=AUTO
            )
        return cls(
            replace(client, model=args.judge_model or client.model),
            args.ledger or ledger_path(args.out),
            Thresholds.from_arguments(args),
            AskingSettings.from_arguments(args),
            hard_negatives_to_judge(args.judge_hard_negatives, default=0),
            is_own,
        )

    def make(self) -> LanguageModelJudge:
        """Make the judge, its server found and its ledger open.

        :raises InputError: if the server cannot be used, or the settings contradict each other.
        """
        run = LlmRun.open(self.ledger, self.client.budget, self.client.budget_tokens)
        try:
            client = open_llm_client(self.client, run, JUDGE)
        except BaseException:
            run.close()
            raise
        return LanguageModelJudge(
            client, run, self.thresholds, self.asking, self.hard_negatives, client.concurrency, self.is_own
        )
