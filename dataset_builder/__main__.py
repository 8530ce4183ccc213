"""``python -m dataset_builder``: builds, looks into and publishes dual-view datasets."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from cards.readme import CardError
from dataset_builder.errors import InputError

#: Subcommand -> its module, with ``add_arguments(parser)`` and ``run(args) -> int``, and its line of help.
COMMANDS = {
    "build": ("dataset_builder.build_command", "build a dataset from sources"),
    "judge-agreement": ("dataset_builder.judge_agreement", "say how far to trust a judge"),
    "report": ("dataset_builder.report", "show what a run with a language model gave and took"),
    "publish": ("dataset_builder.publish", "upload a built dataset to the Hub"),
}
_INTERRUPTED = 130  # what shells report for Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return the exit code: 2 where something that was given cannot be used."""
    args = _make_parser(sys.argv[1:] if argv is None else argv).parse_args(argv)
    try:
        return int(args.run(args))
    except (InputError, CardError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write(
            "\ninterrupted; nothing half-written was left behind, the same command starts again\n"
        )
        return _INTERRUPTED


def _make_parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dataset_builder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        # Only the command that is asked for is imported: some take seconds.
        if name in argv[:1]:
            loaded = importlib.import_module(module)
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
