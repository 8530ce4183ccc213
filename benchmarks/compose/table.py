"""A line of the table for each configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Column: heading, figure.
_COLUMNS = (
    ("PRACTICAL first", "practical/first"),
    ("excl", "practical exclusions/first"),
    ("rest", "practical rest/first"),
    ("viol", "practical/violating"),
    ("mrr", "practical/mrr"),
    ("in set", "practical/within"),
    ("excl", "practical exclusions/within"),
    ("| SEEDS in set", "seeds/within"),
    ("all3", "seeds/together"),
    ("first", "seeds/first"),
    ("written first", "seeds written/first"),
    ("excl", "seeds written exclusions/first"),
    ("| TOPICS pairs", "attributed/together"),
    ("first", "attributed/first"),
    ("written first", "attributed written/first"),
    ("| MEDQUAD first", "medquad/first"),
    ("viol", "medquad/violating"),
    ("pair", "medquad/within"),
    ("| FILMS first", "films/first"),
    ("viol", "films/violating"),
    ("pair", "films/within"),
    ("| BARE claims", "bare conclusions/ndcg"),
    ("scifact", "bare scifact/ndcg"),
    ("pract", "bare practical/ndcg"),
    ("drift", "drift"),
    ("traps", "traps/mean"),
    ("low", "traps/lowest"),
)
_NAME = 34


def heading() -> str:
    """The table's first line."""
    return " ".join(["name".ljust(_NAME), *(title for title, _ in _COLUMNS), "| seconds"])


def line_of(result: Mapping[str, Any]) -> str:
    """One configuration's line."""
    name = str(result["name"])[:_NAME].ljust(_NAME)
    if "error" in result:
        return f"{name} failed: {result['error']}"
    cells = []
    for title, figure in _COLUMNS:
        value = f"{result['figures'].get(figure, float('nan')):.1f}"
        cells.append(("| " if title.startswith("|") else "") + value.rjust(len(title.removeprefix("| "))))
    return " ".join([name, *cells, f"| {result['seconds']:.0f}"])
