"""Cards on the Hub: accepted by its check of metadata, and changed there without loss."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import DatasetCard, ModelCard, RepoCard

from dualview.cards.__main__ import main
from dualview.cards.errors import HubError
from dualview.cards.hub.edit import add_results, edit_card, edit_published_card
from dualview.cards.hub.model_upload import model_upload
from dualview.cards.hub.publish import publish
from dualview.cards.hub.published_card import is_ours, keep_theirs
from dualview.cards.hub.repo import HubRepo
from dualview.cards.hub.retries import Patience
from dualview.cards.hub.upload import PublishOptions
from dualview.cards.readme import BY_HAND_END, BY_HAND_START
from dualview.dataset_builder.output.publish_dataset import dataset_upload
from tests.hub.clients import ROOT, contents, titles
from tests.hub.loopback.faults import Fault
from tests.hub.loopback.metadata import problems
from tests.hub.loopback.state import Hub
from tests.hub.samples import RESULT, write_dataset, write_model

DATASET, MODEL = "org/dualview-ifir", "org/dualview-305m"
GOLDEN = ROOT / "tests" / "cards" / "golden"
EMPTY = f"{BY_HAND_START}\n{BY_HAND_END}"
MINE = f"{BY_HAND_START}\nWritten *by me*.\n{BY_HAND_END}"
QUICK = PublishOptions(patience=Patience(first=0.01))


def repo(repo_id: str, kind: str) -> HubRepo:
    return HubRepo(repo_id, kind, lambda line: None, QUICK.patience)


def card_of(hub: Hub, kind: str, repo_id: str) -> str:
    return contents(hub, kind, repo_id)["README.md"].decode()


def publish_by_hand(folder: Path) -> Path:
    """Put a section by hand into a folder's card."""
    card = folder / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace(EMPTY, MINE), encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", ["dataset", "model", "space"])
def test_the_hub_takes_the_metadata_of_every_card(connected: Hub, kind: str) -> None:
    card = (GOLDEN / f"{kind}_card.md").read_text(encoding="utf-8")
    RepoCard(card).validate(repo_type=kind)
    assert problems(card, kind) == ([], [])
    validated = [seen for seen in connected.seen if seen.path == "/api/validate-yaml"]
    assert [seen.status for seen in validated] == [200]


def test_editing_a_card_keeps_what_loads_the_data(connected: Hub, tmp_path: Path) -> None:
    folder = publish_by_hand(write_dataset(tmp_path / "dataset"))
    publish(dataset_upload(folder, DATASET), QUICK)
    before = DatasetCard(card_of(connected, "datasets", DATASET))

    def rename(card: RepoCard) -> None:
        card.data["pretty_name"] = "Another name"

    done = edit_published_card(repo(DATASET, "dataset"), rename, "Rename")
    after = DatasetCard(card_of(connected, "datasets", DATASET))
    assert done.changed and titles(connected, "datasets", DATASET)[0] == "Rename"
    assert after.data["pretty_name"] == "Another name" and "Written *by me*." in after.text
    for name in ("configs", "dataset_info", "license", "tags"):
        assert after.data[name] == before.data[name]
    assert not edit_published_card(repo(DATASET, "dataset"), rename, "Rename").changed


def test_an_edit_runs_again_from_the_newest_card(connected: Hub, tmp_path: Path) -> None:
    publish(dataset_upload(write_dataset(tmp_path / "dataset"), DATASET), QUICK)
    connected.faults.switch_on(Fault("race"), Fault("lose", on="/commit/"))
    command = [
        "edit-card",
        "dataset",
        "--repo-id",
        DATASET,
        "--set",
        "pretty_name=New",
        "--set",
        "viewer=false",
    ]
    assert main(command) == 0
    data = DatasetCard(card_of(connected, "datasets", DATASET)).data
    assert data["pretty_name"] == "New" and data["viewer"] is False
    assert "notes/0.md" in contents(connected, "datasets", DATASET)


def test_an_edit_cannot_drop_what_must_stay(tmp_path: Path) -> None:
    card = publish_by_hand(write_dataset(tmp_path / "dataset")).joinpath("README.md").read_text()
    with pytest.raises(HubError, match="removes 'configs'"):
        edit_card(card, "dataset", lambda edited: edited.data.pop("configs"), "x")
    with pytest.raises(HubError, match="written by hand"):
        edit_card(card, "dataset", lambda edited: setattr(edited, "text", "# x"), "x")
    assert edit_card(card, "dataset", lambda edited: None, "x") == card


