"""The flags of judges."""

from __future__ import annotations

import argparse

from dualview.dataset_builder.judges.deciding import Thresholds

#: What ``--judge`` says for a language model.
LANGUAGE_MODEL = "llm"
ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags to a command that also has those of the writer ``endpoint``."""
    group = parser.add_argument_group(
        "judge",
        "A reversal is published if, under the original instruction and under the reversal, its\n"
        "positive is judged relevant and every other passage is not. How far to trust a judge says:\n"
        "dualview judge-agreement --judge NAME",
    )
    group.add_argument(
        "--judge",
        metavar="NAME",
        help=f"a CrossEncoder's folder or its id on the Hub, or '{LANGUAGE_MODEL}' (default: no judge)",
    )
    group.add_argument(
        "--judge-relevant",
        type=float,
        default=Thresholds.relevant,
        metavar="P",
        help="a passage counts as relevant from this probability on (default: %(default)s)",
    )
    group.add_argument(
        "--judge-irrelevant",
        type=float,
        default=Thresholds.irrelevant,
        metavar="P",
        help="a passage counts as not relevant below this probability (default: %(default)s)",
    )
    group.add_argument(
        "--judge-hard-negatives",
        type=_count_or_all,
        metavar="N",
        help=f"judge the first N hard negatives of a pair too, or '{ALL}'; those that prove to be relevant "
        "are left out (default: all for a CrossEncoder, none for a language model)",
    )
    _add_cross_encoder(group)
    _add_language_model(group)


def hard_negatives_to_judge(value: int | str | None, default: int | None) -> int | None:
    """How many hard negatives of a pair are judged; None for all."""
    if value is None:
        return default
    return None if isinstance(value, str) else value


def _add_cross_encoder(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--judge-revision", metavar="REVISION", help="of a CrossEncoder on the Hub: commit, tag or branch"
    )
    group.add_argument(
        "--judge-device", metavar="DEVICE", help="such as cuda:1 (default: the first there is)"
    )
    group.add_argument(
        "--judge-batch-size",
        type=_positive,
        default=32,
        metavar="N",
        help="texts a forward pass (default: %(default)s)",
    )


def _add_language_model(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--judge-base-url",
        metavar="URL",
        help="the server of the judging model (default: --base-url); the limits are those of the writer",
    )
    group.add_argument("--judge-provider", help="its inference provider (default: --provider)")
    group.add_argument("--judge-model", help="its name (default: --model, or the first of --judge-base-url)")
    group.add_argument(
        "--judge-votes",
        type=_positive,
        default=3,
        metavar="N",
        help="votes a view, where the server gives no probabilities (default: %(default)s)",
    )
    group.add_argument(
        "--judge-window",
        type=_positive,
        default=8,
        metavar="N",
        help="passages in one question of a vote, at most (default: %(default)s)",
    )
    group.add_argument(
        "--judge-max-tokens",
        type=_positive,
        default=64,
        metavar="N",
        help="of an answer; a reasoning model needs thousands (default: %(default)s)",
    )


def _count_or_all(text: str) -> int | str:
    if text == ALL:
        return ALL
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is neither a whole number from 0 on nor '{ALL}'")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return number
