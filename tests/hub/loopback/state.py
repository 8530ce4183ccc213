"""State of the loopback Hub, and permissions to see and change its repositories."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from tests.hub.loopback.accounts import Accounts, Token
from tests.hub.loopback.errors import RefusalError, repo_not_found
from tests.hub.loopback.faults import Faults
from tests.hub.loopback.store import Repo, Store


@dataclass(frozen=True)
class Seen:
    """Received request.

    :param received: bytes of its body.
    :param status: status of the answer; 0 if the connection was dropped.
    """

    method: str
    path: str
    received: int
    status: int
    authorized: bool


@dataclass(frozen=True)
class Grant:
    """Permission of a pre-signed link to upload a large file without a token."""

    oid: str
    size: int
    chunk: int | None = None


@dataclass
class Hub:
    """State that all handlers share.

    :param large: size in bytes from which every file is a large one.
    :param chunk: size in bytes of a part; larger files arrive in several parts.
    :param page: number of items on a page of a listing.
    :param hidden: repositories that even members of their organisation may not see.
    :param granted: repository and user, for each access to a gated repository.
    """

    folder: Path
    accounts: Accounts = field(default_factory=Accounts)
    faults: Faults = field(default_factory=Faults)
    large: int = 10 * 1024 * 1024
    chunk: int = 5 * 1024 * 1024
    page: int = 1000
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    granted: set[tuple[str, str]] = field(default_factory=set)
    grants: dict[str, Grant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(self.folder)

    def token(self, request: Request) -> Token | None:
        return self.accounts.of_header(request.headers.get("authorization"))

    def readable(self, request: Request, kind: str, repo_id: str) -> Repo:
        """Return the repository, if the request may know of it.

        :raises RefusalError: if it may not, or there is none; the two have the same answer.
        """
        token = self.token(request)
        repo = self.store.repo(kind, repo_id)
        if (
            repo is None
            or repo.id in self.hidden
            or (repo.private and not self.accounts.owns(token, repo.namespace))
        ):
            raise repo_not_found(anonymous=token is None)
        return repo

    def downloadable(self, request: Request, kind: str, repo_id: str) -> Repo:
        """Return the repository, if the request may read its files.

        :raises RefusalError: if it may not.
        """
        repo = self.readable(request, kind, repo_id)
        token = self.token(request)
        known = token is not None and (repo.id, token.user) in self.granted
        if repo.gated and not (known or self.accounts.owns(token, repo.namespace)):
            message = f"Access to {kind[:-1]} {repo.id} is restricted. You must have access to it."
            raise RefusalError(401 if token is None else 403, message, "GatedRepo")
        return repo

    def writable(self, request: Request, kind: str, repo_id: str) -> tuple[Repo, Token]:
        """Return the repository and its writer.

        :raises RefusalError: if the request may not write to it.
        """
        repo = self.readable(request, kind, repo_id)
        return repo, self.accounts.check_write(self.token(request), repo.namespace, "write")

    def grant(self, grant: Grant) -> str:
        """Return a path that contains the permission."""
        secret = secrets.token_hex(8)
        self.grants[secret] = grant
        return f"/lfs/{secret}"
