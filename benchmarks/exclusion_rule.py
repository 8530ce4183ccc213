"""Count how often the rule finds an exclusion, by the kind of instruction.

    python benchmarks/exclusion_rule.py [--data FOLDER] [--show 20 --kind exclusion] [--claims ../shared/data]

reads the shipped practical sets. The table of cues was written with the training part in view; validation is
what it is judged by, and the test part is not read. ``--claims`` adds statements that exclude nothing: the
last sentences of 1,500 abstracts of SciFact, in that folder.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dualview.trainer.composition.rule import split_exclusions

_DATA = Path(__file__).resolve().parents[1] / "dataset_builder" / "seeds" / "practical"
_KINDS = ("exclusion", "both", "inclusion", "other")


@dataclass(frozen=True)
class Instruction:
    """A written instruction with its query, its kind and the part that it belongs to."""

    query: str
    text: str
    kind: str
    split: str


def read_instructions(folder: Path) -> Iterator[Instruction]:
    """Read the instructions of all sets in a folder of JSONL files, without those of the test."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            split = row["split"]
            if split != "test":
                for view in row["views"]:
                    yield Instruction(row["query"], view["instruction"], view["kind"], split)


def count_found(instructions: Sequence[Instruction]) -> dict[tuple[str, str], tuple[int, int]]:
    """Count instructions, and those in which the rule finds something, by part and kind."""
    all_of, found = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in instructions:
        all_of[one.split, one.kind] += 1
        found[one.split, one.kind] += bool(split_exclusions(one.text, query=one.query).excluded)
    return {key: (count, found[key]) for key, count in all_of.items()}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the shares and, where wanted, instructions of one kind with what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=_DATA, help="folder of the practical sets")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="show N of the training part")
    parser.add_argument("--claims", type=Path, metavar="DATA", help="the folder with scifact/")
    parser.add_argument("--kind", choices=_KINDS, default="exclusion", help="of which kind")
    arguments = parser.parse_args(argv)
    instructions = list(read_instructions(arguments.data))
    if not instructions:
        raise SystemExit(f"{arguments.data}: holds no instructions; give the folder of the practical sets")
    counts = count_found(instructions)
    lines = ["| kind | train | found | validation | found |", "|---|---:|---:|---:|---:|"]
    for kind in _KINDS:
        cells = [counts.get((split, kind), (0, 0)) for split in ("train", "validation")]
        shown = (f"{total:,} | {100 * found / max(total, 1):.1f}%" for total, found in cells)
        lines.append(f"| {kind} | {' | '.join(shown)} |")
    if arguments.claims:
        # PyTorch takes seconds to import: not for the other counts.
        from benchmarks.paper_small.measuring import conclusions

        claims = [query.text for query in conclusions(arguments.claims).queries.values()]
        found = sum(bool(split_exclusions(claim).excluded) for claim in claims)
        lines.append(f"| statements | | | {len(claims):,} | {100 * found / len(claims):.1f}% |")
    own = [one for one in instructions if one.kind == arguments.kind and one.split == "train"]
    for one in own[:: max(1, len(own) // max(1, arguments.show))][: arguments.show]:
        lines.append(f"{one.text} -> {split_exclusions(one.text, query=one.query)}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
