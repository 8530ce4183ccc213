"""The passages of documents: cut by heading, then paragraph, and titled with both titles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from dualview.dataset_builder.schema import Passage
from dualview.dataset_builder.sources.documents.cutting import count_words, cut_passages
from dualview.dataset_builder.sources.documents.document import Document
from dualview.dataset_builder.sources.documents.folder import read_documents
from dualview.dataset_builder.sources.documents.tally import Tally
from dualview.dataset_builder.sources.passages.record import Record

# A passage with fewer words says next to nothing.
_FEWEST_WORDS = 5


def read_folder(root: Path, tally: Tally) -> Iterator[Record]:
    """The passages of the documents under a folder, or of one file, in the order of the files' names."""
    for name, document in read_documents(root, tally):
        yield from records_of(name, document, tally)


def records_of(name: str, document: Document, tally: Tally) -> Iterator[Record]:
    """The passages of one document; their ids are the file's name and a number."""
    title = document.title or _title_of(name)
    number = 0
    for section in document.sections:
        texts = cut_passages(section.paragraphs)
        for text in texts:
            if count_words(text) < _FEWEST_WORDS:
                tally.leave_out(f"passages of fewer than {_FEWEST_WORDS} words", name)
                continue
            number += 1
            heading = section.headings[-1] if section.headings else ""
            yield Record(
                where=f"{name}, passage {number}",
                passage=Passage(f"{name}#{number}", _joined(title, heading), text),
                document=name,
                topic=_joined(title, *section.headings[:-1][-1:]) if heading else "",
                heading=heading,
                attributes=document.attributes,
            )


def _joined(title: str, *headings: str) -> str:
    """A title and a heading under it; a heading that has the title in it says both."""
    heading = headings[0] if headings else ""
    if not heading or title.casefold() in heading.casefold():
        return heading or title
    return f"{title}: {heading}"


def _title_of(name: str) -> str:
    """A title from a file's name: "getting-started.md" is "getting started"."""
    stem = PurePosixPath(name).stem
    return " ".join(stem.replace("_", " ").replace("-", " ").split()) or stem
