"""Compare a model with a baseline: python -m trainer.evaluation --model A --baseline B --dataset FOLDER --out report."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cards.model_facts import FACTS_FILE
from cards.readme import CardError
from trainer.errors import InputError
from trainer.evaluation.results import REPORT_FILE, EvaluationResults, write_report
from trainer.evaluation.tables import terminal_table


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 for bad input."""
    argv = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser().parse_args(argv)
    try:
        results = _evaluate(arguments, shlex.join(["python", "-m", "trainer.evaluation", *argv]))
        write_report(arguments.out, results)
        if arguments.update_card:
            from trainer.evaluation.card_update import update_card

            update_card(Path(arguments.model), results.figures, results.command)
    except (InputError, CardError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(terminal_table(results.figures) + "\n")
    sys.stderr.write(f"Report: {arguments.out / REPORT_FILE}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.evaluation",
        description="How well does a model obey instructions, beside a baseline, and is the difference real?",
    )
    kinds = "a folder, a Hub id, or package:NAME/SUBFOLDER"
    parser.add_argument("--model", required=True, help=f"model to evaluate: {kinds}")
    parser.add_argument("--baseline", required=True, help=f"model to compare with: {kinds}")
    parser.add_argument("--dataset", help="a dual-view dataset: a folder or a Hub id")
    parser.add_argument("--split", default="test", help="its split (default: test)")
    parser.add_argument(
        "--scifact", type=Path, metavar="FOLDER", help="plain retrieval: a folder in BEIR's layout"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the report")
    parser.add_argument("--batch-size", type=int, default=32, help="texts a forward pass (default: 32)")
    parser.add_argument("--max-tokens", type=int, help="cut texts at so many tokens, for both models alike")
    parser.add_argument(
        "--update-card", action="store_true", help="put the results into the card in the model's folder"
    )
    return parser


def _evaluate(arguments: argparse.Namespace, command: str) -> EvaluationResults:
    if not arguments.dataset and not arguments.scifact:
        raise InputError("nothing to measure: give --dataset or --scifact")
    if arguments.update_card and not (Path(arguments.model) / FACTS_FILE).is_file():
        raise InputError(
            f"--update-card: {arguments.model} holds no {FACTS_FILE}; only models that this project trained do"
        )
    if arguments.out.exists() and not arguments.out.is_dir():
        raise InputError(f"{arguments.out}: is a file; give --out a folder")
    # PyTorch takes seconds to import: not for --help or a missing flag.
    from trainer.evaluation.compare_models import compare_models

    started = time.monotonic()
    compared = compare_models(
        arguments.model,
        arguments.baseline,
        dataset=arguments.dataset,
        split=arguments.split,
        retrieval=arguments.scifact,
        batch_size=arguments.batch_size,
        max_tokens=arguments.max_tokens,
    )
    return EvaluationResults(
        model=arguments.model,
        baseline=arguments.baseline,
        template=compared.template,
        baseline_template=compared.baseline_template,
        command=command,
        seconds=time.monotonic() - started,
        figures=compared.figures,
    )


if __name__ == "__main__":
    sys.exit(main())
