"""Links of the pages lead to files and headings that exist."""

from __future__ import annotations

import re
from functools import cache

import pytest
import yaml

from tests.docs.pages import PAGES, ROOT, Page

LOGS = (
    "benchmarks/LOG.md",
    *sorted(f"benchmarks/log/{path.name}" for path in (ROOT / "benchmarks/log").glob("*.md")),
)


@cache
def anchors(name: str) -> set[str]:
    """Anchors of a page, which many lines of the log lead to."""
    return Page(name).anchors()


@pytest.mark.parametrize("name", [*PAGES, "CHANGELOG.md", "SECURITY.md", *LOGS])
def test_links_lead_somewhere(name: str) -> None:
    page = Page(name)
    for target in page.links():
        path, _, anchor = target.partition("#")
        there = (page.path.parent / path).resolve() if path else page.path
        assert there.exists(), f"{name} links to {target}"
        assert there == ROOT or ROOT in there.parents, f"{name} links out of the repository: {target}"
        if anchor:
            assert anchor in anchors(str(there.relative_to(ROOT))), f"{name} links to {target}"


def test_the_site_has_every_page() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    navigation = yaml.safe_load(text[text.index("\nnav:") : text.index("\nexclude_docs:")])["nav"]
    listed = re.findall(r"[\w-]+\.md", str(navigation))
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def test_a_link_to_nowhere_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "page.md").write_text("# A\n\nSee [b](#b), but not `[c](#c)`.\n")
    monkeypatch.setattr("tests.docs.pages.ROOT", tmp_path)
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    with pytest.raises(AssertionError, match="#b"):
        test_links_lead_somewhere("page.md")
