"""Rewrite examples.json from the test split of a dataset; a tool for maintainers of this Space.

python -m flip.ship_examples DATASET

Every query of the test split gives at most one example. All queries are taken that have a pair of opposites,
of which each instruction rules out what the other one wants; it is the pair with the fewest words. Then come
the shortest pairs of other queries that only say what is wanted, and of those that only exclude, as these are
harder. How models rank them plays no part. Run flip.record afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from flip.text.examples import SHIPPED, are_opposites, load_sets, pairs_of, plainest
from flip.types import Example, FlipError

#: Pairs of each other kind.
OTHERS = 12


def choose(pairs: Sequence[Example]) -> list[Example]:
    """Choose the pairs to ship."""
    found = [one for one in plainest(pairs) if are_opposites(one)]
    for kind in ("inclusion", "exclusion"):
        queries = {one.query for one in found}
        others = [one for one in pairs if one.query not in queries]
        found += plainest(one for one in others if all(view.kind == kind for view in one.views))[:OTHERS]
    return found


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
    args = parser.parse_args(argv)
    try:
        picked = choose(pairs_of(load_sets(args.dataset)))
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if not picked:
        sys.stderr.write("error: no two instructions of a set say what they want: give another dataset\n")
        return 2
    write_shipped(SHIPPED, picked)
    sys.stderr.write(f"Wrote {len(picked)} examples to {SHIPPED.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
