"""Reads, creates and writes one repository on the Hub; each step is retried while the Hub is busy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypeVar

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
from dualview.cards.hub.errors import KINDS, NO_TOKEN, chain, explain, reason_of_refusal, status_of, web_page
from dualview.cards.hub.retries import Patience, Say, persist

# Seconds without a byte. The client has no limit of its own, so a Hub that hangs would hang the program.
SILENCE = 120.0

Result = TypeVar("Result")


@dataclass(frozen=True)
class RemoteFile:
    """A file as the Hub lists it: ``oid`` is git's hash, ``sha256`` that of a large file."""

    size: int
    oid: str
    sha256: str | None


@dataclass(frozen=True)
class RepoState:
    """State of a branch at one moment.

    :param head: hash of the newest commit.
    :param files: path -> file.
    """

    head: str
    private: bool
    files: dict[str, RemoteFile]


@dataclass
class HubRepo:
    """A repository and the limits of retries.

    :param kind: ``model``, ``dataset`` or ``space``.
    :param say: shows a line to the user.
    """

    id: str
    kind: str
    say: Say
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        _give_up_in_silence()
        self.api = HfApi()

    @property
    def page(self) -> str:
        """Address of its page."""
        return web_page(self.id, self.kind)

    def check_id(self) -> None:
        """Check the form of the id.

        :raises HubError: if it is not NAMESPACE/NAME.
        """
        if "/" not in self.id:
            raise HubError(f"{self.id!r} has no owner; write NAMESPACE/NAME, such as org/{self.id}")
        try:
            validate_repo_id(self.id)
        except ValueError as error:
            raise HubError(explain(error, self.id, self.kind)) from error

    def check_token(self) -> None:
        """Check that there is a token.

        :raises HubError: if there is none.
        """
        if get_token() is None:
            raise HubError(NO_TOKEN.format(endpoint=constants.ENDPOINT))

    def look(self) -> RepoState | None:
        """Return its present state, or None if the token sees no such repository.

        :raises HubError: if the Hub does not answer.
        """
        return self.persist(self._look)

    def other_kind(self) -> str | None:
        """Return another kind of repository with the same id, or None."""
        for kind in KINDS:
            if kind != self.kind and self.persist(partial(self.api.repo_exists, self.id, repo_type=kind)):
                return kind
        return None

    def create(self, sdk: str | None = None) -> None:
        """Create it as private, if there is none.

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
                    # Created by a try whose answer was lost, or not visible to this token.
                    if not self.api.repo_exists(self.id, repo_type=self.kind):
                        raise HubError(f"{self.kind} {self.id}: the name is taken; choose another") from error
                else:
                    raise

        self.persist(step)

    def read(self, path: str, revision: str) -> bytes | None:
        """Return the content of a small file, or None if there is no such file.

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
        """Write all operations in one commit, without retries, and return its hash.

        :param parent: the head that the operations were made for.
        """
        made = self.api.create_commit(
            self.id, operations, commit_message=message, repo_type=self.kind, parent_commit=parent
        )
        return str(made.oid)

    def make_public(self) -> None:
        """Make it public.

        :raises HubError: if the token does not permit it.
        """
        self.persist(lambda: self.api.update_repo_settings(self.id, private=False, repo_type=self.kind))

    def set_tag(self, name: str, commit: str, move: bool = False) -> None:
        """Set a tag on a commit.

        :param move: move the tag if it is on another commit.
        :raises HubError: if it is on another commit and may not be moved.
        """

        def step() -> None:
            refs = self.api.list_repo_refs(self.id, repo_type=self.kind)
            now = next((tag.target_commit for tag in refs.tags if tag.name == name), None)
            if now == commit:
                return
            if now is not None and not move:
                raise HubError(
                    f"{self.kind} {self.id}: the tag {name!r} is on another commit; choose another tag"
                )
            if now is not None:
                self.api.delete_tag(self.id, tag=name, repo_type=self.kind)
            self.api.create_tag(self.id, tag=name, revision=commit, repo_type=self.kind)

        self.persist(step)

    def persist(self, step: Callable[[], Result]) -> Result:
        """Run a step with retries, see :func:`dualview.cards.hub.retries.persist`.

        :raises HubError: if it fails for good.
        """
        try:
            return persist(self.patience, step, self.id, self.kind, self.say)
        except HubError as error:
            refused = any(
                isinstance(link, HfHubHTTPError) and status_of(link) in (403, 404) for link in chain(error)
            )
            reason = reason_of_refusal(self.api, self.id, self.kind) if refused else None
            if reason:
                raise HubError(reason) from error
            raise

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
    """Set a time limit for all calls of the client; only once, because this ends calls in progress."""

    def made() -> httpx2.Client:
        client = default_client_factory()
        client.timeout = httpx2.Timeout(SILENCE)
        return client

    set_client_factory(made)