def test_results_are_added_to_a_published_model(connected: Hub, tmp_path: Path, capsys: Any) -> None:
    publish(model_upload(publish_by_hand(write_model(tmp_path / "model")), MODEL), QUICK)
    weights = contents(connected, "models", MODEL)["model.safetensors"]
    evaluated = write_model(tmp_path / "evaluated", results=(RESULT,))
    assert main(["add-results", str(evaluated), "--repo-id", MODEL]) == 0, capsys.readouterr().err
    there = contents(connected, "models", MODEL)
    card = ModelCard(there["README.md"].decode())
    assert titles(connected, "models", MODEL)[0] == "Add evaluation results"
    assert "## Results" in card.text and "Written *by me*." in card.text
    assert f'SentenceTransformer("{MODEL}")' in card.text
    assert [result.metric_value for result in card.data.eval_results or []] == [0.5]
    assert yaml.safe_load(there[".eval_results/dualview.yaml"])[0]["value"] == 0.5
    assert len(json.loads(there["dualview_facts.json"])["results"]) == 1
    assert there["model.safetensors"] == weights
    # A figure of the same test takes the place of the old one, another is added.
    more = (replace(RESULT, value=0.7), replace(RESULT, metric="p_mrr", metric_name="p-MRR"))
    add_results(repo(MODEL, "model"), more, None)
    results = json.loads(contents(connected, "models", MODEL)["dualview_facts.json"])["results"]
    assert [(result["metric"], result["value"]) for result in results] == [
        ("flip_accuracy", 0.7),
        ("p_mrr", 0.5),
    ]
    assert not add_results(repo(MODEL, "model"), more, None).changed


def test_an_edit_publishes_no_token(connected: Hub, tmp_path: Path, capsys: Any) -> None:
    publish(dataset_upload(write_dataset(tmp_path / "dataset"), DATASET), QUICK)
    token = "hf_" + "aB3" * 11
    assert main(["edit-card", "dataset", "--repo-id", DATASET, "--set", f"pretty_name={token}"]) == 2
    assert "README.md: holds a Hugging Face token" in capsys.readouterr().err
    assert len(titles(connected, "datasets", DATASET)) == 2


def test_results_need_a_model_of_ours(connected: Hub, tmp_path: Path, capsys: Any) -> None:
    evaluated = write_model(tmp_path / "evaluated", results=(RESULT,))
    assert main(["add-results", str(evaluated), "--repo-id", MODEL]) == 2
    assert "publish it first" in capsys.readouterr().err
    assert main(["add-results", str(write_model(tmp_path / "model")), "--repo-id", MODEL]) == 2
    assert "holds no results" in capsys.readouterr().err
    connected.store.create("models", MODEL, True, None, "alice")
    assert main(["add-results", str(evaluated), "--repo-id", MODEL]) == 2
    assert "has no README.md" in capsys.readouterr().err


@pytest.mark.parametrize("pair", ["pretty_name", "=x", "a=["])
def test_a_setting_that_is_none(connected: Hub, capsys: Any, pair: str) -> None:
    assert main(["edit-card", "dataset", "--repo-id", DATASET, "--set", pair]) == 2
    error = capsys.readouterr().err
    assert "NAME=VALUE" in error and error.count("\n") == 1


def test_a_published_card_that_is_broken_is_named() -> None:
    for broken, message in (("---\na: [\n---\n", "metadata cannot be read"), (BY_HAND_START, "never closed")):
        with pytest.raises(HubError, match=message):
            keep_theirs("---\nlicense: mit\n---\n# x\n", broken, "model", "README.md on the Hub")


@pytest.mark.parametrize(
    ("card", "paths", "ours"),
    [
        (None, [".gitattributes"], True),
        (None, [".gitattributes", "x.csv"], False),
        ("---\nlicense: mit\n---\n", ["README.md"], True),
        ("---\nlicense: mit\n---\n# Mine\n", ["README.md"], False),
        ("---\nlicense: mit\n---\n", ["README.md", "x.csv"], False),
        ("---\ntags:\n- dual-view\n---\n# x\n", ["README.md", "x.csv"], True),
        ("---\na: [\n---\n", ["README.md"], False),
    ],
)
def test_what_is_ours(card: str | None, paths: list[str], ours: bool) -> None:
    assert is_ours(card, paths, "model") is ours
