"""Whole workflow with the real programs and empty caches: build, publish, load; train, push, load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import load_dataset
from huggingface_hub import ModelCard
from sentence_transformers import SentenceTransformer

from dualview.cards.readme import BY_HAND_END, BY_HAND_START
from tests.hub.clients import ALICE, ROOT, assert_nowhere, contents, run_as, titles
from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub

DATASET, MODEL, METRIC = "org/dualview-ifir", "org/dualview-305m", "org/p_mrr"
QUERIES = ["how long to cook dried beans Leave out pressure cookers.", "why is the sky blue"]

# In one process, as importing the libraries takes longest.
READ = """
import json, sys

import evaluate
from datasets import load_dataset
from sentence_transformers import SentenceTransformer

dataset, first, model, metric, *queries = sys.argv[1:]
default = load_dataset(dataset)
read = {
    "default": {split: rows.num_rows for split, rows in default.items()},
    "triplets": load_dataset(dataset, "triplets")["train"].column_names,
    "plain": load_dataset(dataset, "plain")["train"].column_names,
    "one split": load_dataset(dataset, split="validation").num_rows,
    "loaded": default["test"]["set_id"][:],
    "streamed": [row["set_id"] for row in load_dataset(dataset, split="test", streaming=True)],
    "pinned": load_dataset(dataset, revision=first)["train"].num_rows,
}
for revision in ("main", "best"):
    encoder = SentenceTransformer(model, revision=revision, device="cpu")
    read[revision] = encoder.encode_query(queries).tolist()
