"""``python -m dataset_builder``: the commands of ``dualview`` that concern datasets."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dualview import cli


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code, see :mod:`dualview.command_line.running`."""
    commands = {name: cli.COMMANDS[name] for name in ("build", "judge-agreement", "report")}
    commands["publish"] = cli.COMMANDS["publish"].commands["dataset"]
    return cli.run(commands, argv, "python -m dataset_builder", __doc__ or "")


if __name__ == "__main__":
    sys.exit(main())
