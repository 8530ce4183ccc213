"""Explains errors of the Hub in one line with a remedy.

The clients' own messages have many lines, name addresses instead of remedies, and differ from call to call.
"""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Iterator
from typing import Any

import httpx2
from huggingface_hub import HfApi, constants, get_token
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from dualview.cards.text import one_line

KINDS = ("model", "dataset", "space")
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_TOKEN = "no token for the Hub; run 'hf auth login', or set HF_TOKEN to one from {endpoint}/settings/tokens"  # noqa: S105 - a message


def explain(error: BaseException, repo_id: str, kind: str = "model") -> str:
    """Return one line about the error and its remedy, without the token.

    :param error: raised by ``huggingface_hub`` or by a library that uses it.
    :param kind: ``model``, ``dataset`` or ``space``.
    """
    known = explain_known(error, repo_id, kind)
    return known or without_token(f"{kind} {repo_id}: {type(error).__name__}: {one_line(str(error))}")


def explain_known(error: BaseException, repo_id: str, kind: str = "model") -> str | None:
    """Return the same, or None if the error is not of the Hub, the network or a full disk."""
    for link in chain(error):
        message = _explained(link, repo_id, kind)
        if message:
            return without_token(message)
    return None


def is_transient(error: BaseException) -> bool:
    """Tell whether the same call may succeed later: the Hub was busy, or the connection was lost."""
    for link in chain(error):
        if isinstance(link, OfflineModeIsEnabled):
            return False
        if isinstance(link, HfHubHTTPError):
            return status_of(link) in _BUSY
        # If a proxy answers instead of the Hub, a client may try to read its page as JSON.
        if isinstance(link, (httpx2.TransportError, ConnectionError, TimeoutError, json.JSONDecodeError)):
            return True
    return False


def is_conflict(error: BaseException) -> bool:
    """Tell whether another client was faster with a commit or with creating the same repository."""
    return any(isinstance(link, HfHubHTTPError) and status_of(link) in (409, 412) for link in chain(error))


def status_of(error: HfHubHTTPError) -> int:
    """Return the HTTP status of the answer, or 0 without an answer."""
    return error.response.status_code if error.response is not None else 0


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and the errors that it was raised from, the outermost first."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def without_token(text: str) -> str:
    """Return the text with the token replaced by ``***``."""
    token = get_token()
    return text.replace(token, "***") if token else text


def _explained(error: BaseException, repo_id: str, kind: str) -> str | None:
    hub = constants.ENDPOINT
    if isinstance(error, OfflineModeIsEnabled):
        return "the Hub is switched off by HF_HUB_OFFLINE; unset it and try again"
    if isinstance(error, LocalTokenNotFoundError):
        return NO_TOKEN.format(endpoint=hub)
    if isinstance(error, HFValidationError):
        return f"{one_line(repo_id)!r} is not an id of a repository; write NAMESPACE/NAME, such as org/name"
    # `datasets` drops the Hub's answer from its error, and importing it takes seconds.
    dataset_not_found = str(error) if type(error).__name__ == "DatasetNotFoundError" else ""
    if isinstance(error, GatedRepoError) or "is a gated dataset" in dataset_not_found:
        return f"{kind} {repo_id} is gated; ask for access at {web_page(repo_id, kind)} and try again"
    if isinstance(error, RevisionNotFoundError) or dataset_not_found.startswith("Revision "):
        return f"{kind} {repo_id}: it has no such branch, tag or commit; see {web_page(repo_id, kind)}"
    if isinstance(error, RepositoryNotFoundError) or dataset_not_found:
        other = _other_kind(repo_id, kind)
        if other:
            return f"{kind} {repo_id}: is a {other}, not a {kind}; check the id"
        return f"{kind} {repo_id}: not found on {hub} with your token; check the id, or run 'hf auth login'"
    if isinstance(error, ValueError) and "Invalid metadata in README.md" in str(error):
        # Raised before the upload, from the Hub's answer about the metadata.
        return f"{kind} {repo_id}: {one_line(str(error))}; correct it and try again"
    if isinstance(error, HfHubHTTPError):
        return _explained_status(error, repo_id, kind)
    # Uploads through Xet report a lost connection by Python's own classes.
    if isinstance(error, (httpx2.TransportError, ConnectionError, TimeoutError)):
        return f"{hub} cannot be reached ({one_line(str(error))}); check the network and try again"
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return (
            f"{kind} {repo_id}: no space left ({error.strerror}); free some, or set HF_HOME to another disk"
        )
    return None


def _explained_status(error: HfHubHTTPError, repo_id: str, kind: str) -> str:
    status = status_of(error)
    reason = one_line(error.server_message or "")
    if status == 401:
        return f"the Hub does not accept the token ({reason}); run 'hf auth login' again, or set HF_TOKEN"
    if status == 403:
        return f"{kind} {repo_id}: your token may not do this ({reason}); use one with write access"
    if status in (409, 412):
        return f"{kind} {repo_id}: others keep changing it ({reason}); try again later"
    if status == 429:
        return f"{kind} {repo_id}: the Hub asks to slow down ({reason or 'rate limit'}); try again later"
    if status in _BUSY:
        return f"{kind} {repo_id}: the Hub answers {status} ({reason or 'no reason given'}); try again later"
    return f"{kind} {repo_id}: the Hub answers {status} ({reason or 'no reason given'})"


def _other_kind(repo_id: str, kind: str) -> str | None:
    """Return another kind of repository with this id, or None if the Hub knows none."""
    with contextlib.suppress(Exception):
        api = HfApi()
        return next((k for k in KINDS if k != kind and api.repo_exists(repo_id, repo_type=k)), None)
    return None


def reason_of_refusal(api: HfApi, repo_id: str, kind: str) -> str | None:
    """Return why the token may not write to a repository, in one line, or None if the Hub does not say."""
    with contextlib.suppress(Exception):
        who: dict[str, Any] = api.whoami()
        names = [who["name"], *(org["name"] for org in who.get("orgs", []))]
        owner = repo_id.split("/")[0]
        if owner not in names:
            mine = " and ".join(names)
            return f"{kind} {repo_id}: you are {who['name']} and may write to {mine}, not to {owner}"
        token = who.get("auth", {}).get("accessToken", {})
        if token.get("role") == "read":
            return (
                f"{kind} {repo_id}: the token {token.get('displayName', '')!r} may only read; create one "
                f"with write access at {constants.ENDPOINT}/settings/tokens"
            )
    return None


def web_page(repo_id: str, kind: str) -> str:
    """Return the address of the repository's page."""
    return f"{constants.ENDPOINT}/{constants.REPO_TYPES_URL_PREFIXES.get(kind, '')}{repo_id}"
