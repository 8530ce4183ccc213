"""Commits, branches and pull requests of the loopback Hub, asked by the real client."""

from __future__ import annotations

import pytest
from huggingface_hub import CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, RemoteEntryNotFoundError, RevisionNotFoundError

from tests.hub.asking import ID, add, status
from tests.hub.clients import BOB, contents
from tests.hub.loopback.state import Hub


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
