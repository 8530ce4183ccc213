"""The whole road with the real programs and empty caches: build, publish, load; train, push, load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset
from huggingface_hub import ModelCard
from sentence_transformers import SentenceTransformer

from tests.hub.clients import ALICE, assert_nowhere, contents, run_as, titles
from tests.hub.server import serving
from tests.hub.state import Hub

ROOT = Path(__file__).resolve().parent.parent.parent
DATASET, MODEL = "org/dualview-ifir", "org/dualview-305m"

LOAD = """
import json, sys
from datasets import load_dataset

name, first = sys.argv[1:]
default = load_dataset(name)
triplets, plain = load_dataset(name, "triplets"), load_dataset(name, "plain")
one = load_dataset(name, split="validation")
streamed = load_dataset(name, split="test", streaming=True)
pinned = load_dataset(name, revision=first)
json.dump({
    "default": {split: rows.num_rows for split, rows in default.items()},
    "triplets": triplets["train"].column_names,
    "plain": plain["train"].column_names,
    "one": one.num_rows,
    "streamed": [row["set_id"] for row in streamed],
    "loaded": default["test"]["set_id"][:],
    "pinned": pinned["train"].num_rows,
}, sys.stdout)
"""

ENCODE = """
import json, sys
from sentence_transformers import SentenceTransformer

name, *queries = sys.argv[1:]
embeddings = {}
for revision in ("main", "best"):
    model = SentenceTransformer(name, revision=revision, device="cpu")
    embeddings[revision] = model.encode_query(queries).tolist()
json.dump(embeddings, sys.stdout)
"""
QUERIES = ["how long to cook dried beans Leave out pressure cookers.", "why is the sky blue"]


@dataclass(frozen=True)
class Road:
    """A hub to which a dataset was published, and the folder that it was published from."""

    hub: Hub
    folder: Path
    dataset: Path
    first: str


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    folder = tmp_path_factory.mktemp("road")
    seeds = (ROOT / "dataset_builder" / "seeds" / "home.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    (folder / "seeds.jsonl").write_text("\n".join(seeds), encoding="utf-8")
    with serving(Hub(folder / "hub", page=5, chunk=20_000)) as hub:
        build = ("build", "--source", folder / "seeds.jsonl", "--out", folder / "dataset")
        done = run_as(hub, folder / "builder", "-m", "dataset_builder", *build, token=None)
        assert done.returncode == 0, done.stderr
        first = publish_dataset(hub, folder)
        yield Road(hub, folder, folder / "dataset", first)


def publish_dataset(hub: Hub, folder: Path) -> str:
    """Publish and return the commit."""
    publish = ("-m", "dataset_builder", "publish", folder / "dataset", "--repo-id", DATASET)
    done = run_as(hub, folder / "builder", *publish)
    assert done.returncode == 0, done.stderr
    assert "uploading" in done.stderr or "nothing to upload" in done.stderr
    return done.stdout.strip().rpartition("/")[2]


def test_the_dataset_loads_by_its_name(road: Road) -> None:
    local = load_dataset(str(road.dataset), cache_dir=str(road.folder / "cache"))
    done = run_as(road.hub, road.folder / "reader", "-c", LOAD, DATASET, road.first)
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert loaded["default"] == {split: rows.num_rows for split, rows in local.items()}
    assert loaded["triplets"] == ["anchor", "positive", "negative"]
    assert loaded["plain"] == ["query_id", "query", "positives", "hard_negatives"]
    assert loaded["one"] == local["validation"].num_rows
    assert loaded["streamed"] == loaded["loaded"] == local["test"]["set_id"][:]
    assert loaded["pinned"] == local["train"].num_rows


def test_a_second_publish_of_the_dataset_is_a_no_op(road: Road) -> None:
    before = titles(road.hub, "datasets", DATASET)
    assert publish_dataset(road.hub, road.folder) == road.first
    assert titles(road.hub, "datasets", DATASET) == before


@pytest.fixture(scope="module")
def pushed(road: Road, tiny_model: Path) -> Path:
    """The model that was trained on the published dataset and pushed while it was."""
    train = (
        "trainer/train.py",
        "--model",
        tiny_model,
        "--base-model-id",
        "org/base",
        "--base-license",
        "mit",
    )
    small = ("--max-steps", "2", "--evaluations", "2", "--batch-size", "4", "--max-tokens", "32")
    target = ("--dataset", DATASET, "--output", road.folder / "run", "--push-to-hub", MODEL)
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


def test_the_model_loads_by_its_name_and_is_the_local_one(road: Road, pushed: Path) -> None:
    done = run_as(road.hub, road.folder / "searcher", "-c", ENCODE, MODEL, *QUERIES)
    assert done.returncode == 0, done.stderr
    local = SentenceTransformer(str(pushed), device="cpu").encode_query(QUERIES)
    remote = json.loads(done.stdout)
    assert np.array(remote["main"]) == pytest.approx(local, abs=1e-6)
    assert len(remote["best"]) == len(QUERIES)


def test_the_token_is_in_no_file(road: Road, pushed: Path) -> None:
    for folder in road.folder.iterdir():
        if folder.name != "hub" and folder.is_dir():
            assert_nowhere(ALICE, "", folder)


def test_publishing_the_finished_model_again_is_a_no_op(road: Road, pushed: Path) -> None:
    before = titles(road.hub, "models", MODEL)
    done = run_as(
        road.hub, road.folder / "trainer", "-m", "cards", "publish-model", pushed, "--repo-id", MODEL
    )
    assert done.returncode == 0, done.stderr
    assert "nothing changed" in done.stderr
    assert titles(road.hub, "models", MODEL) == before
