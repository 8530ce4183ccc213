"""Local Hub to try publishing without an account.

    python -m tests.hub --port 8000
    python -m tests.hub --port 8000 --faults status=0.1,rate=0.05,drop=0.05,lose=0.05,race=0.3

It prints the environment that points Hugging Face's clients to it, and stops on Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.hub.loopback.faults import KINDS, Faults, parse_faults
from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hub", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--folder", type=Path, help="keeps what is uploaded (default: a temporary one)")
    parser.add_argument(
        "--faults",
        default="",
        help=f"chances of {', '.join(KINDS)}, such as status=0.1,race=0.3",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    arguments = parser.parse_args(argv)
    with ExitStack() as stack:
        try:
            faults = Faults(arguments.seed, parse_faults(arguments.faults))
            folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            hub = stack.enter_context(serving(Hub(folder, faults=faults), arguments.port))
        except (OSError, ValueError) as error:
            sys.stderr.write(f"error: {error}\n")
            return 2
        write, read, other = hub.accounts.tokens
        sys.stdout.write(
            f"export HF_ENDPOINT={hub.url} HF_TOKEN={write} HF_HOME=$(mktemp -d)\n"
            "export HF_HUB_DISABLE_XET=1 HF_HUB_DISABLE_TELEMETRY=1 HF_UPDATE_DOWNLOAD_COUNTS=0 "
            "HF_HUB_DISABLE_UPDATE_CHECK=1\n"
        )
        sys.stdout.flush()
        sys.stderr.write(
            f"Paste these lines into another shell. {write} may write to 'alice' and 'org', {read} only read "
            f"them, {other} writes to 'bob'. Stop with Ctrl-C.\n"
        )
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stderr.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
