"""Settings of writers and judge as they travel to the actors of a cluster."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from dualview.dataset_builder.judges.judge_protocol import AnyJudge, JudgeSettings
from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings
from dualview.dataset_builder.llm.setup import ClientSettings
from dualview.dataset_builder.writers.contrasts import ContrastsSettings
from dualview.dataset_builder.writers.endpoint import EndpointSettings
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, CorpusWriter, WriterSettings

if TYPE_CHECKING:
    from dualview.dataset_builder.judges.language_model import LanguageModelJudge
    from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter

_Asking = TypeVar("_Asking", EndpointSettings, LanguageModelSettings)


@dataclass(frozen=True)
class StageSettings:
    """Settings of the writers and the judge of a build.

    :param client: of a language model that is asked, if any: its budget is the budget of the build.
    :param ledger: the journal of all requests; None where no language model is asked.
    """

    writers: tuple[WriterSettings, ...]
    judge: JudgeSettings | None
    client: ClientSettings | None = None
    ledger: Path | None = None

    @classmethod
    def of(cls, writers: Sequence[WriterSettings], judge: JudgeSettings | None) -> StageSettings:
        """The settings of a build in one process."""
        for settings in (*writers, judge):
            if isinstance(settings, (EndpointSettings, LanguageModelSettings)):
                return cls(tuple(writers), judge, settings.client, settings.ledger.resolve())
        return cls(tuple(writers), judge)

    def shared_by(self, actors: int, writers: Sequence[AnyWriter], judge: AnyJudge | None) -> StageSettings:
        """The settings of one of several actors: with the models that the driver has found out.

        :param actors: number of actors, among which the requests in flight are shared.
        :param writers: the driver's own writers and judge, made from these settings; what they have learned
            of the corpus goes with the settings.
        """
        shared: list[WriterSettings] = []
        for settings, writer in zip(self.writers, writers, strict=True):
            if isinstance(settings, EndpointSettings):
                shared.append(_of_actor(settings, actors, cast("EndpointWriter", writer).asked_model))
            elif isinstance(settings, ContrastsSettings) and isinstance(writer, CorpusWriter):
                shared.append(replace(settings, corpus=writer.corpus))
            else:
                shared.append(settings)
        judging = self.judge
        if isinstance(judging, LanguageModelSettings) and judge is not None:
            judging = _of_actor(judging, actors, cast("LanguageModelJudge", judge).asked_model)
        return replace(self, writers=tuple(shared), judge=judging)


def _of_actor(settings: _Asking, actors: int, model: str | None) -> _Asking:
    concurrency = math.ceil(settings.client.concurrency / actors)
    client = replace(settings.client, model=model, concurrency=concurrency)
    return replace(settings, client=client, ledger=settings.ledger.resolve())
