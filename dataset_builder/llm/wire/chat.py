"""The maintained client of ``huggingface_hub``, handing out chat completions as the server sent them.

Its own classes drop fields that servers add to a message (``reasoning_content``, ``refusal``), and a ``NaN``
among the logarithms ends them in an endless recursion.
"""

from __future__ import annotations

import json
from typing import Any

from huggingface_hub import AsyncInferenceClient

# Numbers with more digits become floats: Python refuses to read thousands of them.
_MOST_DIGITS = 18


class ChatClient(AsyncInferenceClient):
    """An ``AsyncInferenceClient`` with a method that returns the whole completion."""

    async def complete(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
        """Ask for a chat completion.

        :param arguments: those of ``chat_completion``.
        :raises ValueError: if the response is no JSON object.
        """
        wrapped = await self.chat_completion(**arguments)
        completion = json.loads(wrapped.id, parse_int=_number)
        if not isinstance(completion, dict):
            raise ValueError("not a JSON object")
        return completion

    async def close(self) -> None:
        """Close the connections."""
        await self.exit_stack.aclose()

    async def _inner_post(self, request_parameters: Any, *, stream: bool = False) -> Any:  # noqa: ANN401
        body = await super()._inner_post(request_parameters, stream=stream)
        assert isinstance(body, bytes)
        # As a text in the one field that is read, the completion passes the library's classes unchanged.
        return json.dumps({"id": body.decode("utf-8")}).encode()


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)
