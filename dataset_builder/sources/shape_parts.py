"""Parts that the shapes of a JSONL file share: passages, and facts that hold for a whole file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.schema import Passage
from dualview.dataset_builder.text_keys import text_key


@dataclass(frozen=True)
class Defaults:
    """Facts of the objects of a file that do not state them themselves.

    :param prefix: put before the ids of sets with written views, where another source has the same ids.
    """

    source: str
    license: str
    domain: str | None = None
    prefix: str = ""


def parse_passage(row: Row, docid: str) -> Passage:
    """The passage of an object.

    :param docid: its id where it does not bring one.
    :raises InputError: if a field is missing or wrong.
    """
    return Passage(row.optional_text("docid") or docid, row.optional_text("title") or "", row.text("text"))


def must_differ(where: str, passages: Iterable[Passage]) -> None:
    """Check that no two passages of an item are equal, because they cannot have opposite labels.

    :raises InputError: if two have the same text, or the same id and would be taken for one passage.
    """
    texts: dict[str, str] = {}
    ids: set[str] = set()
    for passage in passages:
        key = text_key(passage.text)
        if key in texts:
            raise InputError(
                f"{where}: the passages '{texts[key]}' and '{passage.docid}' have the same text; remove one"
            )
        if passage.docid in ids:
            raise InputError(f"{where}: two passages have the id '{passage.docid}'; rename one")
        texts[key] = passage.docid
        ids.add(passage.docid)
