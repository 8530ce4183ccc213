"""The forms in which servers send one and the same answer, and those of messages without an answer."""

from __future__ import annotations

from typing import Any

_THOUGHTS = "The user wants an instruction. Let me think."
#: Forms of a message that hold an answer.
FORMS = ("text", "parts", "strings", "reasoning_content", "reasoning", "tool", "tool_object")
#: Forms of a message that hold none.
EMPTY_FORMS = ("empty", "blank", "null", "thoughts", "no_content")


def make_message(form: str, text: str) -> dict[str, Any]:
    """The message of a chat completion with an answer, or without one."""
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": _THOUGHTS}]}
    function = {"name": "reply", "arguments": text}
    fields: dict[str, dict[str, Any]] = {
        "text": {"content": text},
        "parts": {"content": [thinking, {"type": "text", "text": text}]},
        "strings": {"content": [text[:5], text[5:]]},
        "reasoning_content": {"content": "", "reasoning_content": text},
        "reasoning": {"content": None, "reasoning": text},
        "tool": {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]},
        "tool_object": {
            "content": "",
            "tool_calls": [{"function": {**function, "arguments": {"new_instruction": text}}}],
        },
        "empty": {"content": ""},
        "blank": {"content": " \n"},
        "null": {"content": None},
        "thoughts": {"content": [thinking]},
        "no_content": {},
    }
    return {"role": "assistant", **fields[form]}
