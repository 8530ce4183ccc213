"""Writes examples.json anew from the test split of a dataset; for whoever maintains this Space.

python -m flip.ship_examples DATASET [SET_ID[=AC] ...]

Without ids, the sets of the present file are taken again, under the same instructions. ``=AC`` keeps the
first and the third instruction of a set; its passages all stay.
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


def pick(examples: Sequence[Example], wishes: Sequence[str]) -> list[Example]:
    """Return the examples that are wished for, in that order.

    :param wishes: set ids, each with the letters of its instructions if not all are kept.
    :raises FlipError: if the dataset has no such set or instruction.
    """
    by_id = {example.set_id: example for example in examples}
    picked = []
    for wish in wishes:
        set_id, _, letters = wish.partition("=")
        if set_id not in by_id:
            raise FlipError(f"no set {set_id!r} in the test split: choose another")
        example = by_id[set_id]
        views = {letter(index): view for index, view in enumerate(example.views)}
        kept = letters or "".join(views)
        if len(kept) < 2 or not set(kept) <= set(views):
            raise FlipError(
                f"{wish!r}: the set has the instructions {''.join(views)}; name two or more of them"
            )
        picked.append(replace(example, views=tuple(views[name] for name in kept)))
    return picked


def wishes_of(shipped: Sequence[Example], examples: Sequence[Example]) -> list[str]:
    """Return the wishes that give the shipped examples again, also where their wording has changed.

    :raises FlipError: if the dataset has a shipped set no more.
    """
    by_id = {example.set_id: example for example in examples}
    wishes = []
    for old in shipped:
        if old.set_id not in by_id:
            raise FlipError(f"no set {old.set_id!r} in the test split any more: name the sets to ship")
        wanted = {view.wanted for view in old.views}
        kept = [letter(n) for n, view in enumerate(by_id[old.set_id].views) if view.wanted in wanted]
        wishes.append(f"{old.set_id}={''.join(kept)}")
    return wishes


def write_shipped(path: Path, examples: Sequence[Example]) -> None:
    """Write examples as ``load_shipped`` reads them; the file is replaced only when it is complete."""
    rows = [
        {name: value for name, value in asdict(example).items() if name != "kind"} for example in examples
    ]
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file.

    :return: 0, or 2 when the input was bad.
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
        picked = pick(examples, args.sets or wishes_of(load_shipped(SHIPPED), examples))
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    write_shipped(SHIPPED, picked)
    sys.stderr.write(f"Wrote {len(picked)} examples to {SHIPPED.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
