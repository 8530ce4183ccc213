"""``import dualview``: fast, without PyTorch, and every public name loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dualview

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "datasets", "sentence_transformers", "gradio", "numpy")


def python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def test_importing_it_loads_no_heavy_library() -> None:
    assert python(f"import sys, dualview; print([name for name in {HEAVY} if name in sys.modules])") == "[]"


@pytest.mark.parametrize("name", dualview.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(dualview, name) is not None


def test_type_checkers_see_the_names_that_are_loaded() -> None:
    tree = ast.parse((ROOT / "dualview" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [
        node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == dualview._MODULES


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        dualview.Nonsense  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert f"\nversion = {dualview.__version__}\n" in text
