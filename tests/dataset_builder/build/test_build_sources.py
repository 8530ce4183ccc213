"""Whole builds: Promptriever's corpus and a BEIR folder with a live model, and judges between the stages."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, load_dataset

from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.judges.agreement.known_labels import known_sets
from dualview.dataset_builder.sources.shipped import open_sources
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm
from tests.dataset_builder.oracle import Oracle, serving
from tests.dataset_builder.sources.test_beir import write_folder

DATA = Path(__file__).parents[1] / "data"
SEEDS = Path(__file__).resolve().parents[3] / "dataset_builder" / "seeds" / "health.jsonl"


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    """A language model that writes something for everything."""
    loop, fake = asyncio.new_event_loop(), FakeLlm(Behaviour())
    port = loop.run_until_complete(fake.start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}/v1"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def build(out: Path, *flags: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of all splits of a dataset that a command builds, by config."""
    assert main(["build", *flags, "--out", str(out), "--overwrite"]) == 0
    rows: dict[str, list[dict[str, Any]]] = {}
    for config in sorted(path.name for path in (out / "data").iterdir()):
        splits = load_dataset(str(out), config).values()
        rows[config] = [row for split in splits if isinstance(split, Dataset) for row in split]
    return rows


def test_promptrievers_corpus_becomes_a_dataset(tmp_path: Path, model_url: str) -> None:
    flags = ["--source", f"promptriever:{DATA / 'promptriever.jsonl'}", "--writer", "endpoint"]
    flags += ["--base-url", model_url, "--dialect", "openai", "--reversals", "all"]
    rows = build(tmp_path / "out", *flags)
    original = {row["query_id"]: row for row in map(json.loads, (DATA / "promptriever.jsonl").open())}
    assert rows["dual_view"]
    for row in rows["dual_view"]:
        source = original[row["set_id"]]
        assert row["instruction"] == source["only_instruction"] and row["query"] == source["only_query"]
        assert row["reversed_positive"]["text"] in {passage["text"] for passage in source["new_negatives"]}
        assert row["writer"]["kind"] == "endpoint" and row["source"] == "promptriever"
    # Every query is in `plain`, with or without an instruction.
    queries = [row["query_id"] for row in rows["plain"]]
    assert sorted(set(queries)) == sorted({name.removesuffix("-instruct") for name in original})


def test_a_beir_folder_becomes_a_dataset(tmp_path: Path, model_url: str) -> None:
    folder = write_folder(tmp_path / "pandas")
    flags = ["--source", f"beir:{folder}", "--license", "cc0-1.0", "--writer", "endpoint"]
    flags += ["--base-url", model_url, "--dialect", "openai", "--test-share", "0", "--validation-share", "0"]
    rows = build(tmp_path / "out", *flags)
    (pair,) = [row for row in rows["dual_view"] if row["query_id"] == "q1"]
    assert {pair["positive"]["docid"], pair["reversed_positive"]["docid"]} == {"d1", "d2"}
    assert pair["license"] == "cc0-1.0" and pair["source"] == "pandas"
    answers = {row["query_id"]: {p["docid"] for p in row["positives"]} for row in rows["plain"]}
    assert answers["q1"] >= {"d1", "d2"} and answers["q2"] >= {"d5"}


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten of the shipped candidate sets, as a file of one's own."""
    path = tmp_path_factory.mktemp("sets") / "sets.jsonl"
    with SEEDS.open(encoding="utf-8") as lines:
        path.write_text("".join(islice(lines, 10)), encoding="utf-8")
    return path


@pytest.fixture
def oracle() -> Iterator[Oracle]:
    (source,) = open_sources("sets")
    with serving(Oracle(list(known_sets(source)))) as served:
        yield served


def test_a_language_model_judges_a_build(
    tmp_path: Path, sets: Path, oracle: Oracle, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--source", str(sets), "--judge", "llm", "--judge-base-url", oracle.url]
    flags += ["--judge-hard-negatives", "all"]
    rows = build(tmp_path / "right", *flags)
    assert len(rows["dual_view"]) == 20 and "rejected" not in rows
    for row in rows["dual_view"]:
        assert row["checks"]["judge"] == "oracle"
        assert row["checks"]["p_original"] == pytest.approx([0.98, 0.02, 0.02, 0.02])
        assert row["checks"]["p_reversed"] == pytest.approx([0.02, 0.98, 0.02, 0.02])
    recipe = json.loads((tmp_path / "right" / "recipe.json").read_text())
    assert recipe["judge"]["name"] == "oracle" and recipe["judge"]["relevant"] == 0.5
    assert "--judge llm" in (tmp_path / "right" / "README.md").read_text()
    oracle.wrong = 0.2
    rows = build(tmp_path / "wrong", *flags)
    assert rows["dual_view"] and rows["rejected"]
    reasons = {row["reason"] for row in rows["rejected"]}
    assert reasons <= {"original_misses_positive", "original_too_broad"} | {
        "reversal_misses_positive",
        "reversal_too_broad",
    }
    assert all("p = 0." in row["detail"] for row in rows["rejected"])
    assert len(rows["dual_view"]) + len(rows["rejected"]) == 20


def test_a_writer_and_a_judge_ask_at_the_same_time(
    tmp_path: Path, sets: Path, model_url: str, oracle: Oracle
) -> None:
    """The judge answers nothing to what the fake model wrote but "not relevant": everything is rejected."""
    oracle.says = "No"
    flags = ["--source", str(sets), "--writer", "endpoint", "--base-url", model_url, "--dialect", "openai"]
    judged = ["--judge", "llm", "--judge-base-url", oracle.url]
    out = tmp_path / "out"
    assert main(["build", *flags, *judged, "--out", str(out)]) == 2
    assert not out.exists() and oracle.asked


def test_a_cross_encoder_judges_a_build(tmp_path: Path, toy_judge: Path) -> None:
    path = tmp_path / "paint.jsonl"
    with path.open("w") as file:
        for number, (thing, target) in enumerate((("wall", "blue"), ("door", "blue"), ("gate", "grey"))):
            line = {
                "id": f"paint-{number}",
                "query": "paint",
                "instruction": "only red",
                "positive": {"text": f"the {thing} is red"},
                "instruction_negatives": [{"text": f"the {thing} is blue"}],
                "hard_negatives": [{"text": f"the {thing} is green"}],
                "reversals": [{"target": 0, "lever": "colour", "instruction": f"only {target}"}],
            }
            file.write(json.dumps(line) + "\n")
    shares = ("--test-share", "0", "--validation-share", "0")
    rows = build(tmp_path / "out", "--source", str(path), "--judge", str(toy_judge), *shares)
    assert [row["set_id"] for row in rows["dual_view"]] == ["paint-0", "paint-1"]
    assert [(row["set_id"], row["reason"]) for row in rows["rejected"]] == [
        ("paint-2", "reversal_misses_positive")
    ]
    checks = rows["dual_view"][0]["checks"]
    assert checks["judge"] == "toy-judge" and len(checks["p_original"]) == 3
    assert checks["p_original"][0] > 0.5 > checks["p_original"][1]
    # Built again, it is the same to the byte.
    first = {p.name: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    build(tmp_path / "again", "--source", str(path), "--judge", str(toy_judge), *shares)
    assert {p.name: p.read_bytes() for p in (tmp_path / "again").rglob("*") if p.is_file()} == first
