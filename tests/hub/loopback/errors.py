"""Error answers of the loopback Hub."""

from __future__ import annotations

from starlette.responses import JSONResponse


class RefusalError(Exception):
    """Request that is answered with an error.

    :param code: the value of ``X-Error-Code``, such as ``RepoNotFound``.
    :param extra: further keys of the body.
    :param headers: further headers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        extra: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.extra = extra or {}
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        headers = {"X-Error-Message": self.message, **self.headers}
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.message, **self.extra}, status_code=self.status, headers=headers)


def repo_not_found(anonymous: bool) -> RefusalError:
    """Return the same answer for missing and hidden repositories; without a token it is 401."""
    message = "Invalid username or password." if anonymous else "Repository not found"
    return RefusalError(401 if anonymous else 404, message, "RepoNotFound")


def revision_not_found(revision: str) -> RefusalError:
    return RefusalError(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def entry_not_found(path: str, commit: str | None = None) -> RefusalError:
    headers = {"X-Repo-Commit": commit} if commit else {}
    return RefusalError(404, f"Entry not found: {path}", "EntryNotFound", headers=headers)
