"""The maintained client of ``huggingface_hub``, handing out chat completions as the server sent them.

Its own classes drop fields that servers add to a message (``reasoning_content``, ``refusal``), and a ``NaN``
among the logarithms ends them in an endless recursion.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

from huggingface_hub import AsyncInferenceClient

# The body of the response to the request that the current task sends.
_BODY: ContextVar[bytes] = ContextVar("body")
# Numbers with more digits become floats: Python refuses to read thousands of them.
_MOST_DIGITS = 18


class ChatClient(AsyncInferenceClient):
    """An ``AsyncInferenceClient`` with a method that returns the whole completion."""

    async def complete(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
        """Ask for a chat completion.

        :param arguments: those of ``chat_completion``.
        :raises ValueError: if the response is no JSON object.
        """
        await self.chat_completion(**arguments)
        completion = json.loads(_BODY.get().decode("utf-8"), parse_int=_number)
        if not isinstance(completion, dict):
            raise ValueError("not a JSON object")
        return completion

    async def close(self) -> None:
        """Close the connections."""
        await self.exit_stack.aclose()

    async def _inner_post(self, request_parameters: Any, *, stream: bool = False) -> Any:  # noqa: ANN401
        body = await super()._inner_post(request_parameters, stream=stream)
        assert isinstance(body, bytes)
        # It goes past the library's classes, which get an empty object in its place.
        _BODY.set(body)
        return b"{}"


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)
