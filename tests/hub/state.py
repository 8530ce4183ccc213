"""What the loopback Hub knows beside its repositories, and who may see and change those."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from tests.hub.accounts import Accounts, Token
from tests.hub.errors import RefusalError, repo_not_found
from tests.hub.faults import Faults
from tests.hub.store import Repo, Store


@dataclass(frozen=True)
class Seen:
    """A request that came in.

    :param received: bytes of its body.
    :param status: what it was answered with; 0 where the connection was dropped.
    """

    method: str
    path: str
    received: int
    status: int
    authorized: bool


@dataclass(frozen=True)
class Grant:
    """Leave to upload a large file without a token, as a pre-signed link gives it."""

    oid: str
    size: int
    chunk: int | None = None


@dataclass
class Hub:
    """All that the handlers work on.

    :param large: bytes from which a file is a large one whatever it is called.
    :param chunk: bytes of a part; larger files arrive in several.
    :param page: items on a page of a listing.
    :param hidden: repositories that even members of their organisation may not see.
    :param granted: repository and user, where a gated repository let somebody in.
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
        """The repository, if the request may know of it.

        :raises RefusalError: if it may not, or there is none; the two are answered alike.
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
        """The repository, if the request may have its files.

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
        """The repository and who writes to it.

        :raises RefusalError: if the request may not write to it.
        """
        repo = self.readable(request, kind, repo_id)
        return repo, self.accounts.check_write(self.token(request), repo.namespace, "write")

    def grant(self, grant: Grant) -> str:
        """A path that carries the leave in itself."""
        secret = secrets.token_hex(8)
        self.grants[secret] = grant
        return f"/lfs/{secret}"
