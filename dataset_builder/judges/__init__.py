"""Judges say whether the labels of a view pair really swap: a CrossEncoder, or a language model.

``--judge NAME`` takes a CrossEncoder's folder or its id on the Hub, or ``llm`` for a language model.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL, add_arguments
from dualview.dataset_builder.judges.judge_protocol import AnyJudge

if TYPE_CHECKING:
    from dualview.dataset_builder.judges.cross_encoder import CrossEncoderJudge
    from dualview.dataset_builder.judges.language_model import LanguageModelJudge

__all__ = ["add_arguments", "make_judge", "modules_of", "open_judge"]


def modules_of(name: str | None) -> list[str]:
    """The modules whose flags have a say in the judge ``name``."""
    if name is None:
        return []
    return ["dualview.dataset_builder.writers.endpoint", __name__] if name == LANGUAGE_MODEL else [__name__]


def make_judge(args: argparse.Namespace) -> AnyJudge | None:
    """The judge of a build, or None where none is named.

    :raises InputError: if it cannot be loaded or reached, or its flags contradict each other.
    """
    if args.judge is None:
        return None
    from dualview.dataset_builder.llm.ledger import ledger_path

    return open_judge(args, args.ledger or ledger_path(args.out))


def open_judge(args: argparse.Namespace, ledger: Path) -> CrossEncoderJudge | LanguageModelJudge:
    """The judge that the flags name.

    :param ledger: the journal of what a language model is asked.
    :raises InputError: see :func:`make_judge`.
    """
    # Either judge takes seconds to import: not for --help.
    from dualview.dataset_builder.judges.deciding import Thresholds

    thresholds = Thresholds(args.judge_relevant, args.judge_irrelevant)
    if args.judge == LANGUAGE_MODEL:
        from dualview.dataset_builder.judges.language_model import open_language_model

        return open_language_model(args, thresholds, ledger)
    from dualview.dataset_builder.judges.cross_encoder import open_cross_encoder

    return open_cross_encoder(args, thresholds)
