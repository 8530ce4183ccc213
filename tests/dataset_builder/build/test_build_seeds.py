"""The shipped seeds, built as `make quickstart` builds them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.checks.rules import MAX_SENTENCES
from dualview.dataset_builder.checks.sentences import count_sentences
from dualview.dataset_builder.levers import LEVERS

SPLITS = ("train", "validation", "test")
WRITTEN = ("seeds-views", "attributed-views", "practical")
SEEDS = Path(__file__).resolve().parents[3] / "dataset_builder" / "seeds"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds") / "dataset"
    assert main(["build", "--source", "seeds", "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def rows(built: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of ``dual_view`` by split, read without the code that wrote them."""
    return {split: pq.read_table(shard(built, "dual_view", split)).to_pylist() for split in SPLITS}


def shard(folder: Path, config: str, split: str) -> Path:
    (path,) = (folder / "data" / config).glob(f"{split}-*.parquet")
    return path


def all_rows(rows: dict[str, list[dict[str, Any]]], source: str) -> list[dict[str, Any]]:
    return [row for split in SPLITS for row in rows[split] if row["source"] == source]


def texts_of(row: dict[str, Any]) -> Iterator[str]:
    yield row["query"]
    for passage in (row["positive"], row["reversed_positive"]):
        yield passage["text"]
    for name in ("other_instruction_negatives", "hard_negatives"):
        yield from (passage["text"] for passage in row[name])


def test_every_set_and_every_topic_is_there(rows: dict[str, Any]) -> None:
    assert len({row["set_id"] for row in all_rows(rows, "seeds")}) == 450
    assert len({row["query_id"] for row in all_rows(rows, "attributed")}) == 240


def test_a_quarter_is_for_the_test_and_a_tenth_to_choose_by(rows: dict[str, Any]) -> None:
    for source, total in (("seeds", 450), ("attributed", 240)):
        queries = {
            split: {row["query_id"] for row in rows[split] if row["source"] == source} for split in SPLITS
        }
        assert abs(len(queries["test"]) - total / 4) <= 1
        assert abs(len(queries["validation"]) - total / 10) <= 1
        assert sum(map(len, queries.values())) == total


def test_no_query_topic_or_passage_crosses_a_split(built: Path, rows: dict[str, Any]) -> None:
    splits = defaultdict(set)
    for split in SPLITS:
        for row in rows[split]:
            splits["query id " + row["query_id"]].add(split)
            for text in texts_of(row):
                splits[" ".join(text.lower().split())].add(split)
        for row in pq.read_table(shard(built, "plain", split)).to_pylist():
            for passage in (*row["positives"], *row["hard_negatives"]):
                splits[" ".join(passage["text"].lower().split())].add(split)
    assert [text for text, found in splits.items() if len(found) > 1] == []


def test_a_seed_set_has_three_views_over_three_passages(rows: dict[str, Any]) -> None:
    sets = defaultdict(list)
    for row in all_rows(rows, "seeds"):
        sets[row["set_id"]].append(row)
    for found in sets.values():
        first, second = found
        assert first["instruction"] == second["instruction"] and first["positive"] == second["positive"]
        assert first["other_instruction_negatives"] == [second["reversed_positive"]]
        assert second["other_instruction_negatives"] == [first["reversed_positive"]]
        views = {first["instruction"], first["reversed_instruction"], second["reversed_instruction"]}
        assert len(views) == 3 and len(first["hard_negatives"]) == 1


def test_an_attributed_pair_is_of_one_topic_and_its_negatives_are_others(rows: dict[str, Any]) -> None:
    for row in all_rows(rows, "attributed"):
        docids = [row["positive"]["docid"], row["reversed_positive"]["docid"]]
        docids += [passage["docid"] for passage in row["other_instruction_negatives"]]
        assert len(set(docids)) == len(docids)
        assert {docid.rpartition("-")[0] for docid in docids} == {row["query_id"]}
        assert row["domain"] == row["query_id"].split("-")[0]


