"""Makes items of passages that came without queries, from folders, tables and data frames."""

from __future__ import annotations

from dualview.dataset_builder.sources.passages.open_passages import open_sources

__all__ = ["open_sources"]
