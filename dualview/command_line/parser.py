"""An argument parser with suggestions for misspelled options and help that fits the terminal."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from dualview.cards.terminal import printable

EXIT_BAD_INPUT = 2
# A formatter of source code removes the indentation of commands that end a docstring.
_COMMAND = re.compile(r"(dualview|accelerate|python) ")


class HelpFormatter(argparse.HelpFormatter):
    """Wraps paragraphs to the terminal's width; keeps indented blocks, such as commands, as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        blocks = re.split(r"\n\s*\n", textwrap.dedent(text).strip("\n"))
        return "\n\n".join(_fill_block(block, width, indent) for block in blocks)


class Parser(argparse.ArgumentParser):
    """Parses options by their full names; says which option or value a misspelled one resembles."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - argparse's own
        kwargs.setdefault("formatter_class", HelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)
        self._argv: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - argparse's own
        """Parse what is known, and keep the words for the hint of :meth:`error`."""
        self._argv = list(sys.argv[1:] if args is None else args)
        found, rest = super().parse_known_args(self._argv, namespace)
        # argparse leaves a subcommand's unknown options to the outermost parser, which cannot suggest any.
        if rest and not self._subparsers:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Write the message with suggestions to standard error and exit with 2."""
        if choice := re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message):
            hint = suggest(choice[1], re.findall(r"[\w.-]+", choice[2]))
        else:
            hint = "".join(suggest(flag, self._option_string_actions) for flag in self._unknown_flags()[:1])
        line = f"error: {message}{hint} ('{self.prog} --help' lists the options)"
        self.exit(EXIT_BAD_INPUT, f"{printable(line)}\n")

    def _unknown_flags(self) -> list[str]:
        flags = (word.partition("=")[0] for word in self._argv if word.startswith("--") and word != "--")
        return [flag for flag in flags if flag not in self._option_string_actions]


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the known word nearest to a misspelled one, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _fill_block(block: str, width: int, indent: str) -> str:
    lines = block.splitlines()
    if any(line.startswith((" ", "\t")) for line in lines) or all(map(_COMMAND.match, lines)):
        return "\n".join(indent + line for line in lines)
    return textwrap.fill(" ".join(block.split()), width, initial_indent=indent, subsequent_indent=indent)
