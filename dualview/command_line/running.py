"""Runs a command: quiet libraries, one line for every error, and documented exit codes.

Exit codes: 0 done; 1 an error of the program itself; 2 bad input or bad options; 130 interrupted (Ctrl-C).
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable

from dualview.cards.errors import InputError
from dualview.command_line.parser import EXIT_BAD_INPUT

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

# Bars of the libraries that show no more than our own lines do. They are read when a library is imported, so
# they are set before; a user's own setting wins.
_QUIET = {
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}


def run_command(work: Callable[[], int], *, debug: bool = False, stopped: str = "interrupted") -> int:
    """Run a command's work and return its exit code; an error becomes one line on standard error.

    :param debug: show the traceback of an error too.
    :param stopped: message after Ctrl-C.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        return work()
    except InputError as error:
        if debug:
            traceback.print_exc()
        write_error(str(error))
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        write_line(f"\n{stopped}")
        return EXIT_INTERRUPTED


def hide_model_bars() -> None:
    """Hide the bars that transformers draws while it loads or saves weights, and keep downloads' bars."""
    from huggingface_hub.utils import enable_progress_bars
    from transformers.utils import logging

    logging.disable_progress_bar()
    # The call above hides the bars of downloads as well.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        enable_progress_bars()


def write_error(message: str) -> None:
    """Write one error line to standard error."""
    write_line(f"error: {message}")


def write_line(line: str) -> None:
    """Write a line to standard error; a closed standard error is no reason to fail."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass
