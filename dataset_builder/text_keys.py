"""Keys and hashes under which two texts count as the same, for splits, duplicates and equal passages."""

from __future__ import annotations

import hashlib
import unicodedata

from dualview.dataset_builder.schema import Passage


def text_key(text: str) -> str:
    """The text without differences that readers ignore: case, white space, Unicode forms."""
    if text.isascii():  # nothing to normalise, which is most of the time it takes
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def text_hash(*texts: str) -> int:
    """64 bits of the texts' keys, as a signed integer.

    Two different ones of a million texts have the same hash with a chance of one in 37 million; a split then
    keeps two unrelated items together, which does no harm.
    """
    return exact_hash("\0".join(map(text_key, texts)))


def exact_hash(text: str) -> int:
    """64 bits of the very text, as a signed integer."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little", signed=True)


def passage_hash(passage: Passage) -> int:
    """The hash of a passage's text: under another title it is the same passage."""
    return text_hash(passage.text)
