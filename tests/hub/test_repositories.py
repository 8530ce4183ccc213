"""Repositories of the loopback Hub, asked by the real client: who may see and change them."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from tests.hub.asking import ID, ask, status
from tests.hub.clients import ALICE_READ, BOB
from tests.hub.loopback.state import Hub


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
