"""Build datasets from files of your own: candidate sets, and records whose fields become instructions.

    python examples/own_records.py out

No language model is asked.
"""

from __future__ import annotations

import sys
from pathlib import Path

from datasets import load_dataset

import dualview

DATA = Path(__file__).parent / "data"


def main(out: Path) -> None:
    """Build two datasets and show what came out."""
    # One line a set: query, instruction, passages, and reversals that you wrote. The writer plays them.
    sets = dualview.build_dataset(
        DATA / "sets.jsonl", out=out / "sets", writers=["replay"], license="apache-2.0"
    )
    print(sets)

    # One line a record. The table says which fields are attributes, and how their values read in English.
    guides = dualview.build_dataset(
        f"attributed:{DATA / 'guides.jsonl'}",
        out=out / "guides",
        writers=["facets"],
        facets=DATA / "guides.yaml",
    )
    print(guides)
    print("rejected, by reason:", dict(guides.rejected_by_reason))

    # The folder has the Hub's layout: it loads as it is.
    for row in load_dataset(str(guides.path), split="test").select(range(3)):
        print(f"\n{row['query']}")
        print(f"  {row['instruction']}  ->  {row['positive']['docid']}")
        print(f"  {row['reversed_instruction']}  ->  {row['reversed_positive']['docid']}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples"))
