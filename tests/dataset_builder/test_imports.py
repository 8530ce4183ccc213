"""Imports between the builder's modules: no circles, and nothing of the trainer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

BUILDER = Path(__file__).resolve().parents[2] / "dataset_builder"
PACKAGE = "dualview.dataset_builder"


def module_name(path: Path) -> str:
    parts = path.relative_to(BUILDER).with_suffix("").parts
    return ".".join([PACKAGE, *(part for part in parts if part != "__init__")])


def imported(path: Path, modules: set[str]) -> Iterator[str]:
    """The builder's modules that a file imports, also inside functions, but not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in modules else node.module for name in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for other in sorted(graph.get(module, ())):
            if circle := walk(other, [*path, module]):
                return circle
        done.add(module)
        return []

    return next((circle for module in sorted(graph) if (circle := walk(module, []))), [])


def test_no_module_imports_itself_by_way_of_others() -> None:
    files = {module_name(path): path for path in BUILDER.rglob("*.py")}
    graph = {name: set(imported(path, set(files))) & set(files) for name, path in files.items()}
    assert sum(map(len, graph.values())) > 200
    assert find_circle(graph) == []


def test_a_circle_is_found() -> None:
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_the_builder_imports_nothing_of_the_trainer() -> None:
    for path in BUILDER.rglob("*.py"):
        found = set(imported(path, set()))
        assert not [name for name in found if name.startswith("dualview.trainer")], path
