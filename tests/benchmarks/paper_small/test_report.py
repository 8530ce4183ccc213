"""The report: what it says of finished and unfinished work, and its plots."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.paper_small.jobs import Job, jobs_of
from benchmarks.paper_small.report import write_report
from benchmarks.paper_small.running import result_file
from benchmarks.paper_small.tables import TEST_FIGURES, VALIDATION_FIGURES

EXPERIMENT: dict[str, Any] = {
    "polarity": {
        "recipe": {"temperature": 0.05},
        "budget": 9,
        "arms": ["ins-orig", "ins-dv"],
        "seeds": [0, 1],
    },
    "shipped": {"minilm": {"recipe": "minilm"}, "without": {"recipe": "minilm", "compose_weight": 0}},
    "untrained": {"composed base": "composed:"},
    "against": {"ins-orig": ["ins-dv", "tri-view"], "all-orig": ["ins-dv"], "minilm": ["without"]},
    "variants": {"minilm": [{"source_weights": {"seeds": 0}}]},
}
TEXTS = {
    "key": "k",
    "content": "c",
    "pairs": {"seeds, train": 9},
    "queries": {"seeds, train": 4},
    "dropped": {"seeds, train": {"shared run": 2}},
}


def store(results: Path, job: Job, level: float, content: str = "c") -> None:
    generator = np.random.default_rng(len(job.id))
    figures = TEST_FIGURES if job.test else VALIDATION_FIGURES
    values = {
        figure: {f"q{i}": [float(level + 0.1 * generator.random())] for i in range(40)} for figure in figures
    }
    facts = {
        "settings": dict(job.settings),
        "content": content,
        "values": values,
        "precision": "fp32",
    }
    results.mkdir(exist_ok=True)
    with gzip.open(result_file(results, job, "k"), "wt", encoding="utf-8") as file:
        json.dump(facts | {"mixture": {"samples": 9}, "tokens": 100, "cpu_seconds": 1.0}, file)


@pytest.fixture
def jobs() -> list[Job]:
    return jobs_of(EXPERIMENT)


def test_a_finished_experiment_has_tables_differences_and_plots(tmp_path: Path, jobs: list[Job]) -> None:
    for job in jobs:
        store(tmp_path / "results", job, 0.6 if job.name == "ins-dv" else 0.3)
    write_report(EXPERIMENT, TEXTS, tmp_path / "results", tmp_path)
    said = (tmp_path / "report.md").read_text()
    assert "Not finished" not in said and "other text" not in said
    assert "minus base" in said and "minus ins-orig" in said
    (difference,) = [
        line for line in said.split("Differences to ins-orig")[1].splitlines() if "| ins-dv" in line
    ]
    assert difference.count("**+") == len(TEST_FIGURES)
    assert "2 (shared run)" in said
    assert "## minilm (validation splits)" in said and "| source_weights seeds=0 |" in said
    written = json.loads((tmp_path / "results.json").read_text())
    assert [(one["list"], one["model"], one["minus"]) for one in written["differences"]] == [
        ("polarity", "ins-dv", "ins-orig"),  # of the arms that are there
        ("shipped", "without", "minilm"),
    ]
    compared = written["differences"][0]
    assert compared["figures"]["seeds/flip_accuracy"]["low"] > 0.2
    models = written["models"]
    (arm,) = [one for one in models if one["name"] == "ins-dv"]
    assert len(arm["commands"]) == 2 and "--mixture ins-dv" in arm["commands"][0]
    assert arm["figures"]["seeds/flip_accuracy"]["minus base"]["low"] > 0.2
    for name in ("polarity.png", "shipped.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
        assert f"]({name})" in said


def test_what_is_left_and_what_was_measured_on_other_text_is_said_first(
    tmp_path: Path, jobs: list[Job]
) -> None:
    bases = [job for job in jobs if job.name == "base"]
    (first, *_) = [job for job in jobs if job.name == "ins-orig"]
    for job in bases:
        store(tmp_path / "results", job, 0.3)
    store(tmp_path / "results", first, 0.4, content="another")
    write_report(EXPERIMENT, TEXTS, tmp_path / "results", tmp_path)
    said = (tmp_path / "report.md").read_text()
    assert f"Not finished: {len(jobs) - len(bases) - 1} measurements are left" in said
    assert f"**1 of {len(bases) + 1} measurements were made on other text" in said
    models = json.loads((tmp_path / "results.json").read_text())["models"]
    assert [one["name"] for one in models if one["content"] != ["c"]] == ["ins-orig"]
    assert not (tmp_path / "shipped.png").exists()
