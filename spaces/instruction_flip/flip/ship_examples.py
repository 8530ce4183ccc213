"""Rewrite examples.json from the test split of a dataset; a tool for maintainers of this Space.

python -m flip.ship_examples DATASET [SET_ID[=AC] ...]

Without ids, the file keeps its sets and their instructions. ``=AC`` keeps only the first and the third
instruction of a set; all its passages stay.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from flip.text.examples import SHIPPED, load_examples, load_shipped
from flip.types import Example, FlipError, letter


def pick(examples: Sequence[Example], selections: Sequence[str]) -> list[Example]:
    """Select examples by set id, in the given order.

    :param selections: set ids, each with ``=`` and the letters of its instructions if not all are kept.
    :raises FlipError: if the dataset has no such set or instruction.
    """
    by_id = {example.set_id: example for example in examples}
    picked = []
    for selection in selections:
        set_id, _, letters = selection.partition("=")
        if set_id not in by_id:
            raise FlipError(f"no set {set_id!r} in the test split: choose another")
        example = by_id[set_id]
        views = {letter(index): view for index, view in enumerate(example.views)}
        kept = letters or "".join(views)
        if len(kept) < 2 or not set(kept) <= set(views):
            raise FlipError(
                f"{selection!r}: the set has the instructions {''.join(views)}; choose two or more of them"
            )
        picked.append(replace(example, views=tuple(views[name] for name in kept)))
    return picked


def selections_of(shipped: Sequence[Example], examples: Sequence[Example]) -> list[str]:
    """Return the set ids and letters that select the shipped examples, even after a change of wording.

    :raises FlipError: if the dataset no longer has one of the sets.
    """
    by_id = {example.set_id: example for example in examples}
    selections = []
    for old in shipped:
        if old.set_id not in by_id:
            raise FlipError(f"no set {old.set_id!r} in the test split any more: give the sets to ship")
        wanted = {view.wanted for view in old.views}
        kept = [letter(n) for n, view in enumerate(by_id[old.set_id].views) if view.wanted in wanted]
        selections.append(f"{old.set_id}={''.join(kept)}")
    return selections


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
    parser.add_argument("sets", nargs="*", metavar="SET_ID[=AC]")
    args = parser.parse_args(argv)
    try:
        examples = load_examples(args.dataset)
        picked = pick(examples, args.sets or selections_of(load_shipped(SHIPPED), examples))
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    write_shipped(SHIPPED, picked)
    sys.stderr.write(f"Wrote {len(picked)} examples to {SHIPPED.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
