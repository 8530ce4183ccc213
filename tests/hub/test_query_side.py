"""The query side of a model goes to a repository of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dualview.cards.__main__ import main
from dualview.cards.hub.model_upload import model_upload, query_upload
from dualview.cards.hub.published_card import is_ours
from dualview.cards.hub.retries import Patience
from dualview.cards.query_card import QUERY_FOLDER, QueryFacts, save_query_facts, write_query_card
from dualview.trainer.runs.pushing import CheckpointPusher
from tests.hub.clients import contents
from tests.hub.loopback.faults import Fault
from tests.hub.loopback.state import Hub
from tests.hub.samples import model_facts, write_model

ID = "org/dualview-305m"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = write_model(tmp_path / "model")
    query = folder / QUERY_FOLDER
    query.mkdir()
    (query / "modules.json").write_text("[]")
    (query / "config.json").write_text("{}")
    (query / "model.safetensors").write_bytes(b"query weights")
    save_query_facts(query, QueryFacts(model_facts()))
    write_query_card(query, QueryFacts(model_facts()))
    return folder


def files_of(hub: Hub, repo_id: str) -> set[str]:
    return set(contents(hub, "models", repo_id)) - {".gitattributes"}


def test_both_repositories_are_filled(
    connected: Hub, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):  # the second finds its own repositories
        assert main(["publish-model", str(model), "--repo-id", ID]) == 0
    assert not any(path.startswith("query/") for path in files_of(connected, ID))
    published = contents(connected, "models", f"{ID}-query")
    assert published["model.safetensors"] == b"query weights"
    card = published["README.md"].decode()
    assert f'SentenceTransformer("{ID}-query")' in card and f"huggingface.co/{ID})" in card
    assert is_ours(card, tuple(published), "model")
    assert all(repo.private for repo in connected.store.repos("models"))


def test_the_query_side_can_stay(connected: Hub, model: Path) -> None:
    assert main(["publish-model", str(model), "--repo-id", ID, "--no-query"]) == 0
    assert [repo.id for repo in connected.store.repos("models")] == [ID]


def test_an_export_alone_is_published_under_its_own_name(model: Path) -> None:
    upload = model_upload(model / QUERY_FOLDER, "org/other")
    (card,) = (file for file in upload.files if file.path == "README.md")
    assert isinstance(card.source, bytes) and b'SentenceTransformer("org/other")' in card.source


def test_a_model_without_one_has_none(tmp_path: Path) -> None:
    assert query_upload(write_model(tmp_path / "model"), ID) is None


@pytest.mark.parametrize("fault", [None, Fault("status", on="-query", times=None)])
def test_a_training_publishes_it_in_the_end(
    connected: Hub, model: Path, tmp_path: Path, fault: Fault | None
) -> None:
    once = Patience(tries=1, sleep=lambda seconds: None)
    pusher = CheckpointPusher(ID, tmp_path / ".pushing", patience=once, patience_in_the_end=once)
    if fault is not None:
        connected.faults.switch_on(fault)
    assert pusher.finish(model) is (fault is None)
    assert "model.safetensors" in files_of(connected, ID)
    assert [repo.id for repo in connected.store.repos("models") if repo.id.endswith("-query")] == (
        [] if fault is not None else [f"{ID}-query"]
    )
