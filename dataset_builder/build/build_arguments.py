"""Arguments of a build: the command's options, which are also the options of the Python function."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Mapping
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder import judges
from dualview.dataset_builder.build import engines
from dualview.dataset_builder.build.build_settings import BuildSettings
from dualview.dataset_builder.compositions.drawing import ROWS_OF_TOPIC
from dualview.dataset_builder.number_types import count
from dualview.dataset_builder.sources import open_sources as sources
from dualview.dataset_builder.splits.plan import SplitShares
from dualview.dataset_builder.writers import open_writers as writers

DEFAULT_WRITERS = ("replay", "facets", "contrasts")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a build, with those of every source, writer, judge and engine."""
    _add_common_arguments(parser)
    sources.add_arguments(parser)
    writers.add_arguments(parser)
    judges.add_arguments(parser)
    engines.add_arguments(parser)


def parser_of_used(args: argparse.Namespace) -> argparse.ArgumentParser:
    """A parser with the options that had an effect on a build: the recipe does not list the others."""
    parser = argparse.ArgumentParser()
    _add_common_arguments(parser)
    for add in dict.fromkeys(add for name in args.source for add in sources.arguments_of(name)):
        add(parser)
    kinds = [kind for kind in args.writer if kind in writers.WRITER_NAMES]
    # A language model that judges is reached by the options of the writer that is one.
    asks = args.judge in (judges.LANGUAGE_MODEL, judges.OWN_MODEL)
    writers.add_arguments(parser, [*kinds, "endpoint"] if asks else kinds)
    if args.judge is not None:
        judges.add_arguments(parser)
    return parser


def check_texts(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Check that all arguments are text that recipe and card, which are UTF-8, can hold.

    File names are bytes to the system, and those that are no UTF-8 arrive as halves of surrogate pairs.

    :raises InputError: naming the option otherwise.
    """
    for action in parser._actions:
        given = getattr(args, action.dest, None)
        for value in given if isinstance(given, (list, tuple)) else [given]:
            if isinstance(value, (str, Path)) and not _is_writable(str(value)):
                raise InputError(
                    f"{action.option_strings[-1]} {value}: holds bytes that are not UTF-8 text, or a NUL; "
                    "give another name"
                )


def _is_writable(text: str) -> bool:
    try:
        return b"\0" not in text.encode("utf-8")
    except UnicodeEncodeError:
        return False


def arguments_from(values: Mapping[str, object]) -> argparse.Namespace:
    """The arguments of a build from Python values: option names with underscores for dashes.

    :raises InputError: if an option is unknown, or its value is of the wrong type or out of range.
    """
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    actions = {action.dest: action for action in parser._actions}
    args = argparse.Namespace(**{name: action.default for name, action in actions.items()})
    for name, value in values.items():
        if name not in actions:
            near = difflib.get_close_matches(name, actions, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "'dualview build --help' lists the options"
            raise InputError(f"unknown option '{name}' of a build; {hint}")
        setattr(args, name, _checked(actions[name], value))
    return args


def _checked(action: argparse.Action, value: object) -> object:
    """A Python value as the parser would give it."""
    if value is None and action.default is None:
        return None
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise InputError(f"{action.dest}={value!r}: is not True or False; give one of them")
        return value
    if isinstance(action, argparse._AppendAction):
        entries = [value] if isinstance(value, (str, Path)) else value
        if not isinstance(entries, (list, tuple)):
            raise InputError(f"{action.dest}={value!r}: is not a list; give a list of strings")
        return [_converted(action, entry) for entry in entries]
    return _converted(action, value)


def _converted(action: argparse.Action, value: object) -> object:
    if not isinstance(value, (str, Path) if action.type is Path else (str, int, float, Path)) or isinstance(
        value, bool
    ):
        raise InputError(f"{action.dest}={value!r}: is neither a string nor a number; give one")
    try:
        converted: object = str(value) if action.type is None else action.type(str(value))  # type: ignore[operator]
    except (argparse.ArgumentTypeError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{action.dest}={value!r}: cannot be used ({error}); give another value") from error
    if action.choices is not None and converted not in action.choices:
        known = ", ".join(map(repr, action.choices))
        raise InputError(f"{action.dest}={value!r}: is not one of {known}; give one of them")
    return converted


def _add_common_arguments(parser: argparse.ArgumentParser) -> None:
    # Argparse lists the groups in the order of their making, and the recipe the options in theirs.
    what = parser.add_argument_group("dataset")
    split = parser.add_argument_group("splits")
    what.add_argument(
        "--source",
        action="extend",
        nargs="+",
        required=True,
        metavar="SOURCE",
        help=f"source of the text, one or several: {', '.join(sources.SOURCE_NAMES)} (some with :ARGUMENT, "
        "see below), or the path of a JSONL file",
    )
    what.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of the dataset; needed, except with --describe"
    )
    what.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a dataset that this builder wrote; your own text in its card is kept",
    )
    what.add_argument(
        "--writer",
        action="extend",
        nargs="+",
        default=None,
        choices=writers.WRITER_NAMES,
        help="writer of the instructions; with several, each item goes to the first that takes it "
        f"(default: {' '.join(DEFAULT_WRITERS)})",
    )
    split.add_argument(
        "--test-share",
        type=float,
        default=SplitShares.test,
        metavar="SHARE",
        help="share of the queries held out for the test split (default: %(default)s)",
    )
    split.add_argument(
        "--validation-share",
        type=float,
        default=SplitShares.validation,
        metavar="SHARE",
        help="share of the queries held out for the validation split (default: %(default)s)",
    )
    split.add_argument(
        "--seed",
        type=int,
        default=BuildSettings.seed,
        help="seed for splits and wordings; the same seed gives the same bytes (default: %(default)s)",
    )
    what.add_argument("--name", default=None, help="title of the dataset, for its card")
    what.add_argument(
        "--compositions",
        type=count,
        default=BuildSettings.compositions,
        metavar="N",
        help="training rows of the config 'compositions': queries with phrases to exclude or include, "
        "without passages; 0 leaves it out, validation and test get rows in proportion (default: "
        f"%(default)s, and at most {ROWS_OF_TOPIC} for each query)",
    )
