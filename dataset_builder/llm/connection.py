"""Finds a server or a provider with its key, and opens a client on it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants, get_token, set_async_client_factory

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.wire.chat import ChatClient
from dualview.dataset_builder.llm.wire.proxies import find_proxy
from dualview.dataset_builder.llm.wire.redaction import redact
from dualview.dataset_builder.llm.wire.transport import AiohttpClient

KEY_VARIABLE = "DUALVIEW_API_KEY"
_HUB_DOMAINS = ("huggingface.co", "huggingface.cloud", "hf.co")
# `AsyncInferenceClient` sends the user's Hugging Face token wherever no key is given.
_NO_KEY = "unused"


@dataclass(frozen=True)
class Role:
    """The part that a model plays in a build, for messages.

    :param name: as a line about it begins.
    :param flags: beginning of the flags that name its server and model.
    """

    name: str
    flags: str


WRITER = Role("Writer endpoint", "--")
JUDGE = Role("Judge", "--judge-")


@dataclass(frozen=True)
class Server:
    """A server behind a URL, or an inference provider.

    :param base_url: of a server that speaks OpenAI's protocol; None for a provider.
    :param provider: a name that ``huggingface_hub`` knows, or ``auto``.
    :param timeout: seconds to wait for a reply.
    :param key: the API key. It is in no ``repr``, no message and no file.
    :param role: the part that its model plays.
    """

    base_url: str | None
    provider: str | None
    timeout: float
    key: str = field(default=_NO_KEY, repr=False)
    role: Role = WRITER
    proxy_password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The server as messages name it."""
        return self.base_url or f"the provider {self.provider}"

    def redact(self, text: str) -> str:
        """Remove the API key and the proxy's password, in every spelling, from a server's words."""
        return redact(redact(text, self.key), self.proxy_password)


def find_server(base_url: str | None, provider: str | None, timeout: float, role: Role = WRITER) -> Server:
    """Find a server, with the key that the environment has for it.

    ``DUALVIEW_API_KEY`` goes first. The Hugging Face token goes to providers and to Hugging Face's own hosts
    only, never to a server somewhere else.

    :raises InputError: if neither or both are given, the URL is not one or holds a password, the key has
        characters that no key has, or a provider cannot be asked.
    """
    if (base_url is None) == (provider is None):
        raise InputError(
            f"the {role.name.lower()} needs a server: give {role.flags}base-url, or {role.flags}provider and "
            f"{role.flags}model"
        )
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise InputError(
            f"{KEY_VARIABLE} holds a line break, a space or a letter that no API key has; set it anew"
        )
    if base_url is not None:
        host = _host(base_url, role)
        proxy = find_proxy(base_url)
        if not key and any(host == domain or host.endswith(f".{domain}") for domain in _HUB_DOMAINS):
            key = get_token() or ""
        return Server(base_url, None, timeout, key or _NO_KEY, role, proxy.password if proxy else "")
    if constants.is_offline_mode():
        raise InputError("Hugging Face's offline mode is on: unset HF_HUB_OFFLINE to ask a provider")
    if not key:
        key = get_token() or ""
        if not key:
            raise InputError(
                f"no token for the provider {provider}: set HF_TOKEN or run `hf auth login`, or set "
                f"{KEY_VARIABLE} to the provider's own key"
            )
    return Server(None, provider, timeout, key, role)


def open_client(server: Server, is_timed: bool = True) -> ChatClient:
    """Open a client whose connections close with it.

    :param is_timed: a request ends after the server's time-out.
    """
    # The library's own connections look up Hugging Face's offline mode, which would keep us from a server
    # next door as well; `find_server` does so for providers.
    set_async_client_factory(open_connections)
    timeout = server.timeout if is_timed else None
    if server.base_url is not None:
        return ChatClient(base_url=server.base_url, api_key=server.key, timeout=timeout)
    return ChatClient(provider=server.provider, api_key=server.key, timeout=timeout)  # type: ignore[arg-type]


def open_connections() -> httpx2.AsyncClient:
    """Open a pool for any number of requests at once."""
    return AiohttpClient()


async def get_json(server: Server, path: str, timeout: float | None = None) -> object:
    """Ask for a path beside the chat route, such as ``models``, or beside ``/v1``, such as ``../props``.

    :param timeout: in seconds; None for the server's own.
    :raises httpx2.HTTPError: if the server does not answer, or with an error.
    :raises ValueError: if the response is no JSON.
    """
    assert server.base_url is not None
    root = server.base_url.rstrip("/").removesuffix("/chat/completions")
    root = root if root.endswith("/v1") else f"{root}/v1"
    beside = path.removeprefix("../")
    if beside != path:
        root = root.removesuffix("/v1")
    async with open_connections() as client:
        response = await client.get(
            f"{root}/{beside}",
            headers={"authorization": f"Bearer {server.key}"},
            timeout=timeout or server.timeout,
        )
        response.raise_for_status()
        return response.json()


def _host(base_url: str, role: Role) -> str:
    try:
        parts = urlsplit(base_url)
        host = parts.hostname
        # A number that is no port is an error of its own.
        valid = bool(host) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        host, valid = None, False
    # `urlsplit` drops line breaks without a word.
    if not valid or host is None or not base_url.isprintable() or " " in base_url:
        raise InputError(f"{role.flags}base-url is not a URL; write it as http://HOST:PORT/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            f"{role.flags}base-url holds a name, a password or a query; give the key in {KEY_VARIABLE} "
            "instead"
        )
    return host
