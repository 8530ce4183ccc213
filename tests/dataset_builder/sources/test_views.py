"""Sets with written views from a file of one's own, and views that are attached to shipped items."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.schema import KINDS, Passage, ViewSet
from dualview.dataset_builder.sources.own_jsonl import JsonlSource, open_sources
from dualview.dataset_builder.sources.shape_parts import Defaults
from dualview.dataset_builder.sources.shipped import SETS
from dualview.dataset_builder.sources.text_settings import TextSettings
from dualview.dataset_builder.sources.views.views_shape import parse_view_set
from dualview.dataset_builder.sources.views.with_views import WithViews

Lines = Callable[..., Any]


def line(**fields: Any) -> dict[str, Any]:
    found = {
        "id": "bike",
        "query": "electric bicycle",
        "texts": [{"title": "Its past", "text": "Invented in 1890."}, {"text": "It costs 2,000 euros."}],
        "views": [
            {
                "target": 0,
                "kind": "exclusion",
                "lever": "Price (exclusion)",
                "instruction": "nothing on cost",
            },
            {"target": 1, "instruction": "only the price"},
        ],
        **fields,
    }
    return {name: value for name, value in found.items() if value is not None}


def view(target: Any = 0, instruction: Any = "x", **more: Any) -> dict[str, Any]:
    return {"target": target, "instruction": instruction, **more}


def read(path: Path) -> list[Any]:
    (source,) = open_sources(str(path), TextSettings())
    return list(source)


def test_a_set_keeps_all_that_its_line_says(write_jsonl: Lines) -> None:
    (found,) = read(write_jsonl([line(split="test", domain="traffic", license="mit")], "bikes.jsonl"))
    assert isinstance(found, ViewSet)
    assert (found.query_id, found.set_id, found.split, found.domain) == ("bike", "bike", "test", "traffic")
    assert (found.source, found.license) == ("bikes", "mit")
    assert found.passages[0] == Passage("bike/0", "Its past", "Invented in 1890.")
    first, second = found.views
    assert (first.target, first.kind, first.lever) == ("bike/0", "exclusion", "price")
    assert (second.target, second.kind, second.lever) == ("bike/1", "", "")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"texts": [{"text": "one"}]}, "'texts' has 1; give at least two"),
        ({"texts": [{"text": "one"}, {"text": " ONE "}]}, "have the same text; remove one"),
        ({"texts": [{"text": "one"}, {"title": "x"}]}, "texts[1]: lacks the field 'text'; add it"),
        ({"texts": "one"}, "'texts' is a string; make it a list of objects"),
        ({"views": None}, "fewer than two texts have an instruction; add"),
        ({"views": [view(0, "x"), view(0, "y")]}, "fewer than two texts have an instruction; add"),
        (
            {"views": [view(0), view(2, "y")]},
            "views[1]: target 2 is none of the 2 texts; count them from 0 to 1",
        ),
        ({"views": [view(0), view(-1, "y")]}, "views[1]: target -1 is none of the 2 texts; count"),
        ({"views": [view("0")]}, "views[0]: the field 'target' is a string; make it a whole number"),
        ({"views": [view(0), view(1, " ")]}, "views[1]: the field 'instruction' is empty; fill it"),
        (
            {"views": [view(0, kind="only")]},
            "views[0]: unknown kind 'only'; it is one of exclusion, inclusion",
        ),
        ({"views": [view(0), view(1, "X ")]}, "views[1]: has the instruction of views[0] again, for another"),
        (
            {"views": [view(0), view(0), view(1, "y")]},
            "views[1]: has the instruction of views[0] again; remove",
        ),
        ({"split": "dev"}, "unknown split 'dev'; it is one of train, validation, test"),
        ({"query": None}, "lacks the field 'query'; add it"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(
    write_jsonl: Lines, fields: dict[str, Any], said: str
) -> None:
    path = write_jsonl([line(id="whole"), line(**fields)])
    with pytest.raises(InputError) as caught:
        read(path)
    assert said in str(caught.value) and str(caught.value).startswith(f"{path}, line 2")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(view())), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["id", "query", "texts", "views", "split", "domain"]), values))
def test_wild_input_is_a_set_or_one_clear_line(fields: dict[str, Any]) -> None:
    row = json.loads(json.dumps(line(**fields)))
    try:
        found = parse_view_set(Row("here", row), Defaults("own", "mit"))
    except InputError as error:
        assert str(error).startswith("here") and "\n" not in str(error).replace(repr(fields), "")
    else:
        assert len({it.target for it in found.views}) > 1
        assert all(it.kind in ("", *KINDS) and it.instruction.strip() for it in found.views)


def test_views_are_attached_by_id(set_line: Lines, write_jsonl: Lines) -> None:
    base = JsonlSource(SETS, ((write_jsonl([set_line(1), set_line(2)]), None),))
    more = {"id": "set-2", "views": [view(0, "a"), view(2, "b")]}
    path = write_jsonl([more], "views.jsonl")
    source = WithViews(base, (path,))
    one, two = source
    assert one.views == () and [it.target for it in two.views] == ["set-2-0", "set-2-2"]
    assert [name for name, _ in source.describe().files] == ["own.jsonl", f"{path.parent.name}/views.jsonl"]
    assert list(source) == list(source)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"id": "set-9", "views": [view(0, "a"), view(1, "b")]}], "no item of seeds has the id 'set-9'"),
        ([{"id": "set-1", "views": [view(0, "a"), view(3, "b")]}], "target 3 is none of the 3 texts"),
        ([{"id": "set-1", "views": []}] * 2, "has the id of"),
    ],
)
def test_views_without_an_item_are_refused(
    set_line: Lines, write_jsonl: Lines, rows: list[Any], said: str
) -> None:
    source = WithViews(
        JsonlSource(SETS, ((write_jsonl([set_line(1)]), None),)), (write_jsonl(rows, "views.jsonl"),)
    )
    with pytest.raises(InputError, match=said):
        list(source)
