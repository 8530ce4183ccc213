"""All text that is printed to standard error is made safe first; only one module writes there itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cards", "dataset_builder", "dualview", "trainer")
# They print constants, or make text safe themselves.
WRITERS = ("cards/terminal.py", "dualview/command_line/")


def raw_writes(source: str) -> Iterator[int]:
    """Find lines that write text to standard error which is neither a constant nor made printable."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "sys.stderr.write",
            "sys.stderr.writelines",
        ):
            if not all(map(_is_safe, node.args)):
                yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            yield node.lineno


def _is_safe(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return all(map(_is_safe, node.values))
    if isinstance(node, ast.FormattedValue):
        return _is_safe(node.value)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) == "printable"
    return isinstance(node, ast.Constant)


def test_text_from_outside_is_printed_by_one_function() -> None:
    modules = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    names = {path.relative_to(ROOT).as_posix(): path for path in modules}
    found = [
        f"{name}:{line}"
        for name, path in names.items()
        if not name.startswith(WRITERS)
        for line in raw_writes(path.read_text(encoding="utf-8"))
    ]
    assert len(names) > 100
    assert not found, f"use write_line or printable of dualview.cards.terminal: {', '.join(found)}"


@pytest.mark.parametrize(
    ("source", "raw"),
    [
        ('sys.stderr.write(f"{name} is new\\n")', True),
        ('sys.stderr.write(line + "\\n")', True),
        ('sys.stderr.write(f"{printable(name)}{name}")', True),
        ("print(name)", True),
        ('sys.stderr.write("\\n")', False),
        ('sys.stderr.write(f"{printable(name)} [y/N] ")', False),
        ("write_line(name)", False),
    ],
)
def test_a_raw_write_is_found(source: str, raw: bool) -> None:
    assert bool(list(raw_writes(source))) is raw
