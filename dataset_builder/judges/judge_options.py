"""Options of judges."""

from __future__ import annotations

import argparse
from pathlib import Path

from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.number_types import positive_int

#: The value of ``--judge`` for a language model.
LANGUAGE_MODEL = "llm"
#: The value of ``--judge`` for the writer's own model.
OWN_MODEL = "self"
ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command that also has those of the writer ``endpoint``."""
    group = parser.add_argument_group(
        "judge",
        "A reversal is published if, under the original instruction and under the reversal, its\n"
        "positive is judged relevant and every other passage is not. To measure a judge first:\n\n"
        "    dualview judge-agreement --judge NAME",
    )
    group.add_argument(
        "--judge",
        metavar="NAME",
        help=f"a CrossEncoder's folder or its id on the Hub, '{LANGUAGE_MODEL}', or '{OWN_MODEL}' for the "
        "model of the writer endpoint, which needs no second server (default: no judge)",
    )
    group.add_argument(
        "--judge-relevant",
        type=float,
        default=Thresholds.relevant,
        metavar="P",
        help="probability from which a passage counts as relevant (default: %(default)s)",
    )
    group.add_argument(
        "--judge-irrelevant",
        type=float,
        default=Thresholds.irrelevant,
        metavar="P",
        help="probability below which a passage counts as not relevant (default: %(default)s)",
    )
    group.add_argument(
        "--judge-margin",
        type=float,
        metavar="M",
        help="instead of both: the positive must be above all other passages of the set by so much, in "
        "log-odds; for judges whose probabilities are all high or all low",
    )
    group.add_argument(
        "--judge-calibration",
        type=Path,
        metavar="FILE",
        help="take thresholds or margin from a file that judge-agreement --store has written",
    )
    group.add_argument(
        "--judge-hard-negatives",
        type=_count_or_all,
        metavar="N",
        help=f"number of hard negatives of each pair to judge too, or '{ALL}'; those judged relevant are "
        "left out (default: all for a CrossEncoder, none for a language model)",
    )
    _add_cross_encoder(parser)
    _add_language_model(parser)


def hard_negatives_to_judge(value: int | str | None, default: int | None) -> int | None:
    """Number of hard negatives of a pair that are judged; None for all."""
    if value is None:
        return default
    return None if isinstance(value, str) else value


def _add_cross_encoder(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("judge: a CrossEncoder")
    group.add_argument(
        "--judge-revision",
        metavar="REVISION",
        help="commit, tag or branch of the model on the Hub (default: the newest)",
    )
    group.add_argument(
        "--judge-device",
        metavar="DEVICE",
        help="device of the model, such as cuda:1 (default: the first one)",
    )
    group.add_argument(
        "--judge-batch-size",
        type=positive_int,
        default=32,
        metavar="N",
        help="texts in a forward pass (default: %(default)s)",
    )


def _add_language_model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "judge: a language model", "The limits of the writer endpoint hold for the judge too."
    )
    group.add_argument(
        "--judge-base-url",
        action="append",
        metavar="URL",
        help="server of the judging model, or several times for several servers (default: --base-url)",
    )
    group.add_argument(
        "--judge-provider",
        metavar="NAME",
        help="inference provider of the judging model (default: --provider)",
    )
    group.add_argument(
        "--judge-model",
        metavar="NAME",
        help="name of the judging model (default: --model, or the first model of --judge-base-url)",
    )
    group.add_argument(
        "--judge-votes",
        type=positive_int,
        default=3,
        metavar="N",
        help="votes on each view, where the server gives no probabilities (default: %(default)s)",
    )
    group.add_argument(
        "--judge-window",
        type=positive_int,
        default=8,
        metavar="N",
        help="most passages in one question of a vote (default: %(default)s)",
    )
    group.add_argument(
        "--judge-max-tokens",
        type=positive_int,
        default=64,
        metavar="N",
        help="most tokens of an answer; a reasoning model needs thousands (default: %(default)s)",
    )


def _count_or_all(text: str) -> int | str:
    if text == ALL:
        return ALL
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is neither a whole number from 0 on nor '{ALL}'")
    return number
