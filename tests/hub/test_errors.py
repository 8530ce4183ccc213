"""Errors of a first try: one clear line, exit code 2, and no token in the output."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

from dualview.cards.__main__ import main as cards_main
from dualview.cards.hub.errors import explain, is_transient, without_token
from dualview.dataset_builder.__main__ import main as builder_main
from tests.hub.clients import ALICE, ALICE_READ, BOB, run_as
from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub
from tests.hub.samples import write_dataset

ID = "org/dualview-ifir"
Command = Callable[..., str]


@pytest.fixture
def refused(connected: Hub, dataset: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Publishes a dataset in vain and returns the error."""

    def command(repo_id: str = ID, token: str | None = ALICE, *flags: str) -> str:
        if token is None:
            monkeypatch.delenv("HF_TOKEN")
        else:
            monkeypatch.setenv("HF_TOKEN", token)
        assert builder_main(["publish", str(dataset), "--repo-id", repo_id, *flags]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        errors = [
            line for line in printed.err.splitlines() if not line.startswith((" ", "dataset ", "uploading"))
        ]
        assert len(errors) == 1 and errors[0].startswith("error: ")
        assert "Traceback" not in printed.err
        assert token is None or token not in printed.err
        return errors[0]

    return command


def test_bad_token(refused: Command) -> None:
    assert "does not accept the token" in refused(token="hf_nobody")


def test_read_only_token(refused: Command, connected: Hub) -> None:
    error = refused(token=ALICE_READ)
    assert "the token 'alice-read' may only read" in error and "/settings/tokens" in error
    assert connected.store.repos("datasets") == []


def test_no_token(refused: Command) -> None:
    error = refused(token=None)
    assert "no token" in error and "hf auth login" in error


def test_missing_organisation(refused: Command) -> None:
    assert "you are alice and may write to alice and org, not to nowhere" in refused("nowhere/dualview")


def test_somebody_elses_namespace(refused: Command) -> None:
    assert "not to org" in refused(token=BOB)


def test_name_taken_by_a_hidden_repository(refused: Command, connected: Hub) -> None:
    connected.accounts.members["org"].add("bob")
    repo = connected.store.create("datasets", ID, True, None, "bob")
    connected.hidden.add(ID)
    assert "name is taken" in refused()
    assert len(connected.store.history_of([connected.store.head(repo, "main")[1].sha])) == 1


def test_name_taken_by_something_else(refused: Command, api: HfApi) -> None:
    api.create_repo(ID, repo_type="dataset", private=True)
    api.upload_file(path_or_fileobj=b"x", path_in_repo="x.csv", repo_id=ID, repo_type="dataset")
    assert "name is taken" in refused() and "--force" in refused()


def test_repository_of_another_type(refused: Command, api: HfApi) -> None:
    api.create_repo(ID, private=True)
    assert "a model has this id" in refused()


def test_public_repository_of_somebody_else(refused: Command, connected: Hub) -> None:
    connected.store.create("datasets", "bob/data", False, None, "bob")
    assert "not to bob" in refused("bob/data", ALICE, "--public", "--yes")


@pytest.mark.parametrize("repo_id", ["dualview", "org/a b", "org/x--y", "a/b/c", "org/", "org/" + "x" * 100])
def test_invalid_repo_id(refused: Command, connected: Hub, repo_id: str) -> None:
    error = refused(repo_id)
    assert "NAMESPACE/NAME" in error
    assert not connected.seen


def test_a_hub_that_is_away(refused: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(
        "dualview.cards.hub.retries.random.uniform", lambda low, high: 1000.0
    )  # more than anybody waits
    assert "http://127.0.0.1:9 cannot be reached" in refused()


def test_offline_mode(refused: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refused()


def test_missing_folders_and_files(connected: Hub, tmp_path: Path, capsys: Any) -> None:
    for command in ("publish-space", "publish-model", "add-results"):
        assert cards_main([command, str(tmp_path / "absent"), "--repo-id", ID]) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ") and error.count("\n") == 1 and "absent" in error


def test_the_token_is_blotted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert without_token("Bearer hf_secret was refused") == "Bearer *** was refused"
    error = ValueError("headers: {'authorization': 'Bearer hf_secret'}")
    assert "hf_secret" not in explain(error, ID) and not is_transient(error)


# Downloads, in one process for all, as importing the clients takes longest.
DOWNLOADS = """
import contextlib, io, json, os, resource, sys

from dualview.trainer.train import main

results = {}
for name, dataset, model, token, limit in json.loads(sys.argv[1]):
    os.environ["HF_TOKEN"] = token
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        code = main(["--model", model, "--dataset", dataset, "--out", f"{sys.argv[2]}/{name}"])
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    results[name] = [code, errors.getvalue()]
json.dump(results, sys.stdout)
"""


@dataclass(frozen=True)
class Download:
    """Training that cannot begin, and a part of its error."""

    said: str
    dataset: str = ID
    model: str = "org/m"
    token: str = ALICE
    limit: int = 0


FAILING = {
    "gated": Download("dataset bob/gated is gated; ask for access at", dataset="bob/gated"),
    "another type": Download("dataset org/m: is a model, not a dataset", dataset="org/m"),
    "missing": Download("dataset org/none: not found on", dataset="org/none"),
    "private": Download(f"dataset {ID}: not found on", token=BOB),
    "bad token": Download("does not accept the token", token="hf_nobody"),
    "disk full": Download(f"dataset {ID}: no space left", limit=4096),
    "model missing": Download("model org/none: not found on", model="org/none"),
    "model of another type": Download(f"model {ID}: is a dataset, not a model", model=ID),
    "model gated": Download("model bob/gated is gated; ask for access at", model="bob/gated"),
}


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Any]]]:
    folder = tmp_path_factory.mktemp("downloads")
    dataset = write_dataset(folder / "dataset", rows=300)
    with serving(Hub(folder / "hub")) as hub:
        publish = ("-m", "dataset_builder", "publish", dataset, "--repo-id", ID)
        assert run_as(hub, folder / "publisher", *publish).returncode == 0
        hub.store.create("models", "org/m", True, None, "alice")
        for kind in ("datasets", "models"):
            repo = hub.store.create(kind, "bob/gated", False, None, "bob")
            hub.store.set_visibility(repo, False, "manual")
        wanted = [[name, d.dataset, d.model, d.token, d.limit] for name, d in FAILING.items()]
        done = run_as(hub, folder / "reader", "-c", DOWNLOADS, json.dumps(wanted), folder / "run")
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout)


@pytest.mark.parametrize("name", FAILING)
def test_a_download_that_fails(downloads: dict[str, list[Any]], name: str) -> None:
    code, printed = downloads[name]
    errors = [line for line in printed.splitlines() if line.startswith("error: ")]
    assert code == 2 and len(errors) == 1, printed
    assert FAILING[name].said in errors[0]
    assert "Traceback" not in printed and FAILING[name].token not in printed


def test_a_token_that_the_login_wrote_is_in_no_output(hub: Hub, tmp_path: Path, dataset: Path) -> None:
    """With a token from the file that `hf auth login` writes, and with the client's most talkative log."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "token").write_text(ALICE)
    publish = ("-m", "dataset_builder", "publish", dataset, "--repo-id", ID)
    done = run_as(hub, home, *publish, token=None, HF_DEBUG="1", HF_HUB_VERBOSITY="debug")
    assert done.returncode == 0, done.stderr
    assert "Send: curl" in done.stderr, "the client did not log its requests"
    assert ALICE not in done.stdout + done.stderr
