"""Opens ``huggingface_hub.AsyncInferenceClient`` on a server or a provider, and finds the key for it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import AsyncInferenceClient, constants, get_token
from huggingface_hub.utils import set_async_client_factory

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.transport import AiohttpClient

KEY_VARIABLE = "DUALVIEW_API_KEY"
_HUB_DOMAINS = ("huggingface.co", "huggingface.cloud", "hf.co")
# `AsyncInferenceClient` sends the user's Hugging Face token wherever no key is given.
_NO_KEY = "unused"


@dataclass(frozen=True)
class Server:
    """Whom to ask: a server behind a URL, or a model at an inference provider.

    :param base_url: of a server that speaks OpenAI's protocol; None for a provider.
    :param provider: a name that ``huggingface_hub`` knows, or ``auto``.
    :param timeout: seconds to wait for a reply.
    :param key: the API key. It is in no ``repr``, no message and no file.
    """

    base_url: str | None
    provider: str | None
    timeout: float
    key: str = field(default=_NO_KEY, repr=False)

    @property
    def name(self) -> str:
        """The server as messages name it."""
        return self.base_url or f"the provider {self.provider}"

    def without_key(self, text: str) -> str:
        """The text without the key, should a server repeat it."""
        return text.replace(self.key, "[API key]") if len(self.key) > len(_NO_KEY) else text


def find_server(base_url: str | None, provider: str | None, timeout: float) -> Server:
    """The server with the key that the environment has for it.

    ``DUALVIEW_API_KEY`` goes first. The Hugging Face token goes to providers and to Hugging Face's own hosts
    only: a server somewhere else has no business with it.

    :raises InputError: if neither or both are given, the URL is none or holds a password, or a provider
        cannot be asked.
    """
    if (base_url is None) == (provider is None):
        raise InputError("the writer endpoint needs a server: give --base-url, or --provider and --model")
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if base_url is not None:
        host = _host(base_url)
        if not key and any(host == domain or host.endswith(f".{domain}") for domain in _HUB_DOMAINS):
            key = get_token() or ""
        return Server(base_url, None, timeout, key or _NO_KEY)
    if constants.is_offline_mode():
        raise InputError("Hugging Face's offline mode is on: unset HF_HUB_OFFLINE to ask a provider")
    if not key:
        key = get_token() or ""
        if not key:
            raise InputError(
                f"no token for the provider {provider}: set HF_TOKEN or run `hf auth login`, or set "
                f"{KEY_VARIABLE} to the provider's own key"
            )
    return Server(None, provider, timeout, key)


def open_client(server: Server) -> AsyncInferenceClient:
    """A client whose connections close with it."""
    # The library's own connections look up Hugging Face's offline mode, which would keep us from a server
    # next door as well; `find_server` does so for providers.
    set_async_client_factory(open_connections)
    if server.base_url is not None:
        return AsyncInferenceClient(base_url=server.base_url, api_key=server.key, timeout=server.timeout)
    return AsyncInferenceClient(provider=server.provider, api_key=server.key, timeout=server.timeout)  # type: ignore[arg-type]


def open_connections() -> httpx2.AsyncClient:
    """Connections of our own making, for any number of requests at once."""
    return AiohttpClient()


async def get_json(server: Server, path: str) -> object:
    """What the server says under a path beside its chat route, such as ``models``.

    :raises httpx2.HTTPError: if it does not answer, or with an error.
    :raises ValueError: if that is no JSON.
    """
    assert server.base_url is not None
    root = server.base_url.rstrip("/").removesuffix("/chat/completions")
    root = root if root.endswith("/v1") else f"{root}/v1"
    async with open_connections() as client:
        response = await client.get(
            f"{root}/{path}", headers={"authorization": f"Bearer {server.key}"}, timeout=server.timeout
        )
        response.raise_for_status()
        return response.json()


def _host(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        raise InputError("--base-url is not a URL; write it as http://HOST:PORT/v1")
    if parts.username or parts.password or parts.query:
        raise InputError(
            f"--base-url holds a name, a password or a query; give the key in {KEY_VARIABLE} instead"
        )
    return host
