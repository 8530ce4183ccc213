"""The text of PDF files, where the package pypdf is installed."""

from __future__ import annotations

import io
import logging
import re
from importlib.util import find_spec

from dualview.dataset_builder.sources.documents.document import Document, Outline

#: What installs the package.
REMEDY = "pip install 'dualview[pdf]'"
_BLANK = re.compile(r"\n\s*\n")


def can_read_pdf() -> bool:
    """Tell whether the package that reads PDF is installed."""
    return find_spec("pypdf") is not None


def read_pdf(data: bytes) -> Document | None:
    """The document of a PDF file; None where it cannot be read, such as with a password or as scans alone."""
    from pypdf import PdfReader

    # It warns about every small fault of a file.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    outline = Outline()
    try:
        reader = PdfReader(io.BytesIO(data))
        title = (reader.metadata.title if reader.metadata else None) or ""
        for page in reader.pages:
            for block in _BLANK.split(page.extract_text()):
                outline.add_paragraph(_joined(block))
    except Exception:  # a parser of arbitrary bytes raises anything
        return None
    document = outline.finish(_clean(title))
    return document if document.sections else None


def _joined(block: str) -> str:
    """The lines of a block as running text; words divided at a line's end are whole again."""
    return _clean(re.sub(r"(\w)-\n(?=[a-z])", r"\1", block).replace("\n", " "))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
