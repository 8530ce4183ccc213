"""Licence, origin and language of a user's text: they count where the text states none, or are refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.open_sources import SourceSettings, open_sources
from dualview.dataset_builder.sources.text_settings import TextSettings
from tests.dataset_builder.building import build
from tests.dataset_builder.writers.facets.own_corpus import row, with_, write_rows, write_table

OWN = TextSettings("cc-by-4.0", "My own cookbook.", "cy")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "own.jsonl", [row(number) for number in range(1, 9)])


def facts(
    names: Sequence[str], table: Path | None, text: TextSettings
) -> list[tuple[str, str, tuple[str, ...]]]:
    settings = SourceSettings(text=text, table=None if table is None else str(table))
    described = [source.describe() for source in open_sources(names, settings)]
    return [(found.license, found.origin, found.languages) for found in described]


def test_facts_count_where_the_table_states_none(corpus: Path, tmp_path: Path) -> None:
    silent = write_table(tmp_path, with_(license=None))
    name = f"attributed:{corpus}"
    assert facts([name], silent, OWN) == [("cc-by-4.0", "My own cookbook.", ("cy",))]
    unknown = write_table(tmp_path, with_(license="unknown"))
    assert facts([name], unknown, OWN)[0][0] == "cc-by-4.0"
    ((license_name, origin, languages),) = facts([name], silent, TextSettings())
    assert (license_name, languages) == ("unknown", ()) and "own.jsonl" in origin


def test_the_licence_reaches_every_row_and_the_card(corpus: Path, tmp_path: Path) -> None:
    table, out = write_table(tmp_path, with_(license=None)), tmp_path / "out"
    flags = ("--source", f"attributed:{corpus}", "--facets", table, "--license", "cc-by-4.0", "--out", out)
    assert build(*flags) == 0
    assert "license: cc-by-4.0" in (out / "README.md").read_text(encoding="utf-8")
    statistics = json.loads((out / "statistics.json").read_text(encoding="utf-8"))
    assert list(statistics["licenses_by_source"]["recipes"]) == ["cc-by-4.0"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            TextSettings(license="mit"),
            "--license mit: has no effect, because recipes (cc0-1.0) states its own",
        ),
        (TextSettings(license="cc0-1.0", language="cy"), "--language cy: has no effect"),
        (TextSettings(origin="Mine."), "--origin Mine.: has no effect"),
    ],
)
def test_facts_that_no_source_takes_are_refused(
    corpus: Path, tmp_path: Path, text: TextSettings, said: str
) -> None:
    table = write_table(tmp_path, with_(license="cc0-1.0", origin="A library.", language="en"))
    with pytest.raises(InputError) as caught:
        facts([f"attributed:{corpus}"], table, text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_the_shipped_text_has_a_licence_of_its_own(
    write_jsonl: Callable[..., Path], set_line: Callable[..., Any]
) -> None:
    with pytest.raises(InputError, match=r"--license mit: has no effect, because seeds .*states its own"):
        facts(["seeds:sets"], None, TextSettings(license="mit"))
    # Beside text that takes it, the licence counts for that text alone.
    both = facts(["seeds:sets", str(write_jsonl([set_line()]))], None, TextSettings(license="mit"))
    assert [license_name for license_name, _, _ in both] == ["apache-2.0", "mit"]
