"""Checks of what files hold before they are uploaded: no keys, no tokens, no pickles.

A token that was public once must be replaced, and a pickle runs code on the machine that loads it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import IO, TYPE_CHECKING

from huggingface_hub import get_token

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile

if TYPE_CHECKING:
    import pyarrow as pa

# These do not begin inside a word: "desk-" is no "sk-". A line break in JSON is written as a letter.
_START = r"(?:^|[^A-Za-z0-9]|\\[nrt])"
# Kind -> texts of which each match has one, for a fast search, and the pattern. The patterns have no
# look-around, because pyarrow knows none.
_SECRETS: dict[str, tuple[tuple[str, ...], str]] = {
    "a Hugging Face token": (("hf_",), r"hf_[A-Za-z0-9]{20,}"),
    "an API key": (("sk-",), _START + r"sk-(?:[A-Za-z0-9]+-){0,3}[A-Za-z0-9_]{20,}"),
    "a GitHub token": (
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,}",
    ),
    "an AWS key": (("AKIA", "ASIA"), _START + r"(?:AKIA|ASIA)[A-Z0-9]{16}"),
    "a Google API key": (("AIza",), _START + r"AIza[A-Za-z0-9_-]{35}"),
    "a Slack token": (("xox",), _START + r"xox[abprs]-[A-Za-z0-9-]{20,}"),
    "a private key": (("PRIVATE KEY",), r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"),
}
_PARQUET_MAGIC = b"PAR1"
_BLOCK = 1 << 22
_LONGEST = 512  # characters of a match and the one before it
_SHORTEST_OWN_TOKEN = 16
_SAFETENSORS_HEADER = 100_000_000  # bytes at most, by the format


def check_contents(files: Iterable[LocalFile]) -> None:
    """Check that no file is a pickle or holds a key or a token.

    :raises HubError: if one is or does, or cannot be read; the message names the file, and never the secret.
    """
    for file in files:
        try:
            if _is_pickle(file):
                raise HubError(
                    f"{_name(file)}: is a pickle, which can run code when it is loaded; save the model as "
                    "safetensors, or remove the file"
                )
            found = _find_secret(file)
        except OSError as error:
            raise HubError(f"{_name(file)}: cannot be read ({error.strerror or error})") from error
        if found:
            raise HubError(
                f"{_name(file)}: holds {found}; remove it from the file, and if it is real, replace it"
            )


def _find_secret(file: LocalFile) -> str | None:
    """Return the kind of secret that a file holds and its place, or None."""
    if file.path.endswith(".parquet") and _head(file).startswith(_PARQUET_MAGIC):
        return _find_in_parquet(file)
    searched = [
        (kind, tuple(mark.encode() for mark in marks), re.compile(pattern.encode()))
        for kind, (marks, pattern) in _secrets().items()
    ]
    line, before = 1, b""
    for block in _blocks(file):
        data = before + block
        for kind, marks, pattern in searched:
            # A search for a fixed text is some fifty times faster than one for a pattern.
            if any(mark in data for mark in marks) and (match := pattern.search(data)):
                line += data.count(b"\n", 0, match.end())
                return f"{kind} (line {line})"
        before = data[-_LONGEST:]
        line += data.count(b"\n", 0, len(data) - len(before))
    return None


def _find_in_parquet(file: LocalFile) -> str | None:
    """Search the strings of all columns; compressed, they cannot be found in the bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(_opened(file)) as table:
            for batch in table.iter_batches():
                for name, column in zip(batch.schema.names, batch.columns, strict=True):
                    for strings in _strings(column):
                        if kind := _find_in_strings(strings):
                            return f"{kind} (column {name})"
    except pa.ArrowException as error:
        raise HubError(f"{_name(file)}: is not a Parquet file ({error}); build the dataset again") from error
    return None


def _find_in_strings(strings: pa.Array) -> str | None:
    import pyarrow.compute as pc

    def holds(pattern: str) -> bool:
        return bool(pc.any(pc.match_substring_regex(strings, pattern)).as_py())

    patterns = {kind: pattern for kind, (_, pattern) in _secrets().items()}
    # One pass for all kinds, as there is almost never one.
    if not holds("|".join(f"(?:{pattern})" for pattern in patterns.values())):
        return None
    return next(kind for kind, pattern in patterns.items() if holds(pattern))


def _strings(column: pa.Array) -> Iterator[pa.Array]:
    """Yield the string arrays in a column, also those in lists and structures."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield column
    elif pa.types.is_dictionary(kind):
        yield from _strings(column.dictionary)
    elif pa.types.is_struct(kind):
        for part in column.flatten():
            yield from _strings(part)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _strings(column.flatten())


def _secrets() -> dict[str, tuple[tuple[str, ...], str]]:
    """Return the known kinds, and the token that this machine logs in with."""
    own = get_token()
    if own is None or len(own) < _SHORTEST_OWN_TOKEN:
        return _SECRETS
    return {**_SECRETS, "your token for the Hub": ((own,), re.escape(own))}


def _blocks(file: LocalFile) -> Iterator[bytes]:
    with _opened(file) as opened:
        if file.path.endswith(".safetensors"):
            # After the header there are only numbers.
            length = int.from_bytes(opened.read(8), "little")
            yield opened.read(min(length, _SAFETENSORS_HEADER))
            return
        while block := opened.read(_BLOCK):
            yield block


def _is_pickle(file: LocalFile) -> bool:
    """Tell whether a file is a pickle, or an archive with one, as PyTorch writes."""
    head = _head(file)
    if head.startswith(b"PK"):
        try:
            with zipfile.ZipFile(_opened(file)) as archive:
                return any(name.endswith(".pkl") for name in archive.namelist())
        except zipfile.BadZipFile:
            return False
    # The length of a safetensors header comes first and may begin with the same two bytes.
    is_safetensors = head[8:] == b"{" and int.from_bytes(head[:8], "little") <= _SAFETENSORS_HEADER
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5 and not is_safetensors


def _head(file: LocalFile) -> bytes:
    with _opened(file) as opened:
        return opened.read(9)


def _opened(file: LocalFile) -> IO[bytes]:
    return BytesIO(file.source) if isinstance(file.source, bytes) else file.source.open("rb")


def _name(file: LocalFile) -> str:
    return file.path if isinstance(file.source, bytes) else str(file.source)
