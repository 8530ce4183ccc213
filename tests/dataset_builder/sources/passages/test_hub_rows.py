"""A data set on the Hub as a source of passages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dualview.dataset_builder.sources.passages.hub_rows import is_hub_id

ROOT = Path(__file__).resolve().parents[4]
ON_THE_HUB = """
import pyarrow, sys
from pyarrow import parquet
from huggingface_hub import HfApi
from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.passages import open_sources
from dualview.dataset_builder.sources.text_settings import TextSettings

rows = [
    {
        "title": f"Harbour of Town{group}",
        "text": f"The port was drawn by {name}{group}, and {name}{group} knew its inn.",
    }
    for group in range(4)
    for name in ("Clara Vogt", "Emil Lund", "Nora Hess")
]
parquet.write_table(pyarrow.Table.from_pylist(rows), sys.argv[1])
HfApi().create_repo("org/towns", repo_type="dataset")
HfApi().upload_file(
    path_or_fileobj=sys.argv[1], path_in_repo="data/train-00000-of-00001.parquet", repo_id="org/towns",
    repo_type="dataset",
)
(source,) = open_sources("org/towns", TextSettings(language="en"))
items = list(source)
assert len(items) == 4 and items == list(source) and items[0].source == "towns"
assert "org/towns on the Hub, commit " in source.describe().origin
try:
    open_sources("org/none", TextSettings())
except InputError as error:
    print(error)
"""


def test_a_data_set_is_streamed_at_one_commit(tmp_path: Path) -> None:
    from tests.hub.loopback.server import serving
    from tests.hub.loopback.state import Hub

    with serving(Hub(tmp_path / "hub"), 0) as hub:
        environment = os.environ | {
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": next(iter(hub.accounts.tokens)),
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", ON_THE_HUB, str(tmp_path / "rows.parquet")],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "org/none: is no file or folder here, and as a data set: org/none: cannot be read" in done.stdout


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("org/name", True), ("docs/", False), ("./docs", False), ("a/b/c", False), ("docs", False)],
)
def test_names_of_data_sets_are_known(name: str, is_one: bool) -> None:
    assert is_hub_id(name) == is_one
