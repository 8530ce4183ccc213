"""Tables of the practical sets, and the count of the exclusion rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.exclusion_rule import count_found, read_instructions
from benchmarks.practical import FIGURES, PAGE, tables, write_page


def test_the_page_shows_what_was_measured() -> None:
    rows = json.loads(FIGURES.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert write_page(page, tables(rows)) == page
    models = tables(rows)["models"].splitlines()
    assert len(models) == 2 + len(rows) and all(line.count("|") == 8 for line in models)


def test_a_table_replaces_the_one_between_its_marks() -> None:
    text = "a\n<!-- table x -->\n\nold\n\n<!-- end -->\nb\n<!-- table y -->\n<!-- end -->\n"
    once = write_page(text, {"x": "| new |", "y": "| other |"})
    assert once == write_page(once, {"x": "| new |", "y": "| other |"})
    assert "old" not in once and once.count("<!-- end -->") == 2 and once.endswith("<!-- end -->\n")
    with pytest.raises(SystemExit, match="lacks the mark"):
        write_page(text, {"z": ""})


def test_counts_what_the_rule_finds_and_reads_no_test_instruction(tmp_path: Path) -> None:
    sets = [
        {"query": "soup", "split": split, "views": [{"kind": kind, "instruction": text}]}
        for split, kind, text in (
            ("train", "exclusion", "no carrots"),
            ("train", "exclusion", "drug-free"),
            ("validation", "inclusion", "with leeks"),
            ("test", "exclusion", "no leeks"),
        )
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, sets)), "utf-8")
    counts = count_found(list(read_instructions(tmp_path)))
    assert counts == {("train", "exclusion"): (2, 1), ("validation", "inclusion"): (1, 0)}
