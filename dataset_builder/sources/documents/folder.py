"""Reads the documents of a folder, or of a single file, whatever else lies beside them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.documents.decoding import UTF8, decode
from dualview.dataset_builder.sources.documents.document import Document
from dualview.dataset_builder.sources.documents.html_document import read_html
from dualview.dataset_builder.sources.documents.markdown_document import read_markdown
from dualview.dataset_builder.sources.documents.pdf_document import REMEDY, can_read_pdf, read_pdf
from dualview.dataset_builder.sources.documents.plain_document import read_plain
from dualview.dataset_builder.sources.documents.tally import Tally

_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd")
_PLAIN = (".txt", ".text", ".rst", ".adoc", ".asciidoc", ".org")
_HTML = (".html", ".htm", ".xhtml")
_PDF = ".pdf"
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
#: Ends of the names of files that are read.
SUFFIXES = (*_MARKDOWN, *_PLAIN, *_HTML, _PDF)
# A file is held in memory as a whole.
_MOST_BYTES = 32 * 2**20


def list_files(folder: Path) -> list[Path]:
    """All files of a folder and the folders in it, in the order of their names; hidden ones are passed over.

    :raises InputError: if a folder cannot be listed.
    """
    found = []

    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: cannot be listed ({error.strerror}); check its permissions")

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_documents(root: Path, tally: Tally) -> Iterator[tuple[str, Document]]:
    """The documents under a folder, or the one in a file, with names relative to the folder.

    :param tally: counts the files that are read, and those that are not with their reasons.
    """
    files = [root] if root.is_file() else list_files(root)
    base = root.parent if root.is_file() else root
    for path in files:
        name = path.relative_to(base).as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
        document = _read(path, name, tally)
        if document is None:
            continue
        if not document.sections:
            tally.leave_out("files without text", name)
            continue
        tally.read["files"] += 1
        yield name, document


def digest_files(root: Path) -> str:
    """SHA-256 over the names and contents of the files that may be read, in hexadecimal."""
    whole = hashlib.sha256()
    files = [root] if root.is_file() else list_files(root)
    for path in files:
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        name = path.name if root.is_file() else path.relative_to(root).as_posix()
        whole.update(os.fsencode(name) + b"\0")
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _read(path: Path, name: str, tally: Tally) -> Document | None:
    """The document of a file; None for one that is not read."""
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        tally.leave_out("tables; give each as a source of its own, passages:FILE", name)
    elif suffix not in SUFFIXES:
        tally.leave_out(f"files of another type, '{suffix}'" if suffix else "files without a type", name)
    elif not path.is_file():
        tally.leave_out("links to nothing, devices and pipes", name)
    elif path.stat().st_size > _MOST_BYTES:
        tally.leave_out(f"files of more than {_MOST_BYTES // 2**20} MiB; divide them", name)
    elif suffix == _PDF and not can_read_pdf():
        tally.leave_out(f"PDF files, which need {REMEDY}", name)
    else:
        return _parse(path, suffix, name, tally)
    return None


def _parse(path: Path, suffix: str, name: str, tally: Tally) -> Document | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        tally.leave_out(f"files that cannot be read ({error.strerror}); check their permissions", name)
        return None
    if not data.strip():
        tally.leave_out("empty files", name)
        return None
    if suffix == _PDF:
        document = read_pdf(data)
        if document is None:
            tally.leave_out("PDF files without text that can be read", name)
        return document
    decoded = decode(data)
    if decoded is None:
        tally.leave_out("files that are no text, or in no encoding that is recognised; save as UTF-8", name)
        return None
    if decoded.encoding != UTF8:
        tally.note(f"files taken to be in {decoded.encoding}; save as UTF-8 if that is wrong", name)
    if suffix in _MARKDOWN:
        return read_markdown(decoded.text, tally)
    return read_html(decoded.text) if suffix in _HTML else read_plain(decoded.text)
