"""Answers to calls that do not fit the page: a sentence for the caller, and no traceback in the log."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import gradio as gr
from fastapi import Request
from fastapi.responses import JSONResponse
from gradio.block_function import BlockFunction
from gradio.components.api_component import Api
from gradio.route_utils import FnIndexInferError
from gradio.state_holder import SessionState

logger = logging.getLogger(__name__)

_SEE = "See the API link at the bottom of the page."


class PlainBlocks(gr.Blocks):
    """Blocks that check the values of a call before its handler runs.

    The two texts are for programs that show links: a description, and the address of a picture.
    """

    simple_description = ""
    thumbnail = ""

    def get_config_file(self) -> Any:  # noqa: ANN401 - gradio's own type is not public
        """Return the page's configuration, from which gradio fills the tags for shared links."""
        texts = {"simple_description": self.simple_description, "thumbnail": self.thumbnail}
        return {**super().get_config_file(), **texts}

    async def preprocess_data(
        self,
        block_fn: BlockFunction,
        inputs: list[Any],
        state: SessionState | None,
        explicit_call: bool = False,
    ) -> list[Any]:
        """Convert the values of a call for its handler; missing last values get their defaults.

        :raises gr.Error: if there are too few or too many values, or one does not fit its component.
        """
        values = _completed(block_fn, inputs)
        try:
            converted: list[Any] = await super().preprocess_data(block_fn, values, state, explicit_call)
        except gr.Error as error:
            error.print_exception = False
            raise
        except Exception as error:  # components raise whatever their conversion raises
            logger.warning("call of %s refused: %s", block_fn.name, type(error).__name__)
            message = f"A value in this call has the wrong type. {_SEE}"
            raise gr.Error(message, print_exception=False) from error
        return converted


def _completed(block_fn: BlockFunction, inputs: list[Any]) -> list[Any]:
    """Return one value per input of a handler.

    :raises gr.Error: if there are too few or too many.
    """
    missing = len(block_fn.inputs) - len(inputs)
    if not missing:
        return inputs
    if not all(isinstance(block, Api) for block in block_fn.inputs):
        message = f"This call needs {len(block_fn.inputs)} values and has {len(inputs)}. Reload the page."
        raise gr.Error(message, print_exception=False)
    parameters = list(inspect.signature(block_fn.fn).parameters.values()) if block_fn.fn else []
    defaults = [parameter.default for parameter in parameters[len(inputs) :]]
    if missing < 0 or inspect.Parameter.empty in defaults:
        names = ", ".join(parameter.name for parameter in parameters)
        message = f"{block_fn.name} takes the values {names}; this call has {len(inputs)}. {_SEE}"
        raise gr.Error(message, print_exception=False)
    return [*inputs, *defaults]


async def _answer(request: Request, error: Exception) -> JSONResponse:
    logger.warning("%s %s refused: %s", request.method, request.url.path, type(error).__name__)
    # The names of missing and unknown arguments are in gradio_client's own message.
    named = isinstance(error, TypeError) and "/call/" in request.url.path
    detail = f"{str(error).rstrip('.')}. " if named else ""
    return JSONResponse({"error": f"This page offers no such call. {detail}{_SEE}"}, 404)


#: For FastAPI: what gradio's routes raise for an unknown endpoint or argument.
HTTP_ERRORS: dict[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
    FnIndexInferError: _answer,
    KeyError: _answer,
    TypeError: _answer,
}
