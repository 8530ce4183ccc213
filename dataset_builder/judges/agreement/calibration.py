"""The rule that a judge decides by, kept in a file between its measurement and a build."""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL, OWN_MODEL

_FORMAT = 1
_NUMBERS = ("relevant", "irrelevant", "margin")


def write_calibration(
    path: Path, judge: str, rule: Thresholds, measured: dict[str, Any], prompts: list[str]
) -> None:
    """Write the rule of a judge, with what was measured, for ``--judge-calibration``.

    :param judge: its name: a model, or a CrossEncoder.
    :param prompts: versions of the prompts that it was asked with; none for a CrossEncoder.
    :raises InputError: if the file cannot be written.
    """
    kept = {
        "format": _FORMAT,
        "judge": judge,
        "prompts": prompts,
        "rule": asdict(rule),
        "measured": measured,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"--store {path}: cannot be written ({error.strerror})") from error


def with_calibration(args: argparse.Namespace) -> argparse.Namespace:
    """The arguments with the rule of ``--judge-calibration`` in place of the file.

    So a recipe records the rule, and needs no file.

    :raises InputError: if the file cannot be read, is of another judge, or another rule is given as well.
    """
    path = getattr(args, "judge_calibration", None)
    if path is None:
        return args
    if args.judge is None:
        raise InputError("--judge-calibration: is of a judge; name it with --judge")
    given = (args.judge_relevant, args.judge_irrelevant, args.judge_margin)
    if given != (Thresholds.relevant, Thresholds.irrelevant, None):
        raise InputError("--judge-calibration brings the rule: leave out the other rules of the judge")
    judge, rule = _read(path)
    asked = _name(args)
    if asked is not None and asked != judge:
        raise InputError(f"--judge-calibration {path}: is of the judge {judge}, not of {asked}")
    changed = {f"judge_{name}": getattr(rule, name) for name in _NUMBERS}
    return argparse.Namespace(**{**vars(args), **changed, "judge_calibration": None})


def _name(args: argparse.Namespace) -> str | None:
    """The name of the judge that the flags ask for; None where its server tells it."""
    if args.judge not in (LANGUAGE_MODEL, OWN_MODEL):
        folder = Path(args.judge).expanduser()
        return folder.resolve().name if folder.is_dir() else str(args.judge)
    own: str | None = args.model
    named: str | None = args.judge_model
    if args.judge_base_url or args.judge_provider:
        return named
    return named or own


def _read(path: Path) -> tuple[str, Thresholds]:
    wrong = f"--judge-calibration {path}: is not a file that judge-agreement --store has written"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--judge-calibration {path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(wrong) from error
    if not isinstance(kept, dict) or kept.get("format") != _FORMAT or not isinstance(kept.get("judge"), str):
        raise InputError(wrong)
    rule = kept.get("rule")
    values = [rule.get(name) for name in _NUMBERS] if isinstance(rule, dict) else []
    if not values or not all(_is_number(value) for value in values if value is not None):
        raise InputError(wrong)
    relevant, irrelevant, margin = values
    if margin is not None:
        return kept["judge"], Thresholds(margin=margin)
    if relevant is None or irrelevant is None:
        raise InputError(wrong)
    return kept["judge"], Thresholds(relevant, irrelevant)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
