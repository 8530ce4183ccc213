"""One repository on the Hub: look at it, make it, write to it. Each step goes on where the Hub is busy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, TypeVar

import httpx2
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    constants,
    get_session,
    get_token,
    hf_hub_url,
    set_client_factory,
)
from huggingface_hub.errors import HfHubHTTPError, RemoteEntryNotFoundError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, validate_repo_id
from huggingface_hub.utils._http import default_client_factory

from dualview.cards.errors import HubError
from dualview.cards.hub.errors import KINDS, NO_TOKEN, chain, explain, status_of, web_page
from dualview.cards.hub.retries import Patience, Say, persist

# Seconds without a byte. The client's own limit is none: a Hub that hangs would hang the program.
SILENCE = 120.0

Result = TypeVar("Result")


@dataclass(frozen=True)
class RemoteFile:
    """A file as the Hub lists it; ``sha256`` where it is stored as a large one, ``oid`` is git's hash."""

    size: int
    oid: str
    sha256: str | None


@dataclass(frozen=True)
class RepoState:
    """What a branch held at one moment.

    :param head: hash of the newest commit.
    :param files: path -> what is there.
    """

    head: str
    private: bool
    files: dict[str, RemoteFile]


@dataclass
class HubRepo:
    """:param kind: ``model``, ``dataset`` or ``space``."""

    id: str
    kind: str
    say: Say
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        _give_up_in_silence()
        self.api = HfApi()

    @property
    def page(self) -> str:
        """Where a person sees it."""
        return web_page(self.id, self.kind)

    def check_id(self) -> None:
        """See whether the id can be one.

        :raises HubError: if not.
        """
        if "/" not in self.id:
            raise HubError(f"{self.id!r} names no owner; write NAMESPACE/NAME, such as org/{self.id}")
        try:
            validate_repo_id(self.id)
        except ValueError as error:
            raise HubError(explain(error, self.id, self.kind)) from error

    def check_token(self) -> None:
        """See whether there is a token, before anything is done.

        :raises HubError: if not.
        """
        if get_token() is None:
            raise HubError(NO_TOKEN.format(endpoint=constants.ENDPOINT))

    def look(self) -> RepoState | None:
        """What it holds now, or None where there is none that the token may see.

        :raises HubError: if the Hub does not say.
        """
        return self.persist(self._look)

    def other_kind(self) -> str | None:
        """Another kind of repository with the same id, or None."""
        for kind in KINDS:
            if kind != self.kind and self.persist(partial(self.api.repo_exists, self.id, repo_type=kind)):
                return kind
        return None

    def create(self, sdk: str | None = None) -> None:
        """Make it, private, if there is none.

        :param sdk: of a Space.
        :raises HubError: if the token may not, or the name is taken.
        """

        def step() -> None:
            try:
                self.api.create_repo(
                    self.id, repo_type=self.kind, private=True, space_sdk=sdk, exist_ok=False
                )
            except HfHubHTTPError as error:
                if status_of(error) == 409:
                    # Made by a try whose answer was lost, or hidden from this token.
                    if not self.api.repo_exists(self.id, repo_type=self.kind):
                        raise HubError(f"{self.kind} {self.id}: the name is taken; choose another") from error
                else:
                    raise

        self.persist(step)

    def read(self, path: str, revision: str) -> bytes | None:
        """A small file, or None where there is no such file.

        :raises HubError: if it cannot be read.
        """

        def step() -> bytes | None:
            url = hf_hub_url(self.id, path, repo_type=self.kind, revision=revision)
            response = get_session().get(url, headers=build_hf_headers())
            try:
                hf_raise_for_status(response)
            except RemoteEntryNotFoundError:
                return None
            return bytes(response.content)

        return self.persist(step)

    def commit(
        self, operations: Sequence[CommitOperationAdd | CommitOperationDelete], message: str, parent: str
    ) -> str:
        """Write everything in one commit, tried once, and return its hash.

        :param parent: the head that the operations were made for.
        """
        made = self.api.create_commit(
            self.id, operations, commit_message=message, repo_type=self.kind, parent_commit=parent
        )
        return str(made.oid)

    def make_public(self) -> None:
        """Let everybody see it.

        :raises HubError: if the token may not.
        """
        self.persist(lambda: self.api.update_repo_settings(self.id, private=False, repo_type=self.kind))

    def set_tag(self, name: str, commit: str, move: bool = False) -> None:
        """Name a commit.

        :param move: take the name away from the commit that has it.
        :raises HubError: if it names another commit and may not be moved.
        """

        def step() -> None:
            refs = self.api.list_repo_refs(self.id, repo_type=self.kind)
            now = next((tag.target_commit for tag in refs.tags if tag.name == name), None)
            if now == commit:
                return
            if now is not None and not move:
                raise HubError(
                    f"{self.kind} {self.id}: the tag {name!r} names another commit; choose another tag"
                )
            if now is not None:
                self.api.delete_tag(self.id, tag=name, repo_type=self.kind)
            self.api.create_tag(self.id, tag=name, revision=commit, repo_type=self.kind)

        self.persist(step)

    def persist(self, step: Callable[[], Result]) -> Result:
        """Do a step, again and again where that may help.

        :raises HubError: if it cannot be done.
        """
        try:
            return persist(self.patience, step, self.id, self.kind, self.say)
        except HubError as error:
            refused = any(
                isinstance(link, HfHubHTTPError) and status_of(link) in (403, 404) for link in chain(error)
            )
            reason = self._reason_of_refusal() if refused else None
            if reason:
                raise HubError(reason) from error
            raise

    def _reason_of_refusal(self) -> str | None:
        """Why the token may not write here, as far as the Hub says: it only reads, or is somebody else's."""
        with contextlib.suppress(Exception):
            who: dict[str, Any] = self.api.whoami()
            names = [who["name"], *(org["name"] for org in who.get("orgs", []))]
            owner = self.id.split("/")[0]
            if owner not in names:
                mine = " and ".join(names)
                return f"{self.kind} {self.id}: you are {who['name']} and may write to {mine}, not to {owner}"
            token = who.get("auth", {}).get("accessToken", {})
            if token.get("role") == "read":
                return (
                    f"{self.kind} {self.id}: the token {token.get('displayName', '')!r} may only read; make "
                    f"one with write access at {constants.ENDPOINT}/settings/tokens"
                )
        return None

    def _look(self) -> RepoState | None:
        try:
            info = self.api.repo_info(self.id, repo_type=self.kind)
        except RepositoryNotFoundError:
            return None
        tree = self.api.list_repo_tree(self.id, repo_type=self.kind, revision=info.sha, recursive=True)
        files = {
            item.path: RemoteFile(item.size, item.blob_id, item.lfs.sha256 if item.lfs else None)
            for item in tree
            if isinstance(item, RepoFile)
        }
        return RepoState(str(info.sha), bool(info.private), files)


@cache
def _give_up_in_silence() -> None:
    """Set a limit for all of the client's calls; once, as that ends those that are under way."""

    def made() -> httpx2.Client:
        client = default_client_factory()
        client.timeout = httpx2.Timeout(SILENCE)
        return client

    set_client_factory(made)
