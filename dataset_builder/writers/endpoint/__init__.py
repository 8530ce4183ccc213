"""The writer ``endpoint``: a live language model behind a server or an inference provider."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dualview.dataset_builder.llm.options import add_arguments

if TYPE_CHECKING:
    from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter

__all__ = ["add_arguments", "make_writer"]


def make_writer(args: argparse.Namespace) -> EndpointWriter:
    """The writer for a build, its server found and its ledger open.

    :raises InputError: if the flags contradict each other, or the server cannot be used.
    """
    # The clients take a second to import: not for --help.
    from dualview.dataset_builder.llm.conversation import Sampling
    from dualview.dataset_builder.llm.ledger import ledger_path
    from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
    from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter, WritingSettings

    settings = ClientSettings.from_arguments(args)
    run = LlmRun.open(args.ledger or ledger_path(args.out), settings.budget, settings.budget_tokens)
    try:
        client = open_llm_client(settings, run)
    except BaseException:
        run.close()
        raise
    return EndpointWriter(
        client,
        run,
        WritingSettings.from_arguments(args),
        Sampling(args.temperature, args.max_tokens),
        settings.concurrency,
    )
