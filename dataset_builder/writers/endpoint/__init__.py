"""The writer ``endpoint``: a live language model behind a server or an inference provider."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dualview.dataset_builder.llm.options import add_arguments

if TYPE_CHECKING:
    from dualview.dataset_builder.llm.conversation import Sampling
    from dualview.dataset_builder.llm.setup import ClientSettings
    from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter
    from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings

__all__ = ["EndpointSettings", "add_arguments"]


@dataclass(frozen=True)
class EndpointSettings:
    """Settings of the writer ``endpoint``.

    :param client: the server, the model and the limits.
    :param ledger: the journal of requests and replies.
    """

    client: ClientSettings
    ledger: Path
    writing: WritingSettings
    sampling: Sampling

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> EndpointSettings:
        """The settings that the flags give."""
        # The clients take a second to import: not for --help.
        from dualview.dataset_builder.llm.conversation import Sampling
        from dualview.dataset_builder.llm.ledger import ledger_path
        from dualview.dataset_builder.llm.setup import ClientSettings
        from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings

        return cls(
            ClientSettings.from_arguments(args),
            args.ledger or ledger_path(args.out),
            WritingSettings.from_arguments(args),
            Sampling(args.temperature, args.max_tokens),
        )

    def make(self) -> EndpointWriter:
        """Make the writer, its server found and its ledger open.

        :raises InputError: if the settings contradict each other, or the server cannot be used.
        """
        from dualview.dataset_builder.llm.setup import LlmRun, open_llm_client
        from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter

        run = LlmRun.open(self.ledger, self.client.budget, self.client.budget_tokens)
        try:
            client = open_llm_client(self.client, run)
        except BaseException:
            run.close()
            raise
        return EndpointWriter(client, run, self.writing, self.sampling, client.concurrency)
