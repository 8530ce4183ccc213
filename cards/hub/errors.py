"""What went wrong with the Hub, in one line that says what to do about it.

The clients' own messages run over many lines, name urls instead of remedies, and differ from call to call.
"""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Iterator

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
NO_TOKEN = "no token for the Hub; run 'hf auth login', or set HF_TOKEN to one from {endpoint}/settings/tokens"


def explain(error: BaseException, repo_id: str, kind: str = "model") -> str:
    """One line on what went wrong and what to do, in which the token never stands.

    :param error: what a client raised: of ``huggingface_hub``, or of a library on top of it.
    :param kind: ``model``, ``dataset`` or ``space``.
    """
    known = explain_known(error, repo_id, kind)
    return known or without_token(f"{kind} {repo_id}: {type(error).__name__}: {one_line(str(error))}")


def explain_known(error: BaseException, repo_id: str, kind: str = "model") -> str | None:
    """The same, or None where the error is not of the Hub, the network or a full disk."""
    for link in chain(error):
        message = _explained(link, repo_id, kind)
        if message:
            return without_token(message)
    return None


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later: a busy Hub, or a connection that was lost."""
    for link in chain(error):
        if isinstance(link, OfflineModeIsEnabled):
            return False
        if isinstance(link, HfHubHTTPError):
            return status_of(link) in _BUSY
        # Where a proxy answers in place of the Hub, a client may try to read its page as JSON.
        if isinstance(link, (httpx2.TransportError, ConnectionError, TimeoutError, json.JSONDecodeError)):
            return True
    return False


def is_conflict(error: BaseException) -> bool:
    """Whether somebody else was faster: another commit, or the same thing being made at the same time."""
    return any(isinstance(link, HfHubHTTPError) and status_of(link) in (409, 412) for link in chain(error))


def status_of(error: HfHubHTTPError) -> int:
    """The HTTP status of the answer, 0 where there was none."""
    return error.response.status_code if error.response is not None else 0


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, the outermost first."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def without_token(text: str) -> str:
    """The text with the token, should it stand in it, blotted out."""
    token = get_token()
    return text.replace(token, "***") if token else text


def _explained(error: BaseException, repo_id: str, kind: str) -> str | None:
    hub = constants.ENDPOINT
    if isinstance(error, OfflineModeIsEnabled):
        return "the Hub is switched off by HF_HUB_OFFLINE; unset it and try again"
    if isinstance(error, LocalTokenNotFoundError):
        return NO_TOKEN.format(endpoint=hub)
    if isinstance(error, HFValidationError):
        return (
            f"{one_line(repo_id)!r} is no id of a repository; write NAMESPACE/NAME, such as org/dualview-ifir"
        )
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
        return (
            f"{kind} {repo_id}: there is none on {hub} that your token may see; check the id, or log in with "
            "'hf auth login'"
        )
    if isinstance(error, ValueError) and "Invalid metadata in README.md" in str(error):
        # Raised before the upload, from the answer in which the Hub says what it does not take.
        return f"{kind} {repo_id}: {one_line(str(error))}; mend it and try again"
    if isinstance(error, HfHubHTTPError):
        return _explained_status(error, repo_id, kind)
    # Uploads through Xet report a lost connection by Python's own classes.
    if isinstance(error, (httpx2.TransportError, ConnectionError, TimeoutError)):
        return f"{hub} cannot be reached ({one_line(str(error))}); check the network and try again"
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return f"{kind} {repo_id}: no room left ({error.strerror}); make some, or set HF_HOME to another disk"
    return None


def _explained_status(error: HfHubHTTPError, repo_id: str, kind: str) -> str:
    status = status_of(error)
    said = one_line(error.server_message or "")
    if status == 401:
        return (
            f"the Hub does not accept the token ({said}); log in again with 'hf auth login', or set HF_TOKEN"
        )
    if status == 403:
        return f"{kind} {repo_id}: your token may not do this ({said}); take one with write access to it"
    if status in (409, 412):
        return f"{kind} {repo_id}: somebody else keeps changing it ({said}); try again when they are done"
    if status == 429:
        return f"{kind} {repo_id}: the Hub asks to slow down ({said or 'rate limit'}); try again later"
    if status in _BUSY:
        return f"{kind} {repo_id}: the Hub answers {status} ({said or 'no reason given'}); try again later"
    return f"{kind} {repo_id}: the Hub answers {status} ({said or 'no reason given'})"


def _other_kind(repo_id: str, kind: str) -> str | None:
    """Another kind of repository with this id, as far as the Hub says."""
    with contextlib.suppress(Exception):
        api = HfApi()
        return next((k for k in KINDS if k != kind and api.repo_exists(repo_id, repo_type=k)), None)
    return None


def web_page(repo_id: str, kind: str) -> str:
    """Where a person sees the repository."""
    return f"{constants.ENDPOINT}/{constants.REPO_TYPES_URL_PREFIXES.get(kind, '')}{repo_id}"
