"""Rewrite examples.json from the test split of a dataset; a tool for maintainers of this Space.

python -m flip.ship_examples DATASET [--count 120]

Every query of the test split gives at most one example: the pair of instructions with the fewest words. The
shortest of these are taken, of each kind of instruction in turn. How models rank them plays no part. Run
flip.record afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from flip.text.examples import SHIPPED, load_examples
from flip.types import Example, FlipError


def write_shipped(path: Path, examples: Sequence[Example]) -> None:
    """Write examples in the format of ``load_shipped``; the file is replaced only when it is complete."""
    rows = [
        {name: value for name, value in asdict(example).items() if name != "kind"} for example in examples
    ]
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool.

    :return: the exit code: 0, or 2 for bad input.
    """
    parser = argparse.ArgumentParser(
        prog="python -m flip.ship_examples",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dataset", help="a dual-view dataset: a folder or a Hub id")
    parser.add_argument("--count", type=int, default=120, help="examples to take (%(default)s)")
    args = parser.parse_args(argv)
    try:
        picked = load_examples(args.dataset)[: args.count]
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    write_shipped(SHIPPED, picked)
    sys.stderr.write(f"Wrote {len(picked)} examples to {SHIPPED.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
