"""Python that the pages show is valid, and what it uses of the library exists."""

from __future__ import annotations

import ast
import re

import pytest

import dualview
from tests.docs.pages import PAGES, ROOT, Page

BLOCKS = [(name, block) for name in PAGES for block in Page(name).blocks("python")]


@pytest.mark.parametrize(("name", "block"), BLOCKS)
def test_blocks_are_valid_and_use_public_names(name: str, block: str) -> None:
    tree = ast.parse(block)
    used = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "dualview"
    ]
    assert [attribute for attribute in used if attribute not in dualview.__all__] == [], name


@pytest.mark.parametrize("name", PAGES)
def test_names_in_sentences_exist(name: str) -> None:
    for span in Page(name).spans():
        # dualview.trainer.train is a module and named as one.
        if match := re.match(r"dualview\.(\w+)(?![\w.])", span):
            assert match[1] in dualview.__all__, f"{name}: {span}"


def test_every_public_name_is_documented() -> None:
    documented = re.findall(r"^::: dualview\.(\w+)$", Page("docs/api.md").text, re.MULTILINE)
    assert sorted(documented) == sorted(set(dualview.__all__) - {"__version__"})


def test_the_metric_of_the_evaluation_page_gives_what_the_page_says() -> None:
    (block,) = (text for name, text in BLOCKS if name == "docs/evaluation.md" and "p_mrr(" in text)
    call, promised = re.search(
        r"print\((dualview\.p_mrr\(.*?\))\).*: ([\d.]+)$", block, re.MULTILINE
    ).groups()
    scope: dict[str, object] = {}
    exec(block.split("print(")[0], scope)
    assert round(eval(call, scope), 2) == float(promised)


def test_files_that_pages_insert_exist() -> None:
    marks = [mark for name in PAGES for mark in re.findall(r"<!-- file (\S+) -->", Page(name).text)]
    assert marks
    assert [mark for mark in marks if not (ROOT / mark).is_file()] == []
