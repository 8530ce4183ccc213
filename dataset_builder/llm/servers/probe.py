"""Finds the dialect in which a server takes a schema, and the name of its model.

Names prove little: servers pretend to be others, proxies hide them, and a server may accept a schema without
obeying it. So each dialect is tried with a schema that leaves one possible reply, which no model gives by
chance.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from dualview.cards.errors import InputError
from dualview.cards.terminal import printable, write_line
from dualview.dataset_builder.llm.connection import Server, get_json, open_client
from dualview.dataset_builder.llm.dialects import DIALECTS, PLAIN, schema_arguments
from dualview.dataset_builder.llm.failures import Failure, explain_failure
from dualview.dataset_builder.llm.pacing import duration
from dualview.dataset_builder.llm.replies.completion import count_reply_tokens, first_text
from dualview.dataset_builder.llm.servers.speed import Speed
from dualview.dataset_builder.llm.wire.chat import ChatClient

T = TypeVar("T")
#: Seconds to wait for a server that is not ready.
PATIENCE = 900.0
# The dialect of most servers comes first; the one to which the client bends every schema comes last.
_ORDER = ("openai", "llamacpp", "vllm", "tgi")
_TRIES = 4
_PAUSE = 0.5  # seconds before the second try, growing
_LONGEST_PAUSE = 5.0
# Enough for a reasoning model to come to its answer.
_MAX_TOKENS = 512
_LONGEST_NAME = 500
_MEANINGS = {
    "openai": "enforces schemas in OpenAI's form",
    "llamacpp": "enforces schemas in llama.cpp's form",
    "vllm": "enforces schemas in vLLM's form",
    "tgi": "enforces schemas in TGI's form",
    PLAIN: "enforces no schema; replies are read as they come",
}
assert set(_ORDER) == set(DIALECTS)


async def find_dialect(
    server: Server, model: str, patience: float = PATIENCE, note: Callable[[Speed], None] | None = None
) -> str:
    """Find the first dialect in which the server obeys a schema; ``plain`` if it obeys none.

    :param patience: seconds to wait for a server that answers that it is not ready.
    :param note: is told how long each reply took.
    :raises InputError: if the server does not answer, or cannot be used at all.
    """
    client = open_client(server)
    try:
        last: Failure | None = None
        for dialect in _ORDER:
            obeyed = await _obeys(client, server, model, dialect, patience, note)
            if obeyed is True:
                return dialect
            last = obeyed if isinstance(obeyed, Failure) else None
        if last is not None:
            # Every form of schema was an error; the request itself may be one as well.
            plain = await _obeys(client, server, model, PLAIN, patience, note)
            if isinstance(plain, Failure):
                raise InputError(f"the server {server.name} answers no request: {plain.detail}")
        return PLAIN
    finally:
        await client.close()


async def find_model(server: Server, patience: float = PATIENCE) -> str:
    """Find the first model that the server lists.

    :param patience: seconds to wait for a server that answers that it is not ready.
    :raises InputError: if it lists none.
    """
    return (await list_models(server, patience))[0]


async def list_models(server: Server, patience: float = PATIENCE) -> list[str]:
    """List the models of a server whose names are plain; see :func:`find_model`."""
    flag = f"{server.role.flags}model"
    listed = await _persist(lambda: get_json(server, "models"), server, patience)
    if isinstance(listed, Failure):
        raise InputError(
            f"the server {server.name} does not list its models ({listed.detail}); check "
            f"{server.role.flags}base-url, or name one with {flag}"
        )
    models = listed.get("data") if isinstance(listed, Mapping) else None
    names = (
        [model.get("id") for model in models if isinstance(model, Mapping)]
        if isinstance(models, list)
        else []
    )
    plain = [name for name in names if isinstance(name, str) and _is_plain_name(name, server)]
    if plain:
        return plain
    raise InputError(f"the server {server.name} lists no model with a plain name; name one with {flag}")


def describe_dialect(dialect: str) -> str:
    """The meaning of a dialect that was found, for a message."""
    return _MEANINGS[dialect]


def _is_plain_name(name: str, server: Server) -> bool:
    """Check that a name is one line without control characters or the key, fit to be published."""
    return 0 < len(name) <= _LONGEST_NAME and printable(name) == name.strip() and server.redact(name) == name


async def _obeys(
    client: ChatClient,
    server: Server,
    model: str,
    dialect: str,
    patience: float,
    note: Callable[[Speed], None] | None,
) -> bool | Failure:
    """Check that a reply has the one form that the schema allows; a failure where there is no reply.

    :raises InputError: if no request can succeed.
    """
    word = "probe-" + secrets.token_hex(4)
    schema = {
        "type": "object",
        "properties": {"word": {"type": "string", "enum": [word]}},
        "required": ["word"],
        "additionalProperties": False,
    }

    async def ask() -> str:
        started = time.monotonic()
        completion = await client.complete(
            messages=[{"role": "user", "content": "Answer with one JSON object."}],
            model=model,
            max_tokens=_MAX_TOKENS,
            temperature=0.0,
            **schema_arguments(dialect, schema),
        )
        text = first_text(completion)
        if note is not None and text:
            note(Speed(time.monotonic() - started, count_reply_tokens(completion, text)))
        return text

    text = await _persist(ask, server, patience)
    if isinstance(text, str):
        return _is_object(text, word)
    if text.remedy == "stop":
        raise InputError(f"the server {server.name} cannot be used: {text.detail}")
    if text.gone:
        raise InputError(
            f"the server {server.name} does not answer ({text.detail}); start it, or check "
            f"{server.role.flags}base-url"
        )
    return text


async def _persist(ask: Callable[[], Awaitable[T]], server: Server, patience: float) -> T | Failure:
    """Try some times, or while patience lasts where the server is not ready; returns the last failure."""
    started, tries, told = time.monotonic(), 0, False
    while True:
        try:
            return await ask()
        except Exception as error:  # the client lets through whatever a strange body does to it
            failure = explain_failure(error, server)
        tries += 1
        left = patience - (time.monotonic() - started)
        waits = failure.not_ready and left > 0
        final = failure.remedy != "again" or (
            failure.reason == "server_error" and not failure.gone and tries > 1
        )
        if final or (tries >= _TRIES and not waits):
            return failure
        if waits and tries >= _TRIES and not told:
            told = True
            write_line(
                f"the server {server.name} is not ready ({failure.detail}): waiting for it up to "
                f"{duration(patience)} (--patience). Ctrl-C stops now."
            )
        pause = (
            failure.retry_after if failure.retry_after is not None else min(_LONGEST_PAUSE, _PAUSE * tries)
        )
        await asyncio.sleep(min(pause, max(left, 0.0)) if waits else pause)


def _is_object(content: str, word: str) -> bool:
    try:
        return bool(json.loads(content) == {"word": word})
    except (ValueError, RecursionError):
        return False
