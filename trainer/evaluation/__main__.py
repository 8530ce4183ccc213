"""``python -m trainer.evaluation``: the same as ``dualview evaluate``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dualview import cli


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code, see :mod:`dualview.command_line.running`."""
    return cli.run_one("evaluate", argv, "python -m trainer.evaluation")


if __name__ == "__main__":
    sys.exit(main())
