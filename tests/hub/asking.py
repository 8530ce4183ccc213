"""Test repository, and plain HTTP requests for what the client hides."""

from __future__ import annotations

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd
from huggingface_hub.errors import HfHubHTTPError

from tests.hub.clients import ALICE
from tests.hub.loopback.state import Hub

ID = "org/thing"


def add(path: str, content: bytes) -> CommitOperationAdd:
    return CommitOperationAdd(path, content)


def ask(hub: Hub, method: str, path: str, token: str | None = ALICE, **more: object) -> httpx2.Response:
    headers = {**({"authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}  # type: ignore[dict-item]
    return httpx2.request(method, hub.url + path, headers=headers, **more)  # type: ignore[arg-type]


def status(error: pytest.ExceptionInfo[HfHubHTTPError]) -> int:
    return error.value.response.status_code
