"""Finds out once how a server wants to be told a schema, and what its model is called.

Names prove little: servers pretend to be others, proxies hide them, and a server may accept a schema without
obeying it. So each dialect is tried with a schema that leaves one possible reply, which nobody gives by
chance.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping

import httpx2
from huggingface_hub import AsyncInferenceClient

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import Server, get_json, open_client
from dualview.dataset_builder.llm.dialects import DIALECTS, PLAIN, schema_arguments
from dualview.dataset_builder.llm.failures import Failure, explain_failure

# The one that most servers speak comes first, the one that the client itself bends to comes last.
_ORDER = ("openai", "llamacpp", "vllm", "tgi")
_TRIES = 4
_PAUSE = 0.5  # seconds before the second try, growing
# Enough for a reasoning model to come to its answer.
_MAX_TOKENS = 512
_MEANINGS = {
    "openai": "enforces schemas in OpenAI's form",
    "llamacpp": "enforces schemas in llama.cpp's form",
    "vllm": "enforces schemas in vLLM's form",
    "tgi": "enforces schemas in TGI's form",
    PLAIN: "enforces no schema; replies are read as they come",
}
assert set(_ORDER) == set(DIALECTS)


async def find_dialect(server: Server, model: str) -> str:
    """The first dialect in which the server obeys a schema; ``plain`` if it obeys none.

    :raises InputError: if nobody answers, or the server cannot be used at all.
    """
    client = open_client(server)
    try:
        last: Failure | None = None
        for dialect in _ORDER:
            obeyed = await _obeys(client, server, model, dialect)
            if obeyed is True:
                return dialect
            last = obeyed if isinstance(obeyed, Failure) else None
        if last is not None:
            # Every form of schema was an error; so may be the question itself.
            plain = await _obeys(client, server, model, PLAIN)
            if isinstance(plain, Failure):
                raise InputError(f"the server {server.name} answers no request: {plain.detail}")
        return PLAIN
    finally:
        await client.close()


async def find_model(server: Server) -> str:
    """The first model that the server lists.

    :raises InputError: if it lists none.
    """
    try:
        listed = await get_json(server, "models")
    except (httpx2.HTTPError, ValueError) as error:
        raise InputError(
            f"the server {server.name} does not say which models it has "
            f"({server.without_key(str(error)) or type(error).__name__}); check --base-url, or name one with "
            "--model"
        ) from None
    models = listed.get("data") if isinstance(listed, Mapping) else None
    for model in models if isinstance(models, list) else []:
        if isinstance(model, Mapping) and isinstance(model.get("id"), str) and model["id"]:
            return str(model["id"])
    raise InputError(f"the server {server.name} lists no model; name one with --model")


def describe_dialect(dialect: str) -> str:
    """What a dialect that was found means, for a message."""
    return _MEANINGS[dialect]


async def _obeys(client: AsyncInferenceClient, server: Server, model: str, dialect: str) -> bool | Failure:
    """Whether a reply has the form that the schema leaves no choice about; a failure where there is no reply.

    :raises InputError: if no request can succeed.
    """
    word = "probe-" + secrets.token_hex(4)
    schema = {
        "type": "object",
        "properties": {"word": {"type": "string", "enum": [word]}},
        "required": ["word"],
        "additionalProperties": False,
    }
    failure = None
    for tries in range(_TRIES):
        if tries:
            await asyncio.sleep((failure and failure.retry_after) or _PAUSE * tries)
        try:
            completion = await client.chat_completion(
                messages=[{"role": "user", "content": "Answer with one JSON object."}],
                model=model,
                max_tokens=_MAX_TOKENS,
                temperature=0.0,
                **schema_arguments(dialect, schema),
            )
            content = completion.choices[0].message.content
            return isinstance(content, str) and _is_object(content, word)
        except Exception as error:  # the client lets through whatever a strange body does to it
            failure = explain_failure(error, server)
        if failure.remedy == "stop":
            raise InputError(f"the server {server.name} cannot be used: {failure.detail}") from None
        if failure.reason == "refused" or (failure.reason == "server_error" and not failure.gone and tries):
            break
    assert failure is not None
    if failure.gone:
        raise InputError(
            f"the server {server.name} does not answer ({failure.detail}); start it, or check --base-url"
        )
    return failure


def _is_object(content: str, word: str) -> bool:
    try:
        return json.loads(content) == {"word": word}
    except (ValueError, RecursionError):
        return False