def shipped(folder: str) -> list[dict[str, Any]]:
    """The lines of a folder of the seeds."""
    files = sorted((SEEDS / folder).glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_written_view_is_published_with_its_target(rows: dict[str, Any]) -> None:
    published = Counter(
        view
        for source in WRITTEN
        for view in {
            view
            for row in all_rows(rows, source)
            for view in (
                (row["query_id"], row["positive"]["text"], row["instruction"], row["kind"]),
                (
                    row["query_id"],
                    row["reversed_positive"]["text"],
                    row["reversed_instruction"],
                    row["reversed_kind"],
                ),
            )
        }
    )
    texts = {line["id"]: [line["positive"], *line["instruction_negatives"]] for line in shipped("")}
    for line in shipped("attributed"):
        texts.setdefault(line["id"].rpartition("-")[0], []).append(line)
    practical = shipped("practical")
    texts |= {f"practical/{line['id']}": line["texts"] for line in practical}
    lines = [*shipped("views"), *({**line, "id": f"practical/{line['id']}"} for line in practical)]
    wanted = Counter(
        (line["id"], texts[line["id"]][view["target"]]["text"], view["instruction"], view["kind"])
        for line in lines
        for view in line["views"]
    )
    assert published == wanted and wanted.total() == 8_280 + 9_292


def test_written_views_are_where_the_query_is(rows: dict[str, Any]) -> None:
    splits = {row["query_id"]: split for split in SPLITS for row in rows[split] if row["source"] == "seeds"}
    splits |= {
        row["query_id"]: split for split in SPLITS for row in rows[split] if row["source"] == "attributed"
    }
    splits |= {f"practical/{line['id']}": line["split"] for line in shipped("practical")}
    for split in SPLITS:
        assert {splits[row["query_id"]] for row in rows[split] if row["source"] in WRITTEN} == {split}
    found = Counter(splits.values())
    assert found == {"train": 292 + 156 + 490, "validation": 45 + 24 + 99, "test": 113 + 60 + 188}


def test_practical_sets_are_published_as_they_were_written(built: Path) -> None:
    known = {f"practical/{line['id']}": line for line in shipped("practical")}
    for split in SPLITS:
        for row in pq.read_table(shard(built, "practical", split)).to_pylist():
            line = known.pop(row["id"])
            assert (split, row["query"], row["domain"]) == (line["split"], line["query"], line["domain"])
            assert row["license"] == "apache-2.0"
            assert [{k: text[k] for k in ("title", "text")} for text in row["texts"]] == line["texts"]
            assert [(v["target"], v["kind"], v["instruction"]) for v in row["views"]] == [
                (v["target"], v["kind"], v["instruction"]) for v in line["views"]
            ]
    assert not known


def test_the_card_counts_kinds_and_says_what_may_not_be_trained_on(built: Path) -> None:
    card = (built / "README.md").read_text(encoding="utf-8")
    assert "| `practical` | 9,292 | 4,074 (44%) |" in card
    assert 'load_dataset(source, "practical", split="train")' in card and "Keep the test out" in card
    statistics = json.loads((built / "statistics.json").read_text(encoding="utf-8"))
    assert statistics["instructions_by_source_and_kind"]["seeds-views"]["exclusion"] == 2_700
    assert sum(statistics["instructions_by_source_and_length"]["attributed-views"].values()) == 2_880


def test_writers_levers_and_licences_are_named(rows: dict[str, Any]) -> None:
    for split in SPLITS:
        writers = Counter((row["source"], row["writer"]["kind"]) for row in rows[split])
        replayed = {(source, "replay") for source in ("seeds", *WRITTEN)}
        assert set(writers) == {("attributed", "facets"), *replayed}
    assert {row["lever"] for row in all_rows(rows, "seeds")} == set(LEVERS)
    assert {row["license"] for split in SPLITS for row in rows[split]} == {"apache-2.0"}


def test_no_shipped_seed_breaks_a_rule(built: Path, rows: dict[str, Any]) -> None:
    statistics = json.loads((built / "statistics.json").read_text(encoding="utf-8"))
    assert statistics["rejected_by_writer"].get("replay", {}) == {}
    assert statistics["paraphrases_left_out_by_reason"] == {}
    assert len(all_rows(rows, "seeds")) == 900
    for split in SPLITS:
        checked = [row["reversed_instruction"] for row in rows[split] if row["source"] not in WRITTEN]
        assert all(count_sentences(text) <= MAX_SENTENCES for text in checked)


def test_the_card_says_where_the_text_comes_from(built: Path) -> None:
    card = (built / "README.md").read_text(encoding="utf-8")
    assert "license: apache-2.0" in card and "language:\n- en" in card
    assert "Written for this project by a large language model" in card
    assert "no model was asked while this dataset was built" in card
    assert "dualview build --source seeds" in card


LOAD = """
import sys
from datasets import load_dataset

for config in (None, "triplets", "plain", "practical"):
    loaded = load_dataset(sys.argv[1], config) if config else load_dataset(sys.argv[1])
    print(config, *(f"{split} {len(rows)}" for split, rows in loaded.items()))
"""


def test_a_fresh_process_loads_the_folder(built: Path, rows: dict[str, Any], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(built)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    counts = {split: len(rows[split]) for split in SPLITS}
    shown = done.stdout.splitlines()
    assert shown[0] == " ".join(["None", *(f"{split} {count}" for split, count in counts.items())])
    assert shown[1] == " ".join(["triplets", *(f"{split} {2 * count}" for split, count in counts.items())])
    assert shown[2].startswith("plain train 9") and len(shown) == 4
    assert shown[3] == "practical train 490 validation 99 test 188"
