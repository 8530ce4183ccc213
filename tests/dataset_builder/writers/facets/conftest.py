"""Topics of rows, read by a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from dualview.dataset_builder.schema import AttributedTopic
from tests.dataset_builder.writers.facets.own_corpus import TABLE, open_corpus, write_rows, write_table


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[AttributedTopic]]:
    """The topics of rows by a table."""

    def make(
        rows: Iterable[Any], table: dict[str, Any] = TABLE, name: str = "own.jsonl"
    ) -> list[AttributedTopic]:
        source = open_corpus(write_rows(tmp_path / name, rows), write_table(tmp_path, table))
        topics = list(source)
        assert list(source) == topics
        return topics

    return make
