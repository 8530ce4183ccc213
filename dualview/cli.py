"""The command ``dualview``: one entry point for building, training, evaluating, serving and publishing.

Each command is a module with ``add_arguments(parser)`` and ``run(args) -> int``. It is imported only when
it is asked for: some libraries take seconds.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dualview
from dualview.command_line.parser import Parser
from dualview.command_line.running import run_command

_DESCRIPTION = (
    "Retrieval that obeys instructions: build a dataset whose relevance labels swap with the instruction, "
    "train a retriever on it, measure the change, publish it."
)
_STOPPED = "interrupted; the same command goes on or starts again, nothing half-written was left behind"


@dataclass(frozen=True)
class Command:
    """A command, or a group of commands.

    :param summary: its line in the list of commands.
    :param module: a module with ``add_arguments(parser)`` and ``run(args) -> int``; empty for a group.
    :param commands: the commands of a group, by name.
    """

    summary: str
    module: str = ""
    commands: Mapping[str, Command] = field(default_factory=dict)


_PUBLISH = {
    "dataset": Command("upload a built dataset", "dualview.dataset_builder.output.publish_dataset"),
    "model": Command("upload a trained model with its card", "dualview.cards.commands.publish_model"),
    "space": Command("upload a Space", "dualview.cards.commands.publish_space"),
    "results": Command(
        "add a model's evaluation results to its published card", "dualview.cards.commands.add_results"
    ),
}

COMMANDS: Mapping[str, Command] = {
    "quickstart": Command(
        "run the whole road on the shipped text: dataset, model, report", "dualview.quickstart"
    ),
    "build": Command("build a dataset from sources", "dualview.dataset_builder.build.command"),
    "train": Command("train a retriever on a dataset", "dualview.trainer.train"),
    "evaluate": Command("compare a model with a baseline", "dualview.trainer.evaluation.command"),
    "convert": Command(
        "turn a published benchmark into a local folder", "dualview.trainer.evaluation.convert"
    ),
    "report": Command(
        "show yields and costs of a build with a language model", "dualview.dataset_builder.report"
    ),
    "judge-agreement": Command(
        "measure how far a judge agrees with known labels",
        "dualview.dataset_builder.judges.agreement.command",
    ),
    "publish": Command("upload a dataset, a model or a Space to the Hub", commands=_PUBLISH),
    "edit-card": Command("change the metadata of a published card", "dualview.cards.commands.edit_card"),
    "export": Command(
        "write a model's query side as an ordinary SentenceTransformer", "dualview.trainer.serving.command"
    ),
    "demo": Command("open the demo in the browser", "dualview.demo"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``dualview`` and return the exit code, see :mod:`dualview.command_line.running`."""
    return run(COMMANDS, argv, "dualview", _DESCRIPTION)


def run_one(name: str, argv: Sequence[str] | None, prog: str) -> int:
    """Run a single command under a name of its own, such as ``python -m trainer.evaluation``."""
    words = list(sys.argv[1:] if argv is None else argv)

    def work() -> int:
        parser = Parser(prog=prog)
        _fill(parser, COMMANDS[name])
        args = parser.parse_args(words, argparse.Namespace(argv=words))
        return int(args.run(args))

    return run_command(work, debug="--debug" in words, stopped=_STOPPED)


def run(commands: Mapping[str, Command], argv: Sequence[str] | None, prog: str, description: str) -> int:
    """Run one of some commands and return the exit code.

    :param prog: name of the program, for its help.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    # Options in front of the command's name, such as --help, are the program's own.
    asked = [word for word in words if not word.startswith("-")]

    def work() -> int:
        parser = Parser(prog=prog, description=description)
        parser.add_argument("--version", action="version", version=f"%(prog)s {dualview.__version__}")
        _add_commands(parser, commands, asked)
        # What follows the command's name, for those that record how they were called.
        args = parser.parse_args(
            words, argparse.Namespace(argv=words[words.index(asked[0]) + 1 :] if asked else [])
        )
        return int(args.run(args))

    return run_command(work, debug="--debug" in words, stopped=_STOPPED)


def _add_commands(
    parser: argparse.ArgumentParser, commands: Mapping[str, Command], asked: Sequence[str]
) -> None:
    group = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for name, command in commands.items():
        made = group.add_parser(name, help=command.summary, description=command.summary)
        if [name] != list(asked[:1]):
            continue
        if command.commands:
            _add_commands(made, command.commands, asked[1:])
            continue
        _fill(made, command)


def _fill(parser: argparse.ArgumentParser, command: Command) -> None:
    module = importlib.import_module(command.module)
    module.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(run=module.run)


if __name__ == "__main__":
    sys.exit(main())
