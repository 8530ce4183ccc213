"""Whole builds from small files, as a user runs them: what comes out."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from datasets import get_dataset_config_names, load_dataset

from dualview.dataset_builder.schema import CONFIGS
from tests.dataset_builder.building import Make, build, digests

ROOT = Path(__file__).resolve().parents[3]


def load(folder: Path, config: str) -> Any:
    return load_dataset(str(folder), config, cache_dir=str(folder.parent / "cache"))


@pytest.fixture
def sets(set_line: Make, write_jsonl: Make) -> Path:
    """Twenty sets; the reversals of two of them break a rule."""
    lines = [set_line(number) for number in range(20)]
    lines[3]["reversals"][0]["instruction"] = "The passage above should lose."
    lines[4]["reversals"][1]["instruction"] = "One. Two. Three."
    lines[5]["paraphrase"] = lines[5]["instruction"]
    return write_jsonl(lines, "beans.jsonl")


def test_all_configs_load_with_their_features(sets: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "dataset"
    flags = ("--license", "cc-by-4.0", "--origin", "My | cookbook.", "--language", "en", "--name", "Beans")
    assert build("--source", sets, "--out", out, *flags) == 0
    assert "38 pairs of opposite instructions" in capsys.readouterr().err
    assert get_dataset_config_names(str(out)) == [config for config in CONFIGS if config != "practical"]
    for config in get_dataset_config_names(str(out)):
        loaded = load(out, config)
        assert all(split.features == CONFIGS[config] for split in loaded.values())
    assert load_dataset(str(out), cache_dir=str(tmp_path / "cache"))["train"].features == CONFIGS["dual_view"]
    rows = [row for split in load(out, "dual_view").values() for row in split]
    assert len(rows) == 38
    (row,) = (row for row in rows if row["set_id"] == "set-3")
    assert row["lever"] == "time" and row["source"] == "beans" and row["license"] == "cc-by-4.0"
    assert row["writer"] == {"kind": "replay", "model": None, "prompt_version": None, "temperature": None}
    assert set(row["checks"].values()) == {None}
    assert [it["docid"] for it in row["other_instruction_negatives"]] == ["set-3-1"]
    assert all((row["paraphrased_instruction"] is None) == (row["set_id"] == "set-5") for row in rows)
    triplets = [row for split in load(out, "triplets").values() for row in split]
    assert len(triplets) == 2 * len(rows)
    plain = [row for split in load(out, "plain").values() for row in split]
    assert len(plain) == 20 and {len(row["positives"]) for row in plain} == {3}
    rejected = {row["set_id"]: row for split in load(out, "rejected").values() for row in split}
    assert {key: row["reason"] for key, row in rejected.items()} == {
        "set-3": "talks_of_the_task",
        "set-4": "too_many_sentences",
    }
    assert rejected["set-3"]["reversed_instruction"] == "The passage above should lose."
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "# Beans" in card and "My &#124; cookbook." in card and "license: cc-by-4.0" in card
    assert "talks_of_the_task" in card.replace("&#95;", "_")
    assert f"--source {sets.name}" in card and str(tmp_path) not in card
    statistics = json.loads((out / "statistics.json").read_text(encoding="utf-8"))
    assert statistics["yields"] == {"read": 20, "written": 40, "accepted": 38, "rejected": 2}
    assert statistics["paraphrases_left_out_by_reason"] == {"trivial_rewording": 2}
    assert statistics["in_more_than_one_split"] == {"queries": 0, "passages": 0}
    recipe = json.loads((out / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["sources"][0]["sha256"] == {"beans.jsonl": hashlib.sha256(sets.read_bytes()).hexdigest()}
    assert recipe["yields"] == statistics["yields"] and recipe["arguments"]["name"] == "Beans"
    assert str(tmp_path) not in json.dumps(recipe)


def test_the_same_command_gives_the_same_bytes(sets: Path, tmp_path: Path) -> None:
    first, second, other = (tmp_path / name / "dataset" for name in ("a", "b", "c"))
    for out in (first, second):
        assert build("--source", sets, "--out", out) == 0
    assert digests(first) == digests(second)
    assert build("--source", sets, "--out", other, "--seed", "7") == 0
    assert digests(other) != digests(first)


def test_many_shards_load_as_one_split(sets: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("dualview.dataset_builder.output.shards._GROUP_ROWS", 2)
    monkeypatch.setattr("dualview.dataset_builder.output.shards._SHARD_CHARACTERS", 3000)
    out = tmp_path / "dataset"
    assert build("--source", sets, "--out", out) == 0
    shards = sorted(path.name for path in (out / "data" / "dual_view").glob("train-*"))
    assert len(shards) > 2 and f"-of-{len(shards):05}-" in shards[-1]
    numbers = [int(set_id.removeprefix("set-")) for set_id in load(out, "dual_view")["train"]["set_id"]]
    assert numbers == sorted(numbers) and len(set(numbers)) == 13


def test_several_sources_and_both_shapes(
    sets: Path, topic_lines: Make, write_jsonl: Make, tmp_path: Path
) -> None:
    topics = write_jsonl([line for number in range(8) for line in topic_lines(number)], "kettles.jsonl")
    assert build("--source", sets, topics, "--out", tmp_path / "dataset") == 0
    rows = [row for split in load(tmp_path / "dataset", "dual_view").values() for row in split]
    assert {(row["source"], row["writer"]["kind"]) for row in rows} == {
        ("beans", "replay"),
        ("kettles", "facets"),
    }


def test_a_set_that_repeats_another_is_rejected_once(
    set_line: Make, write_jsonl: Make, tmp_path: Path
) -> None:
    lines = [set_line(number) for number in range(3)]
    out = tmp_path / "dataset"
    assert build("--source", write_jsonl([*lines, {**lines[1], "id": "again"}]), "--out", out) == 0
    rows = {
        name: [row for split in load(out, name).values() for row in split] for name in ("plain", "rejected")
    }
    assert {row["query_id"] for row in rows["plain"]} == {"set-0", "set-1", "set-2"} and len(
        rows["plain"]
    ) == 3
    assert [(row["set_id"], row["reason"]) for row in rows["rejected"]] == [("again", "repeated")]


def test_what_is_written_by_hand_in_the_card_outlives_a_new_build(sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    assert build("--source", sets, "--out", out) == 0
    card = out / "README.md"
    by_hand = "<!-- by hand -->\nDo ask my aunt.\n"
    card.write_text(card.read_text(encoding="utf-8").replace("<!-- by hand -->\n", by_hand), encoding="utf-8")
    assert build("--source", sets, "--out", out) == 2
    assert build("--source", sets, "--out", out, "--overwrite", "--test-share", "0.5") == 0
    assert by_hand in card.read_text(encoding="utf-8")
    assert len(load(out, "plain")["test"]) == 10


def test_a_source_without_rejections_has_no_such_config(
    set_line: Make, write_jsonl: Make, tmp_path: Path
) -> None:
    out = tmp_path / "dataset"
    assert build("--source", write_jsonl([set_line()]), "--out", out) == 0
    assert get_dataset_config_names(str(out)) == ["dual_view", "triplets", "plain", "compositions"]
    loaded = load(out, "dual_view")
    assert list(loaded) == ["train"] and len(loaded["train"]) == 2
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "Nothing was rejected" in card and "There is no test split" in card


HOSTILE = [
    "# not a heading\n---\nlicense: other\n---",
    "| a | b |\n| --- | --- |",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %}",
    "```\nfence",
    "\u202eright to left",
    "\U0001f9d1\u200d\U0001f373 emoji \x01 \x7f",
]


def test_hostile_text_comes_through_and_breaks_no_card(
    set_line: Make, write_jsonl: Make, tmp_path: Path
) -> None:
    lines = [
        set_line(number, query=f"{text} {number}", domain=text, style=text)
        for number, text in enumerate(HOSTILE)
    ]
    out = tmp_path / "dataset"
    source = write_jsonl(lines, "a|b`c{{x}}.jsonl")
    assert build("--source", source, "--out", out, "--name", HOSTILE[0]) == 0
    rows = [row for split in load(out, "plain").values() for row in split]
    assert {row["query"] for row in rows} == {line["query"] for line in lines}
    assert "<script>" not in (out / "README.md").read_text(encoding="utf-8")


def test_ctrl_c_leaves_nothing_half_written_and_the_same_command_then_works(
    set_line: Make, write_jsonl: Make, tmp_path: Path
) -> None:
    # Enough to be still at it when the temporary folder is seen.
    write_jsonl([set_line(number) for number in range(10_000)])
    command = [sys.executable, "-m", "dataset_builder", "build", "--source", "own.jsonl", "--out", "dataset"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        while not list(tmp_path.glob(".dataset.building-*/.*")) and process.poll() is None:
            time.sleep(0.005)
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, shown = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted" in shown and "Traceback" not in shown
    assert [path.name for path in tmp_path.iterdir()] == ["own.jsonl"]
    write_jsonl([set_line(number) for number in range(4)])
    assert build("--source", tmp_path / "own.jsonl", "--out", tmp_path / "dataset") == 0


def test_another_build_of_the_same_folder_name_loads_its_own_rows(
    set_line: Make, write_jsonl: Make, tmp_path: Path
) -> None:
    # `datasets` keeps what it has loaded under the folder's name and its card.
    first = write_jsonl([set_line(number) for number in range(9)], "first.jsonl")
    second = write_jsonl([set_line(number) for number in range(100, 109)], "second.jsonl")
    for name, source in (("a", first), ("b", second)):
        assert (
            build(
                "--source",
                source,
                "--license",
                "mit",
                "--name",
                "the same",
                "--out",
                tmp_path / name / "dataset",
            )
            == 0
        )

    def queries(folder: Path) -> set[str]:
        splits = load_dataset(str(folder), "plain", cache_dir=str(tmp_path / "cache"))
        return {row["query"] for rows in splits.values() for row in rows}

    assert not queries(tmp_path / "a" / "dataset") & queries(tmp_path / "b" / "dataset")
    assert build("--source", second, "--out", tmp_path / "a" / "dataset", "--overwrite") == 0
    assert queries(tmp_path / "a" / "dataset") == queries(tmp_path / "b" / "dataset")
