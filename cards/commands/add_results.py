"""Add a model's evaluation results to its published card.

dualview publish results runs/quickstart/training/model --repo-id org/dualview-minilm
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dualview.cards.errors import HubError
from dualview.cards.hub.command_line import run_publishing
from dualview.cards.hub.upload import Published
from dualview.cards.model_facts import FACTS_FILE
from dualview.cards.terminal import write_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parser.add_argument("folder", type=Path, help=f"the folder that was evaluated, with a {FACTS_FILE}")
    parser.add_argument("--repo-id", required=True, metavar="NAMESPACE/NAME", help="the published model")


def run(args: argparse.Namespace) -> int:
    """Add the results and return the exit code.

    :raises HubError: if the folder holds no results, or the card cannot be changed.
    """
    return run_publishing(lambda: _add_results(args))


def _add_results(args: argparse.Namespace) -> Published:
    from dualview.cards.hub.edit import add_results
    from dualview.cards.hub.repo import HubRepo
    from dualview.cards.model_facts import load_facts

    facts = load_facts(args.folder)
    if not facts.results:
        raise HubError(f"{args.folder}: holds no results; run 'dualview evaluate' with --update-card first")
    return add_results(HubRepo(args.repo_id, "model", write_line), facts.results, facts.eval_command)
