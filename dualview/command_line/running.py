"""Runs a command: quiet libraries, one line for every error, and documented exit codes.

Exit codes: 0 done; 1 an error of the program itself; 2 bad input, bad options, or no room left in memory or
on the disk; 130 interrupted (Ctrl-C).
"""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.command_line.parser import EXIT_BAD_INPUT
from dualview.command_line.streams import tolerate_closed_streams

__all__ = ["explain", "hide_model_bars", "run_command", "write_error", "write_line"]

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

_SHOWN_CHARACTERS = 300
# PyTorch's allocators raise plain RuntimeErrors.
_NO_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)

# Settings of the libraries. They are read when a library is imported, so they are set before; a user's own
# setting wins.
_LIBRARIES = {
    # Bars that show no more than our own lines do.
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    # PyTorch's threads wait for each other busily by default. Beside another program that takes time from the
    # very thread that is waited for; benchmarks/threads.py shows how much.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def run_command(work: Callable[[], int], *, debug: bool = False, stopped: str = "interrupted") -> int:
    """Run a command's work and return its exit code; an error becomes one line on standard error.

    :param debug: show the traceback of an error too.
    :param stopped: message after Ctrl-C.
    """
    for name, value in _LIBRARIES.items():
        os.environ.setdefault(name, value)
    tolerate_closed_streams()
    try:
        return work()
    except KeyboardInterrupt:
        sys.stderr.write("\n")  # the terminal shows ^C at the beginning of the line
        write_line(stopped)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The program that read our output has gone: it has all that it wanted.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
        return EXIT_DONE
    except Exception as error:
        if debug:
            for line in traceback.format_exc().splitlines():
                write_line(line)
        message, code = explain(error)
        write_error(message)
        return code


def explain(error: Exception) -> tuple[str, int]:
    """Return one line about an error, and the exit code.

    An error that no code foresaw keeps its type and the first line of its text.
    """
    if isinstance(error, InputError):
        return str(error), EXIT_BAD_INPUT
    text = " ".join(str(error).split())[:_SHOWN_CHARACTERS]
    if (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or _NO_MEMORY.search(text)
    ):
        return f"out of memory ({text}); lower batch_size, max_tokens or chunk_tokens", EXIT_BAD_INPUT
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"{error.filename or 'the disk'}: no space left; free some and run the command again",
            EXIT_BAD_INPUT,
        )
    return f"{type(error).__name__}: {text} (add --debug to see where)", EXIT_FAILED


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
