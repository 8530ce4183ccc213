"""Judges decide whether the labels of a view pair really swap: a CrossEncoder, or a language model.

``--judge NAME`` takes a CrossEncoder's folder or its id on the Hub, ``llm`` for a language model, or ``self``
for the model that writes.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dualview.dataset_builder.judges.agreement.calibration import with_calibration
from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL, OWN_MODEL, add_arguments

if TYPE_CHECKING:
    from dualview.dataset_builder.judges.cross_encoder import CrossEncoderSettings
    from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings

__all__ = ["LANGUAGE_MODEL", "OWN_MODEL", "add_arguments", "read_judge", "with_calibration"]


def read_judge(args: argparse.Namespace) -> CrossEncoderSettings | LanguageModelSettings | None:
    """The settings of the judge that the flags name; None where they name none.

    :raises InputError: if the flags contradict each other.
    """
    args = with_calibration(args)
    if args.judge is None:
        return None
    # Either judge takes seconds to import: not for --help.
    if args.judge in (LANGUAGE_MODEL, OWN_MODEL):
        from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings

        return LanguageModelSettings.from_arguments(args)
    from dualview.dataset_builder.judges.cross_encoder import CrossEncoderSettings

    return CrossEncoderSettings.from_arguments(args)
