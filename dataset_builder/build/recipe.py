"""What ``recipe.json`` holds: all that is needed to build the same dataset again, and what it came to."""

from __future__ import annotations

import argparse
import platform
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dualview.dataset_builder.build.statistics import Statistics
from dualview.dataset_builder.judges.protocol import AnyJudge
from dualview.dataset_builder.llm import options as endpoint_options
from dualview.dataset_builder.output.staging import BUILDER
from dualview.dataset_builder.sources.protocol import SourceFacts
from dualview.dataset_builder.writers.protocol import AnyWriter

_FORMAT = 1
_PACKAGES = ("dualview", "datasets", "pyarrow")
# Where a dataset lies on some machine is nobody's business, and is not needed to build it again.
# Nor is how a server was reached, and how hard it was pressed.
_OF_THE_MACHINE = frozenset({"out", "overwrite", "help", *endpoint_options.OF_THE_MACHINE})
_SECRET = re.compile(r"(?:^|_)(?:key|token|secret|password|credentials?)(?:_|$)")


def make_recipe(
    arguments: Mapping[str, Any],
    sources: Sequence[SourceFacts],
    writers: Sequence[AnyWriter],
    judge: AnyJudge | None,
    statistics: Statistics,
) -> dict[str, Any]:
    """The recipe of a build; it holds no time and no path, so that the same build gives the same bytes.

    A writer or a judge may have a method ``recipe()`` that gives what more there is to say, such as prompts
    and costs.
    """
    return {
        "builder": BUILDER,
        "format": _FORMAT,
        "arguments": dict(arguments),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
        "sources": [
            {
                "name": facts.name,
                "license": facts.license,
                "origin": facts.origin,
                "languages": list(facts.languages),
                "sha256": dict(facts.files),
            }
            for facts in sources
        ],
        "writers": [{**writer.describe().as_dict(), **_more(writer)} for writer in writers],
        "judge": None if judge is None else {"name": judge.name, **_more(judge)},
        "yields": statistics.yields(),
    }


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


def _recorded_actions(parser: argparse.ArgumentParser, args: argparse.Namespace) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if action.dest in _OF_THE_MACHINE or _SECRET.search(action.dest) or not hasattr(args, action.dest):
            continue
        yield action


def _recorded(value: Any) -> Any:  # noqa: ANN401 - any argument
    """An argument as JSON holds it; of an absolute path the name, of an address nothing that logs in."""
    if isinstance(value, (list, tuple)):
        return [_recorded(entry) for entry in value]
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str):
        return value
    if "://" in value:
        return _without_login(value)
    kind, colon, path = value.rpartition(":")
    return f"{kind}{colon}{Path(path).name}" if Path(path).expanduser().is_absolute() else value


def _without_login(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def _more(part: object) -> Mapping[str, Any]:
    describe = getattr(part, "recipe", None)
    return describe() if callable(describe) else {}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
