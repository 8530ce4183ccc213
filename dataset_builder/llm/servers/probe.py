"""Finds the dialect in which a server takes a schema, and the name of its model.

Names prove little: servers pretend to be others, proxies hide them, and a server may accept a schema without
obeying it. So each dialect is tried with a schema that leaves one possible reply, which no model gives by
chance.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping

from dualview.cards.errors import InputError
from dualview.cards.terminal import printable
from dualview.dataset_builder.llm.connection import Server, get_json, open_client
from dualview.dataset_builder.llm.dialects import DIALECTS, PLAIN, schema_arguments
from dualview.dataset_builder.llm.failures import Failure
from dualview.dataset_builder.llm.replies.completion import count_reply_tokens, first_text
from dualview.dataset_builder.llm.servers.speed import Speed
from dualview.dataset_builder.llm.servers.waiting import no_answer, persist
from dualview.dataset_builder.llm.wire.chat import ChatClient

#: Seconds to wait for a server that is not ready.
PATIENCE = 900.0
# The dialect of most servers comes first; the one to which the client bends every schema comes last.
_ORDER = ("openai", "llamacpp", "vllm", "tgi")
# Enough for a reasoning model to come to its answer.
_MAX_TOKENS = 512
_LONGEST_NAME = 500
# Seconds for an address that most servers do not have.
_SOON = 5.0
_MEANINGS = {
    "openai": "enforces schemas in OpenAI's form",
    "llamacpp": "enforces schemas in llama.cpp's form",
    "vllm": "enforces schemas in vLLM's form",
    "tgi": "enforces schemas in TGI's form",
    PLAIN: "enforces no schema; replies are read as they come",
}
assert set(_ORDER) == set(DIALECTS)


async def find_dialect(
    server: Server,
    model: str,
    patience: float = PATIENCE,
    note: Callable[[Speed], None] | None = None,
    known: bool = False,
) -> str:
    """Find the first dialect in which the server obeys a schema; ``plain`` if it obeys none.

    :param patience: seconds to wait for a server that answers that it is not ready.
    :param known: the server has answered before: if nothing listens there now, it is waited for as well.
    :param note: is told how long each reply took.
    :raises InputError: if the server does not answer, or cannot be used at all.
    """
    client = open_client(server)
    try:
        last: Failure | None = None
        for dialect in _ORDER:
            obeyed = await _obeys(client, server, model, dialect, patience, note, known)
            known = True
            if obeyed is True:
                return dialect
            last = obeyed if isinstance(obeyed, Failure) else None
        if last is not None:
            # Every form of schema was an error; the request itself may be one as well.
            plain = await _obeys(client, server, model, PLAIN, patience, note, known)
            if isinstance(plain, Failure):
                raise InputError(f"the server {server.name} answers no request: {plain.detail}")
        return PLAIN
    finally:
        await client.close()


async def find_model(server: Server, patience: float = PATIENCE, known: bool = False) -> str:
    """Find the first model that the server lists.

    :param patience: seconds to wait for a server that answers that it is not ready.
    :param known: as in :func:`find_dialect`.
    :raises InputError: if it lists none.
    """
    return (await list_models(server, patience, known))[0]


async def list_models(server: Server, patience: float = PATIENCE, known: bool = False) -> list[str]:
    """List the models of a server whose names are plain; see :func:`find_model`."""
    flag = f"{server.role.flags}model"
    listed = await persist(lambda: get_json(server, "models"), server, patience, known)
    if isinstance(listed, Failure) and listed.gone:
        raise no_answer(server, listed)
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


async def count_slots(server: Server) -> int | None:
    """The number of requests that a server of llama.cpp works on at once; None where it does not say.

    Others would wait in the server, where a second try cannot go before them.
    """
    if server.base_url is None:
        return None
    try:
        told = await get_json(server, "../props", _SOON)
    except Exception:  # other servers know no such address, and answer in any way
        return None
    slots = told.get("total_slots") if isinstance(told, Mapping) else None
    return slots if isinstance(slots, int) and not isinstance(slots, bool) and slots > 0 else None


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
    known: bool,
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

    text = await persist(ask, server, patience, known)
    if isinstance(text, str):
        return _is_object(text, word)
    if text.remedy == "stop":
        raise InputError(f"the server {server.name} cannot be used: {text.detail}")
    if text.gone:
        raise no_answer(server, text)
    return text


def _is_object(content: str, word: str) -> bool:
    try:
        return bool(json.loads(content) == {"word": word})
    except (ValueError, RecursionError):
        return False
