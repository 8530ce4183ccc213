"""The loopback Hub itself, asked by the real client and, where that hides something, by plain HTTP."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfApi,
    HfFileSystem,
    hf_hub_download,
)
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.hub.clients import ALICE, ALICE_READ, BOB, ROOT, contents, run_as
from tests.hub.faults import Fault, parse_faults
from tests.hub.server import serving
from tests.hub.state import Hub

ID = "org/thing"


def add(path: str, content: bytes) -> CommitOperationAdd:
    return CommitOperationAdd(path, content)


@pytest.fixture
def head(api: HfApi) -> str:
    """A repository with small and large files; the hash of its newest commit."""
    api.create_repo(ID, private=True)
    files = {"README.md": b"---\nlicense: mit\n---\n", "a/b/one.txt": b"one", "a/two.bin": b"2" * 5000}
    return api.create_commit(ID, [add(p, c) for p, c in files.items()], commit_message="Files").oid


def ask(hub: Hub, method: str, path: str, token: str | None = ALICE, **more: object) -> httpx2.Response:
    headers = {**({"authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}  # type: ignore[dict-item]
    return httpx2.request(method, hub.url + path, headers=headers, **more)  # type: ignore[arg-type]


def status(error: pytest.ExceptionInfo[HfHubHTTPError]) -> int:
    return error.value.response.status_code


def test_who_am_i(api: HfApi) -> None:
    who = api.whoami()
    assert (who["name"], [org["name"] for org in who["orgs"]]) == ("alice", ["org"])
    with pytest.raises(HfHubHTTPError) as error:
        api.whoami(token="hf_nobody")
    assert status(error) == 401


def test_create_list_move_and_delete(api: HfApi) -> None:
    url = api.create_repo(ID, private=True)
    assert str(api.create_repo(ID, exist_ok=True)) == str(url)
    with pytest.raises(HfHubHTTPError) as error:
        api.create_repo(ID)
    assert status(error) == 409
    assert [model.id for model in api.list_models(author="org")] == [ID]
    assert list(api.list_models(author="org", token=BOB)) == []
    api.move_repo(ID, "alice/moved")
    assert not api.repo_exists(ID) and api.repo_exists("alice/moved")
    api.update_repo_settings("alice/moved", private=False)
    assert api.repo_exists("alice/moved", token=False)
    api.delete_repo("alice/moved")
    assert not api.repo_exists("alice/moved")


@pytest.mark.parametrize(("token", "code"), [(ALICE_READ, 403), (BOB, 403), (False, 401)])
def test_who_may_create(api: HfApi, token: str | bool, code: int) -> None:
    with pytest.raises(HfHubHTTPError) as error:
        api.create_repo(ID, token=token)
    assert status(error) == code


def test_what_is_private_seems_not_to_be_there(api: HfApi, head: str) -> None:
    for token in (BOB, False):
        with pytest.raises(RepositoryNotFoundError):
            api.model_info(ID, token=token)
    assert api.model_info(ID, token=ALICE_READ).sha == head
    api.auth_check(ID, write=True)
    with pytest.raises(HfHubHTTPError) as error:
        api.auth_check(ID, write=True, token=ALICE_READ)
    assert status(error) == 403


def test_what_is_gated_is_seen_and_not_given(api: HfApi, head: str, connected: Hub, tmp_path: Path) -> None:
    api.update_repo_settings(ID, private=False, gated="manual")
    assert api.model_info(ID, token=BOB).gated == "manual"
    for token, code in ((BOB, 403), (False, 401)):
        with pytest.raises(GatedRepoError) as error:
            api.auth_check(ID, token=token)
        assert status(error) == code
        assert ask(connected, "GET", f"/{ID}/resolve/main/README.md", token or None).status_code == code
    connected.granted.add((ID, "bob"))
    hf_hub_download(ID, "README.md", token=BOB, cache_dir=tmp_path)


def test_trees_by_pages(api: HfApi, head: str, connected: Hub) -> None:
    connected.page = 2
    recursive = [item.path for item in api.list_repo_tree(ID, recursive=True, expand=True)]
    assert recursive == [".gitattributes", "README.md", "a", "a/b", "a/b/one.txt", "a/two.bin"]
    assert [item.path for item in api.list_repo_tree(ID, "a")] == ["a/b", "a/two.bin"]
    sizes = {item.path: getattr(item, "size", None) for item in api.list_repo_tree(ID, recursive=True)}
    assert sizes["a/two.bin"] == 5000 and sizes["a/b"] is None
    with pytest.raises(RemoteEntryNotFoundError):
        list(api.list_repo_tree(ID, "absent"))
    assert [info.path for info in api.get_paths_info(ID, ["a", "absent", "README.md"])] == ["a", "README.md"]


def test_history_by_pages(api: HfApi, head: str, connected: Hub) -> None:
    connected.page = 1
    assert [commit.title for commit in api.list_repo_commits(ID)] == ["Files", "initial commit"]
    api.super_squash_history(ID)
    assert len(api.list_repo_commits(ID)) == 1


def test_branches_and_tags(api: HfApi, head: str) -> None:
    first = api.list_repo_commits(ID)[-1].commit_id
    api.create_branch(ID, branch="old", revision=first)
    api.create_tag(ID, tag="v1", revision=head[:8])
    refs = api.list_repo_refs(ID)
    assert {ref.name: ref.target_commit for ref in refs.branches} == {"main": head, "old": first}
    assert {ref.name: ref.target_commit for ref in refs.tags} == {"v1": head}
    for again in (lambda: api.create_branch(ID, branch="old"), lambda: api.create_tag(ID, tag="v1")):
        with pytest.raises(HfHubHTTPError) as error:
            again()
        assert status(error) == 409
    with pytest.raises(HfHubHTTPError) as error:
        api.create_branch(ID, branch="refs/pr/7")
    assert status(error) == 400
    with pytest.raises(RevisionNotFoundError):
        api.create_commit(ID, [add("x", b"x")], commit_message="x", revision="absent")
    assert api.create_commit(ID, [add("x", b"x")], commit_message="x", revision="old").oid != head
    assert api.model_info(ID).sha == head
    api.delete_branch(ID, branch="old")
    api.delete_tag(ID, tag="v1")
    assert len(api.list_repo_refs(ID).branches) == 1 and api.list_repo_refs(ID).tags == []
    with pytest.raises(HfHubHTTPError):
        api.delete_branch(ID, branch="main")


def test_pull_requests(api: HfApi, head: str, connected: Hub) -> None:
    api.update_repo_settings(ID, private=False)
    made = api.create_commit(ID, [add("x", b"x")], commit_message="Idea", create_pr=True, token=BOB)
    assert made.pr_num == 1 and made.pr_revision == "refs/pr/1"
    assert "x" not in contents(connected, "models", ID)
    assert api.model_info(ID, revision="refs/pr/1").sha == made.oid
    refs = api.list_repo_refs(ID, include_pull_requests=True)
    assert [ref.ref for ref in refs.pull_requests or []] == ["refs/pr/1"]
    api.merge_pull_request(ID, 1)
    assert contents(connected, "models", ID)["x"] == b"x"
    api.create_commit(ID, [add("y", b"y")], commit_message="Late", create_pr=True)
    api.create_commit(ID, [add("z", b"z")], commit_message="First")
    with pytest.raises(HfHubHTTPError) as error:
        api.merge_pull_request(ID, 2)
    assert status(error) == 409


def test_commits_are_whole_or_nothing(api: HfApi, head: str, connected: Hub) -> None:
    before = contents(connected, "models", ID)
    with pytest.raises(HfHubHTTPError) as error:
        api.create_commit(ID, [add("x", b"x"), CommitOperationDelete("absent")], commit_message="x")
    assert status(error) == 404 and contents(connected, "models", ID) == before
    api.create_commit(ID, [add("x", b"x")], commit_message="x", parent_commit=head)
    with pytest.raises(HfHubHTTPError) as error:
        api.create_commit(ID, [add("y", b"y")], commit_message="y", parent_commit=head)
    assert status(error) == 412 and "y" not in contents(connected, "models", ID)


def test_all_operations(api: HfApi, head: str, connected: Hub) -> None:
    copy = CommitOperationCopy
    operations = [
        copy("a/two.bin", "large.bin"),
        copy("a/b/one.txt", "small.txt"),
        CommitOperationDelete("a/b/"),
    ]
    ignored = [add(".gitignore", b"*.log\n"), add("x.log", b"x"), add("empty.bin", b"")]
    api.create_commit(ID, [*operations, *ignored], commit_message="All")
    there = contents(connected, "models", ID)
    assert there["large.bin"] == b"2" * 5000 and there["small.txt"] == b"one" and there["empty.bin"] == b""
    assert there.keys().isdisjoint({"a/b/one.txt", "x.log"}) and "a/two.bin" in there


def test_downloads_and_ranges(api: HfApi, head: str, connected: Hub) -> None:
    large = f"/{ID}/resolve/main/a%2Ftwo.bin"
    answer = ask(connected, "HEAD", f"/{ID}/resolve/main/a/two.bin")
    assert answer.headers["x-repo-commit"] == head and answer.headers["content-length"] == "5000"
    assert answer.headers["etag"] == answer.headers["x-linked-etag"] and len(answer.headers["etag"]) == 66
    for wanted, code, size in (("bytes=10-19", 206, 10), ("bytes=4990-", 206, 10), ("bytes=-7", 206, 7)):
        answer = ask(connected, "GET", large, headers={"range": wanted})
        assert (answer.status_code, len(answer.content)) == (code, size), wanted
    answer = ask(connected, "GET", large, headers={"range": "bytes=5000-"})
    assert answer.status_code == 416 and answer.headers["content-range"] == "bytes */5000"
    answer = ask(connected, "HEAD", f"/{ID}/resolve/main/absent")
    assert answer.headers["x-error-code"] == "EntryNotFound" and answer.headers["x-repo-commit"] == head
    answer = ask(connected, "GET", f"/{ID}/resolve/nothere/README.md")
    assert answer.headers["x-error-code"] == "RevisionNotFound"
    with HfFileSystem(endpoint=connected.url, token=ALICE).open(f"{ID}/a/two.bin", "rb") as file:
        file.seek(4995)
        assert file.read() == b"22222"


def test_large_files_arrive_as_they_were_announced(api: HfApi, head: str, connected: Hub) -> None:
    oid = "0" * 64
    body = {"operation": "upload", "transfers": ["basic"], "objects": [{"oid": oid, "size": 3}]}
    batch = ask(connected, "POST", f"/{ID}.git/info/lfs/objects/batch", json=body).json()
    upload = batch["objects"][0]["actions"]["upload"]["href"].removeprefix(connected.url)
    assert ask(connected, "PUT", upload, content=b"abc").status_code == 400, "a token was taken"
    assert ask(connected, "PUT", upload, None, content=b"abc").status_code == 400, "another content was taken"
    assert ask(connected, "PUT", "/lfs/guessed", None, content=b"abc").status_code == 403
    verify = ask(connected, "POST", f"/{ID}.git/info/lfs/verify", json={"oid": oid, "size": 3})
    assert verify.status_code == 404
    header = {"key": "header", "value": {"summary": "x"}}
    file = {"key": "lfsFile", "value": {"path": "x.bin", "algo": "sha256", "oid": oid, "size": 3}}
    commit = "\n".join(map(json.dumps, (header, file)))
    assert ask(connected, "POST", f"/api/models/{ID}/commit/main", content=commit).status_code == 400


@pytest.mark.parametrize(
    ("kind", "card", "wrong"),
    [
        ("model", "license: mit", None),
        ("model", "license: my-own", "license"),
        ("model", "tags: one", "tags"),
        ("model", "- a list", "no mapping"),
        ("model", "a: [", "no YAML"),
        ("model", "datasets:\n- ./a folder", "no id"),
        ("model", "model-index:\n- name: x\n  results:\n  - metrics: []", "task"),
        ("dataset", "configs:\n- config_name: a\n- config_name: a", "of its own"),
        ("dataset", "configs:\n- config_name: a\n  data_files:\n  - path: x", "split"),
        ("space", "title: x\nemoji: x\nsdk: gradio", "sdk_version"),
        ("space", "title: x\nemoji: x\nsdk: flask", "sdk"),
    ],
)
def test_metadata_is_checked(connected: Hub, kind: str, card: str, wrong: str | None) -> None:
    body = {"content": f"---\n{card}\n---\n# x\n", "repoType": kind}
    answer = ask(connected, "POST", "/api/validate-yaml", json=body)
    assert answer.status_code == (400 if wrong else 200)
    assert (wrong or "") in " ".join(error["message"] for error in answer.json()["errors"])
    assert answer.json()["errors"] or not wrong


def test_a_card_without_metadata_is_warned_of(connected: Hub) -> None:
    answer = ask(connected, "POST", "/api/validate-yaml", json={"content": "# x", "repoType": "model"})
    assert answer.status_code == 200 and answer.json()["warnings"]


def test_unknown_pages_are_not_found(connected: Hub) -> None:
    for path in ("/api/agent-harnesses", "/api/telemetry/x", "/api/models/nameless"):
        assert ask(connected, "GET", path).status_code == 404


def test_what_was_uploaded_outlives_the_server(api: HfApi, head: str, connected: Hub) -> None:
    with serving(Hub(connected.folder)) as again:
        assert contents(again, "models", ID)["a/b/one.txt"] == b"one"


def test_faults_are_switched_on_by_a_line() -> None:
    assert [(fault.kind, fault.chance) for fault in parse_faults("status=0.1,race")] == [
        ("status", 0.1),
        ("race", 1.0),
    ]
    with pytest.raises(ValueError, match="a fault is one of"):
        Fault("flood")


def test_it_starts_by_hand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.hub", "--port", "0", "--faults", "slow=0.01"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    exported = process.stdout.readline()
    found = re.search(r"HF_ENDPOINT=(http://127\.0\.0\.1:(\d+)) HF_TOKEN=(\S+)", exported)
    assert found is not None
    headers = {"authorization": f"Bearer {found[3]}"}
    assert httpx2.get(f"{found[1]}/api/whoami-v2", headers=headers).json()["name"] == "alice"
    taken = subprocess.run(
        [*command[:4], found[2]], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert taken.returncode == 2 and "is taken" in taken.stderr and taken.stderr.count("\n") == 1
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0


def test_the_hf_command_line(hub: Hub, tmp_path: Path) -> None:
    def hf(*arguments: str | Path, token: str = ALICE) -> str:
        done = run_as(hub, tmp_path / "home", Path(sys.executable).parent / "hf", *arguments, token=token)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "data.parquet").write_bytes(b"PAR1")
    (tmp_path / "folder" / "notes.txt").write_text("notes")
    assert "alice" in hf("auth", "whoami")
    hf("repos", "create", "org/by-hand", "--repo-type", "dataset", "--private")
    hf("upload", "org/by-hand", tmp_path / "folder", ".", "--repo-type", "dataset")
    hf("download", "org/by-hand", "--repo-type", "dataset", "--local-dir", tmp_path / "back")
    assert (tmp_path / "back" / "data.parquet").read_bytes() == b"PAR1"
    assert (tmp_path / "back" / "notes.txt").read_text() == "notes"
    assert hub.store.repos("datasets")[0].private
