"""``python -m cards``: the commands of ``dualview`` that publish models and Spaces and edit cards."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dualview import cli

_DESCRIPTION = "Publish models and Spaces, and edit published cards."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code, see :mod:`dualview.command_line.running`."""
    publish = cli.COMMANDS["publish"].commands
    commands = {
        "publish-space": publish["space"],
        "publish-model": publish["model"],
        "add-results": publish["results"],
        "edit-card": cli.COMMANDS["edit-card"],
    }
    return cli.run(commands, argv, "python -m cards", _DESCRIPTION)


if __name__ == "__main__":
    sys.exit(main())
