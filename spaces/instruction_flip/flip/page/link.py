"""Links that restore the state of the page, in the part of the address after the ``#``.

Browsers leave this part out of requests; the page passes it to the app itself. Examples are referenced by id.
The user's own text is packed into the link and checked like any other untrusted input.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from flip.engine.compare import Comparison
from flip.text.inputs import MAX_TOTAL_CHARS
from flip.types import NEUTRAL, FlipError, letter

#: Chat and mail programs may cut off longer links.
MAX_LINK_CHARS = 16_000
#: Limit on the unpacked size, as a few packed kilobytes can unpack to many megabytes.
_MAX_UNPACKED_BYTES = 6 * MAX_TOTAL_CHARS
#: Characters allowed in this part of an address; unquoted, they are easier to read.
_SAFE = ":/"
_DAMAGED = "The link is damaged or cut off. Ask for it again."


@dataclass(frozen=True)
class Link:
    """The state in a link: an example, the user's own text (``texts`` not empty), or a search."""

    example: str = ""
    query: str = ""
    instructions: tuple[str, str] = ("", "")
    texts: tuple[str, ...] = ()
    wanted: tuple[int, int] = (0, 0)
    view: int = 0
    base: str = ""
    model: str = ""

    @property
    def is_search(self) -> bool:
        """True for a search in the corpus."""
        return not self.example and not self.texts


def write_link(comparison: Comparison, view: int) -> str | None:
    """Return the part of the address after the ``#``; None if the text is too long for a link."""
    example = comparison.example
    fields = {
        "view": "none" if view == NEUTRAL else letter(view),
        "base": comparison.base.linked_as,
        "model": comparison.trained.linked_as,
    }
    if example.kind == "example":
        return urlencode({"example": example.set_id} | fields, safe=_SAFE)
    content: dict[str, Any] = {
        "q": example.query,
        "i": [shown.instruction for shown in example.views],
    }
    if example.kind == "own":
        docids = [passage.docid for passage in example.passages]
        content["p"] = [passage.joined.strip("\n") for passage in example.passages]
        content["w"] = [docids.index(shown.wanted) + 1 if shown.wanted else 0 for shown in example.views]
    link = urlencode({"text": _pack(content)} | fields, safe=_SAFE)
    return link if len(link) <= MAX_LINK_CHARS else None


def read_link(fragment: str | None) -> Link | None:
    """Parse the part of an address after the ``#``.

    :return: None if it names neither an example nor text.
    :raises FlipError: if it is too long or damaged.
    """
    text = (fragment or "").removeprefix("#")
    if len(text) > 2 * MAX_LINK_CHARS:
        raise FlipError(_DAMAGED)
    fields = {name: values[0] for name, values in parse_qs(text, max_num_fields=20).items()}
    if not fields.get("example") and not fields.get("text"):
        return None
    names: dict[str, Any] = {
        "view": _view(fields.get("view", "A")),
        "base": fields.get("base", ""),
        "model": fields.get("model", ""),
    }
    if fields.get("example"):
        return Link(example=fields["example"], **names)
    content = _unpack(fields["text"])
    try:
        first, second = content["i"]
        wanted = content.get("w", [0, 0])
        link = Link(
            query=content["q"],
            instructions=(first, second),
            texts=tuple(content.get("p", ())),
            wanted=(wanted[0], wanted[1]),
            **names,
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise FlipError(_DAMAGED) from error
    strings = (link.query, *link.instructions, *link.texts)
    if not all(isinstance(value, str) for value in strings) or not all(
        isinstance(value, int) for value in link.wanted
    ):
        raise FlipError(_DAMAGED)
    return link


def _view(name: str) -> int:
    return NEUTRAL if name == "none" else max(ord(name[:1]) - ord("A"), 0)


def _pack(content: dict[str, Any]) -> str:
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode("ascii").rstrip("=")


def _unpack(packed: str) -> dict[str, Any]:
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(data, _MAX_UNPACKED_BYTES)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise FlipError(_DAMAGED)
        content: dict[str, Any] = json.loads(raw)
        return content
    except (ValueError, binascii.Error, zlib.error, RecursionError) as error:
        raise FlipError(_DAMAGED) from error