before = {"docids": ["a", "b", "c"], "scores": [3.0, 2.0, 1.0]}
after = {"docids": ["a", "b", "c"], "scores": [1.0, 3.0, 2.0]}
read["p_mrr"] = evaluate.load(metric).compute(
    predictions=[{"original": before, "changed": after}], references=[{"lost": ["a"], "gained": []}]
)["p_mrr"]
json.dump(read, sys.stdout)
"""


@dataclass(frozen=True)
class Road:
    """Hub with everything published, and the folder that it was published from.

    :param first: the dataset's commit; another one followed.
    """

    hub: Hub
    folder: Path
    first: str

    def publish(self, *command: str | Path) -> tuple[str, str]:
        """Run a publishing command; return the commit and the messages."""
        done = run_as(self.hub, self.folder / "publisher", "-m", *command)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().rpartition("/")[2], done.stderr


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    folder = tmp_path_factory.mktemp("road")
    seeds = (ROOT / "dataset_builder" / "seeds" / "home.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    (folder / "seeds.jsonl").write_text("\n".join(seeds), encoding="utf-8")
    with serving(Hub(folder / "hub", page=5, chunk=20_000)) as hub:
        build = ("build", "--source", folder / "seeds.jsonl", "--out", folder / "dataset")
        done = run_as(hub, folder / "builder", "-m", "dataset_builder", *build, token=None)
        assert done.returncode == 0, done.stderr
        made = Road(hub, folder, "")
        first, _ = made.publish("dataset_builder", "publish", folder / "dataset", "--repo-id", DATASET)
        yield Road(hub, folder, first)


def test_a_second_publish_of_the_dataset_is_a_clean_commit_or_none(road: Road) -> None:
    command = ("dataset_builder", "publish", road.folder / "dataset", "--repo-id", DATASET)
    again, said = road.publish(*command)
    assert again == road.first and "nothing to upload" in said
    card = road.folder / "dataset" / "README.md"
    mine = f"{BY_HAND_START}\nMine.\n{BY_HAND_END}"
    text = card.read_text(encoding="utf-8").replace(f"{BY_HAND_START}\n{BY_HAND_END}", mine)
    card.write_text(text, encoding="utf-8")
    second, said = road.publish(*command)
    assert second != road.first and "uploading 1 file" in said
    assert titles(road.hub, "datasets", DATASET) == ["Publish dualview-ifir"] * 2 + ["initial commit"]


@pytest.fixture(scope="module")
def pushed(road: Road, tiny_model: Path) -> Path:
    """Train a model on the published dataset and push its checkpoints."""
    train = (
        "trainer/train.py",
        "--model",
        tiny_model,
        "--base-model-id",
        "org/base",
        "--base-license",
        "mit",
    )
    # As the recipes do: a model with an encoder of its own for queries.
    small = ("--frozen-documents", "--max-steps", "2", "--evaluations", "2", "--batch-size", "4")
    small += ("--max-tokens", "32")
    target = ("--dataset", DATASET, "--out", road.folder / "run", "--push-to-hub", MODEL)
    done = run_as(road.hub, road.folder / "trainer", *train, *small, *target)
    assert done.returncode == 0, done.stderr
    assert "Checkpoint of step 1 of 2, the best so far: http" in done.stderr
    return road.folder / "run" / "model"


def test_every_checkpoint_is_a_commit_with_its_card(road: Road, pushed: Path) -> None:
    history = titles(road.hub, "models", MODEL)
    assert history[0] == "Trained model" and history[-1] == "initial commit"
    assert [title.split(",")[0] for title in history[1:-1]] == [
        "Checkpoint of step 2 of 2",
        "Checkpoint of step 1 of 2",
    ]
    repo = road.hub.store.repo("models", MODEL)
    assert repo is not None and repo.private
    for commit in road.hub.store.history_of([road.hub.store.head(repo, "main")[1].sha])[:-1]:
        there = contents(road.hub, "models", MODEL, commit.sha)
        card = ModelCard(there["README.md"].decode())
        assert card.data.base_model == "org/base" and card.data.datasets == [DATASET]
        assert f'SentenceTransformer("{MODEL}")' in card.text
        assert ("Checkpoint of step" in card.text) == ("Checkpoint" in commit.title)
        assert not {"optimizer.pt", "trainer_state.json", "training_args.bin"} & there.keys()
    best = next(title for title in history if "best" in title)
    tagged = road.hub.store.resolve(repo, "best")
    assert tagged.title == best


@pytest.fixture(scope="module")
def read(road: Road, pushed: Path) -> dict[str, Any]:
    """Read everything that was published with an empty cache."""
    road.publish("cards", "publish-space", ROOT / "spaces" / "p_mrr", "--repo-id", METRIC)
    names = (DATASET, road.first, MODEL, METRIC)
    done = run_as(road.hub, road.folder / "reader", "-c", READ, *names, *QUERIES)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_dataset_loads_by_its_name(road: Road, read: dict[str, Any]) -> None:
    local = load_dataset(str(road.folder / "dataset"), cache_dir=str(road.folder / "cache"))
    assert read["default"] == {split: rows.num_rows for split, rows in local.items()}
    assert read["triplets"] == ["anchor", "positive", "negative"]
    assert read["plain"] == ["query_id", "query", "positives", "hard_negatives"]
    assert read["one split"] == local["validation"].num_rows
    assert read["streamed"] == read["loaded"] == local["test"]["set_id"][:]
    assert read["pinned"] == local["train"].num_rows
    assert any(f"/resolve/{road.first}/" in seen.path for seen in road.hub.seen)


def test_the_model_loads_by_its_name_and_is_the_local_one(pushed: Path, read: dict[str, Any]) -> None:
    local = SentenceTransformer(str(pushed), device="cpu").encode_query(QUERIES)
    assert np.array(read["main"]) == pytest.approx(local, abs=1e-6)
    assert len(read["best"]) == len(QUERIES)


def test_the_metric_loads_by_its_name(read: dict[str, Any]) -> None:
    assert read["p_mrr"] == pytest.approx(2 / 3, abs=1e-6)  # from rank 1 to 3


def test_publishing_the_finished_model_again_is_a_no_op(road: Road, pushed: Path) -> None:
    before = titles(road.hub, "models", MODEL)
    _, said = road.publish("cards", "publish-model", pushed, "--repo-id", MODEL)
    assert "nothing changed" in said
    assert titles(road.hub, "models", MODEL) == before


def test_the_token_is_in_no_file(road: Road, read: dict[str, Any]) -> None:
    for folder in road.folder.iterdir():
        if folder.name != "hub" and folder.is_dir():
            assert_nowhere(ALICE, "", folder)
