from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from datasets import load_dataset
from huggingface_hub import DatasetCard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dualview.cards.dataset_card import DatasetFacts, render_dataset_card, write_dataset_card
from dualview.cards.errors import CardError
from dualview.cards.readme import BY_HAND_END, BY_HAND_START
from dualview.cards.text import Markdown

EMPTY_BY_HAND = Markdown(f"{BY_HAND_START}\n{BY_HAND_END}")
PASSAGE = {"docid": "d", "title": "t", "text": "some text"}
ROW = {
    "query_id": "q",
    "query": "q",
    "reversed_positive": {**PASSAGE, "title": "Under pressure"},
    "positive": PASSAGE,
    "other_instruction_negatives": [],
    "paraphrased_instruction": None,
}


def with_data(folder: Path, facts: DatasetFacts) -> DatasetFacts:
    """Two rows a split on disk, in Parquet that says less of its types than the card does."""
    rows: dict[str, dict[str, Any]] = {
        "dual_view": ROW,
        "triplets": {"anchor": "a", "positive": "p", "negative": None},
        "rejected": {"set_id": "s", "reason": "r", "unheard_of": []},
    }
    for config in facts.configs:
        for split in config.splits:
            path = folder / "data" / config.name / f"{split}-00000-of-00001.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist([rows[config.name]] * 2), path, compression="zstd")
    return facts


