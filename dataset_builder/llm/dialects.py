"""Forms of a reply's schema, one for each kind of server.

``AsyncInferenceClient`` rewrites OpenAI's ``response_format`` for every URL to the form that only TGI knows;
other servers then return any JSON, or free text, without an error. So each dialect is written in the form
that reaches its server as it should; ``tests/dataset_builder/llm/test_wire.py`` holds the bodies of requests.

- ``tgi``: ``{"type": "json_object", "value": SCHEMA}``, the client's own doing.
- ``vllm``: ``structured_outputs``.
- ``llamacpp``: ``{"type": "json_object", "schema": SCHEMA}``, for ``llama-server`` and ``llama-cpp-python``.
- ``openai``: ``{"type": "json_schema", …}``, for OpenAI, SGLang, current vLLM and ``llama-server``, and
  providers.
- ``plain``: no schema; the prompt describes the form, and the parser reads what comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Values of ``--dialect`` beside ``auto``.
DIALECTS = ("tgi", "vllm", "llamacpp", "openai")
PLAIN = "plain"
_NAME = "reply"


def schema_arguments(dialect: str, schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Make the arguments of ``chat_completion`` that ask for replies of a schema.

    :param dialect: one of :data:`DIALECTS`, or ``plain``.
    """
    if schema is None or dialect == PLAIN:
        return {}
    if dialect == "tgi":
        return {"response_format": _openai_format(schema)}
    if dialect == "vllm":
        return {"extra_body": {"structured_outputs": {"json": dict(schema)}}}
    if dialect == "llamacpp":
        return {"response_format": {"type": "json_object", "schema": dict(schema)}}
    if dialect == "openai":
        return {"response_format": _Unchanged(_openai_format(schema))}
    raise ValueError(f"no dialect is called '{dialect}'")


class _Unchanged(dict[str, Any]):
    """A response format that the client sends as it is.

    The client looks for the type with ``get`` to rewrite the format, and copies the dictionary's items.
    """

    def get(self, key: object, default: object = None) -> object:
        return default


def _openai_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": _NAME, "schema": dict(schema), "strict": True}}
