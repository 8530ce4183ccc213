"""Publish Spaces and models, and change what is published.

    python -m cards publish-space spaces/instruction_flip --repo-id org/instruction-flip
    python -m cards publish-model runs/quickstart/model --repo-id org/dualview-minilm --dry-run
    python -m cards add-results runs/quickstart/model --repo-id org/dualview-minilm
    python -m cards edit-card dataset --repo-id org/dualview-ifir --set 'pretty_name=DualView'

Datasets are published by ``python -m dataset_builder publish``, checkpoints while they are trained by the
training's ``--push-to-hub``. All is private unless you add --public. Log in with ``hf auth login`` first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml
from huggingface_hub import RepoCard

from cards.hub_errors import KINDS, HubError
from cards.hub_repo import HubRepo
from cards.model_facts import FACTS_FILE
from cards.publish import publish
from cards.publish_arguments import add_publish_arguments, publish_options, run_publishing
from cards.publishing import Published, say_on_stderr


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0, or 2 where the input or the Hub is at fault."""
    parser = argparse.ArgumentParser(
        prog="python -m cards", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    space = commands.add_parser("publish-space", help="upload a Space's folder with its sub-folders")
    space.add_argument("folder", type=Path, help="the Space's folder, with a README.md")
    space.add_argument(
        "--model", action="append", default=[], help="Hub id of a model that it shows; repeatable"
    )
    space.add_argument("--dataset", action="append", default=[], help="Hub id of a dataset; repeatable")
    add_publish_arguments(space)
    space.set_defaults(work=_publish_space)
    model = commands.add_parser("publish-model", help="upload a trained model with its card")
    model.add_argument("folder", type=Path, help="the model's folder")
    add_publish_arguments(model)
    model.set_defaults(work=_publish_model)
    results = commands.add_parser("add-results", help="add a model's figures to its published card")
    results.add_argument("folder", type=Path, help=f"the folder that was evaluated, with a {FACTS_FILE}")
    results.add_argument("--repo-id", required=True, metavar="NAMESPACE/NAME", help="the published model")
    results.set_defaults(work=_add_results)
    edit = commands.add_parser("edit-card", help="change the metadata of a published card")
    edit.add_argument("kind", choices=KINDS, help="of the repository")
    edit.add_argument("--repo-id", required=True, metavar="NAMESPACE/NAME", help="the repository on the Hub")
    edit.add_argument(
        "--set", action="append", required=True, metavar="NAME=VALUE", help="the value in YAML; repeatable"
    )
    edit.set_defaults(work=_edit_card)
    arguments = parser.parse_args(argv)
    return run_publishing(lambda: arguments.work(arguments))


def _publish_space(arguments: argparse.Namespace) -> Published:
    from cards.space_folder import space_upload

    upload = space_upload(arguments.folder, arguments.repo_id, arguments.model, arguments.dataset)
    return publish(upload, publish_options(arguments, f"Publish {arguments.folder.name}"))


def _publish_model(arguments: argparse.Namespace) -> Published:
    from cards.model_folder import model_upload

    upload = model_upload(arguments.folder, arguments.repo_id)
    return publish(upload, publish_options(arguments, f"Publish {arguments.repo_id.split('/')[-1]}"))


def _add_results(arguments: argparse.Namespace) -> Published:
    from cards.edit_published import add_results
    from cards.model_facts import load_facts

    facts = load_facts(arguments.folder)
    if not facts.results:
        raise HubError(f"{arguments.folder}: holds no results; run python -m trainer.evaluation on it first")
    return add_results(HubRepo(arguments.repo_id, "model", say_on_stderr), facts.results, facts.eval_command)


def _edit_card(arguments: argparse.Namespace) -> Published:
    from cards.edit_published import edit_published_card

    values = dict(_parsed(pair) for pair in arguments.set)

    def change(card: RepoCard) -> None:
        for name, value in values.items():
            card.data[name] = value

    repo = HubRepo(arguments.repo_id, arguments.kind, say_on_stderr)
    return edit_published_card(repo, change, f"Set {', '.join(values)}")


def _parsed(pair: str) -> tuple[str, object]:
    name, equals, value = pair.partition("=")
    try:
        if equals and name:
            return name, yaml.safe_load(value)
    except yaml.YAMLError:
        pass
    raise HubError(f"--set {pair}: is not of the form NAME=VALUE with a value in YAML")


if __name__ == "__main__":
    sys.exit(main())