def test_golden(tmp_path: Path, dataset_facts: DatasetFacts, golden: Callable[[str, str], None]) -> None:
    path = write_dataset_card(tmp_path, dataset_facts)
    assert path == tmp_path / "README.md"
    golden("dataset_card.md", path.read_text(encoding="utf-8"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["README.md"]


def test_load_dataset_gives_the_declared_features(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    folder = tmp_path / "dataset"
    write_dataset_card(folder, with_data(folder, dataset_facts))
    cache = str(tmp_path / "cache")
    for config in dataset_facts.configs:
        loaded = load_dataset(str(folder), config.name, cache_dir=cache)
        assert set(loaded) == set(config.splits)
        assert all(split.features == config.features for split in loaded.values())
    default = load_dataset(str(folder), cache_dir=cache)
    assert default["test"][0]["reversed_positive"]["title"] == "Under pressure"
    streamed = load_dataset(str(folder), split="train", streaming=True)
    assert streamed.features == dataset_facts.configs[0].features


def test_the_loading_code_runs_as_it_stands(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    folder = tmp_path / "dataset"
    path = write_dataset_card(folder, with_data(folder, dataset_facts))
    snippet = path.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    check = (
        'assert dual_view["train"].num_rows == 2 and triplets["test"].column_names[0] == "anchor"; rejected'
    )
    subprocess.run(
        [sys.executable, "-c", snippet + check],
        cwd=folder,
        check=True,
        env={**os.environ, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"},
        timeout=120,
    )


def test_a_dataset_without_counts_and_written_sets_has_no_section_about_them(
    dataset_facts: DatasetFacts,
) -> None:
    card = render_dataset_card(replace(dataset_facts, kinds={}, lengths={}, written_sets=None), EMPTY_BY_HAND)
    assert "## Kinds and lengths" not in card and "practical" not in card


def test_metadata_reads_back(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    data = DatasetCard.load(write_dataset_card(tmp_path, dataset_facts)).data
    assert data.license == "apache-2.0"
    assert data.language == ["en"]
    assert data.task_categories == ["text-retrieval"]
    assert data.size_categories == ["1K<n<10K"]
    assert [config["config_name"] for config in data["configs"]] == ["dual_view", "triplets", "rejected"]
    assert [config.get("default") for config in data["configs"]] == [True, None, None]
    assert {info["config_name"] for info in data["dataset_info"]} == {"dual_view", "triplets", "rejected"}


@pytest.mark.parametrize(
    ("licenses", "metadata", "name"),
    [
        (("CC BY 4.0",), "cc-by-4.0", None),
        (("Apache-2.0", "cc-by-sa-4.0"), ["apache-2.0", "cc-by-sa-4.0"], None),
        (("House | licence",), "other", "House | licence"),
    ],
)
def test_licences_are_the_hubs(
    tmp_path: Path, dataset_facts: DatasetFacts, licenses: tuple[str, ...], metadata: object, name: str | None
) -> None:
    data = DatasetCard.load(write_dataset_card(tmp_path, replace(dataset_facts, licenses=licenses))).data
    assert data.license == metadata
    assert data.get("license_name") == name


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        (None, "No judge has checked that the labels swap"),
        ("org/cross-encoder", "The labels were checked by `org/cross-encoder`."),
        ({"kind": "cross-encoder", "model": None}, "The labels were checked by `cross-encoder`."),
        ({"model": "m", "prompt_sha256": "a|b"}, "The labels were checked by `m` (prompt sha256 a&#124;b)."),
    ],
)
def test_a_judge_is_named(dataset_facts: DatasetFacts, judge: Any, said: str) -> None:
    text = render_dataset_card(replace(dataset_facts, judge=judge), EMPTY_BY_HAND)
    assert said in text
    assert ("No judge has checked" in text) == (judge is None)


def test_no_path_of_this_machine_is_published(dataset_facts: DatasetFacts) -> None:
    local = replace(dataset_facts, build_command="dualview build --source /srv/me/own.jsonl --out own")
    card = render_dataset_card(local, EMPTY_BY_HAND)
    assert "dualview build --source own.jsonl --out own" in card and "/srv/me" not in card


def test_one_config_and_nothing_rejected(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    bare = replace(
        dataset_facts,
        configs=dataset_facts.configs[:1],
        rejected_by_reason={},
        levers={},
        styles={},
        example_rows=(),
    )
    folder = tmp_path / "dataset"
    write_dataset_card(folder, with_data(folder, bare))
    loaded = load_dataset(str(folder), split="test", cache_dir=str(tmp_path / "cache"))
    assert loaded.features == bare.configs[0].features


WILD = st.text(st.sampled_from(list("-`|<>{}%![]()\\*_#&;:\n\r\t a1\x85\u2028")), max_size=30) | st.text(
    max_size=10
)


def skeleton(card: str) -> list[str]:
    """Headings, fences, comments and the beginnings of table rows."""
    body = card.split("\n---\n", 1)[1].split("\n")
    return [line.split(" ")[0] for line in body if line[:1] in "#`<|-" and line]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wild=WILD)
def test_hostile_text_changes_nothing_but_itself(dataset_facts: DatasetFacts, wild: str) -> None:
    row = dataset_facts.example_rows[0]
    wild_passage = {"docid": "d", "title": wild, "text": wild}
    hostile = replace(
        dataset_facts,
        configs=dataset_facts.configs[1:2],
        pretty_name=f"x{wild}",
        sources=({"name": wild, "license": wild, "origin": wild},),
        levers={wild: 1, f"b{wild}": 1},
        rejected_by_reason={wild: 1},
        writers=({"kind": wild or "k", "model": wild},),
        limits=(f"x{wild}",),
        example_rows=(
            {
                **row,
                "query": f"x{wild}",
                "instruction": wild,
                "positive": wild_passage,
                "reversed_positive": wild_passage,
                "other_instruction_negatives": [wild_passage],
            },
        ),
    )
    tame = replace(
        hostile,
        pretty_name="x",
        sources=({"name": "x", "license": "x", "origin": "x"},),
        levers={"x": 1, "bx": 1},
        rejected_by_reason={"x": 1},
        writers=({"kind": "x", "model": "x"},),
        limits=("x",),
        example_rows=(dataset_facts.example_rows[0],),
    )
    shown = render_dataset_card(hostile, EMPTY_BY_HAND)
    assert skeleton(shown) == skeleton(render_dataset_card(tame, EMPTY_BY_HAND))
    data = DatasetCard(shown).data
    assert data["configs"] == DatasetCard(render_dataset_card(tame, EMPTY_BY_HAND)).data["configs"]
    # The library that loads the data splits card and metadata by lines of its own reckoning.
    lines = shown.splitlines()
    assert yaml.safe_load("\n".join(lines[1 : lines[1:].index("---") + 1]))["configs"] == data["configs"]


def test_what_a_person_wrote_is_kept(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    path = write_dataset_card(tmp_path, dataset_facts)
    mine = f"{BY_HAND_START}\n## Thanks\n\nTo {{{{ all }}}} of <b>you</b>.\n{BY_HAND_END}"
    path.write_text(path.read_text(encoding="utf-8").replace(EMPTY_BY_HAND, mine), encoding="utf-8")
    for limit in ("First.", "Second."):
        write_dataset_card(tmp_path, replace(dataset_facts, limits=(limit,)))
        text = path.read_text(encoding="utf-8")
        assert mine in text
        assert text.count(BY_HAND_START) == 1
        assert limit in text


def test_a_passage_cannot_pose_as_the_section_by_hand(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    hostile = replace(dataset_facts, limits=(f"\n{BY_HAND_START}\nmine\n{BY_HAND_END}\n",))
    write_dataset_card(tmp_path, hostile)
    text = write_dataset_card(tmp_path, dataset_facts).read_text(encoding="utf-8")
    assert "mine" not in text


def test_several_sections_are_all_kept(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    section = f"{BY_HAND_START}\n{{}}\n{BY_HAND_END}\n"
    (tmp_path / "README.md").write_text(
        f"\ufeff{section.format('one')}\r\nlost\n{section.format('two')}", "utf-8"
    )
    text = write_dataset_card(tmp_path, dataset_facts).read_text(encoding="utf-8")
    assert f"{BY_HAND_START}\none\ntwo\n{BY_HAND_END}" in text
    assert "lost" not in text


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (f"{BY_HAND_START}\nmine\n".encode(), "never closed"),
        (f"{BY_HAND_START}\nmine\n{BY_HAND_START}\n{BY_HAND_END}".encode(), "line 3.*never closed"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_card_that_cannot_be_kept_is_left_alone(
    tmp_path: Path, dataset_facts: DatasetFacts, before: bytes, message: str
) -> None:
    path = tmp_path / "README.md"
    path.write_bytes(before)
    with pytest.raises(CardError, match=message):
        write_dataset_card(tmp_path, dataset_facts)
    assert path.read_bytes() == before


def test_a_folder_that_is_a_file_gives_one_line(tmp_path: Path, dataset_facts: DatasetFacts) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CardError) as error:
        write_dataset_card(tmp_path / "file", dataset_facts)
    assert "\n" not in str(error.value) and str(tmp_path / "file") in str(error.value)
