"""The pages that people read, parsed: links, headings, code blocks and spans of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)


@dataclass(frozen=True)
class Page:
    """A page of the repository, by its path from the root."""

    name: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse(self.text)

    def inline(self) -> Iterator[Token]:
        for token in self.tokens:
            yield from token.children or ()

    def links(self) -> list[str]:
        """Targets of links and pictures, those on other hosts left out."""
        found = [str(token.attrs.get("href") or token.attrs.get("src") or "") for token in self.inline()]
        return [target for target in found if target and not re.match(r"[a-z]+:", target)]

    def anchors(self) -> set[str]:
        """Anchors of the headings, as repository hosts and MkDocs make them."""
        headings = [
            following.content
            for token, following in zip(self.tokens, self.tokens[1:], strict=False)
            if token.type == "heading_open"
        ]
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def blocks(self, language: str) -> list[str]:
        """Contents of the code blocks in a language."""
        fences = [token for token in self.tokens if token.type == "fence"]
        return [token.content for token in fences if token.info.split(" ")[0] == language]

    def titled_block(self, title: str) -> str:
        """Content of the code block with a title."""
        (found,) = (t.content for t in self.tokens if t.type == "fence" and f'title="{title}"' in t.info)
        return found

    def spans(self) -> list[str]:
        """Code within sentences and tables."""
        return [token.content for token in self.inline() if token.type == "code_inline"]
