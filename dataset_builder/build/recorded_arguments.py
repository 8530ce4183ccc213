"""Arguments of a build as its recipe records them, and the command that builds the same dataset again."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dualview.dataset_builder.llm import options as endpoint_options

# A path on some machine, the address of a server and the load on it are not needed to build a dataset again,
# and are private.
_OF_THE_MACHINE = frozenset({"out", "overwrite", "help", "judge_base_url", *endpoint_options.OF_THE_MACHINE})
_SECRET = re.compile(r"(?:^|_)(?:key|token|secret|password|credentials?)(?:_|$)")


def recorded_arguments(parser: argparse.ArgumentParser, args: argparse.Namespace) -> dict[str, Any]:
    """The arguments of a command without secrets and without what concerns this machine only."""
    return {action.dest: _recorded(getattr(args, action.dest)) for action in _recorded_actions(parser, args)}


def command_line(
    program: Sequence[str], parser: argparse.ArgumentParser, args: argparse.Namespace, out: str
) -> str:
    """The command that does the same again: what differs from the defaults, written as flags."""
    words = list(program)
    for action in _recorded_actions(parser, args):
        value = getattr(args, action.dest)
        if value == action.default or not action.option_strings:
            continue
        flags = [flag for flag in action.option_strings if flag.startswith("--")]
        flag = flags[0]
        if isinstance(action, argparse.BooleanOptionalAction):
            words.append(flag if value else flags[-1])
        elif action.nargs == 0:
            words.append(flag)
        elif isinstance(action, argparse._AppendAction):
            words += [word for entry in value for word in (flag, str(_recorded(entry)))]
        else:
            values = value if isinstance(value, (list, tuple)) else [value]
            words += [flag, *(str(_recorded(entry)) for entry in values)]
    return shlex.join([*words, "--out", out])


def python_call(args: argparse.Namespace, parser: argparse.ArgumentParser, parts: Mapping[str, str]) -> str:
    """The call from Python that builds the same dataset, as comment lines of a shell.

    No command line can name the objects of a program.

    :param parts: arguments that hold such objects, and their values as Python code.
    """
    given = {
        action.dest: repr(_recorded(value))
        for action in _recorded_actions(parser, args)
        if (value := getattr(args, action.dest)) != action.default
    }
    given = {**parts, **{name: value for name, value in given.items() if name not in parts}}
    source = given.pop("source")
    del given["writer"]
    words = [source, "out='dataset'", *(f"{name}={value}" for name, value in given.items())]
    return (
        "# Built from Python, with objects of the calling program:\n"
        f"# dualview.build_dataset({', '.join(words)})"
    )


def _recorded_actions(parser: argparse.ArgumentParser, args: argparse.Namespace) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if action.dest in _OF_THE_MACHINE or _SECRET.search(action.dest) or not hasattr(args, action.dest):
            continue
        yield action


def _recorded(value: Any) -> Any:  # noqa: ANN401 - any argument
    """An argument as JSON holds it: of an absolute path its name, of an address no login."""
    if isinstance(value, (list, tuple)):
        return [_recorded(entry) for entry in value]
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str):
        return value
    if "://" in value:
        return _without_login(value)
    kind, colon, path = value.rpartition(":")
    return f"{kind}{colon}{Path(path).name}" if path.startswith(("/", "~")) else value


def _without_login(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
