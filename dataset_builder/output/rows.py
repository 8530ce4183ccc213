"""Rows of the published configs from view pairs, items and rejections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.schema import Passage, Rejection, SourceItem, ViewPair, ViewSet

_NOT_JUDGED = {"judge": None, "p_original": None, "p_reversed": None}
_NO_EVIDENCE = {"kind": None, "mentions": None}


def dual_view_row(pair: ViewPair, judgement: Judgement | None) -> dict[str, Any]:
    """The row of ``dual_view``."""
    return {
        "query_id": pair.query_id,
        "set_id": pair.set_id,
        "query": pair.query,
        "instruction": pair.instruction,
        "reversed_instruction": pair.reversed_instruction,
        "paraphrased_instruction": pair.paraphrased_instruction,
        "positive": pair.positive.as_dict(),
        "reversed_positive": pair.reversed_positive.as_dict(),
        "other_instruction_negatives": _as_dicts(pair.other_instruction_negatives),
        "hard_negatives": _as_dicts(pair.hard_negatives),
        "kind": pair.kind,
        "reversed_kind": pair.reversed_kind,
        "original_lever": pair.original_lever,
        "lever": pair.lever,
        "style": pair.style,
        "domain": pair.domain,
        "source": pair.source,
        "license": pair.license,
        "writer": pair.writer.as_dict(),
        "checks": {
            **(_NOT_JUDGED if judgement is None else judgement.as_dict()),
            **(_NO_EVIDENCE if pair.evidence is None else pair.evidence.as_dict()),
        },
    }


def triplet_rows(pair: ViewPair) -> Iterator[dict[str, str]]:
    """The rows of ``triplets``: one a view, each with the positive of the other view as its negative."""
    original, reverse = pair.positive.encoded, pair.reversed_positive.encoded
    yield {"anchor": f"{pair.query} {pair.instruction}", "positive": original, "negative": reverse}
    yield {"anchor": f"{pair.query} {pair.reversed_instruction}", "positive": reverse, "negative": original}


def plain_row(item: SourceItem, accepted: Sequence[ViewPair]) -> dict[str, Any]:
    """The row of ``plain``: the known passages of the bare query, also where no instruction was accepted.

    :param accepted: the published pairs of the item, which may know more answers and fewer hard negatives.
    """
    known = accepted[0] if accepted else item
    return {
        "query_id": item.query_id,
        "query": item.query,
        "positives": _as_dicts(known.answers),
        "hard_negatives": _as_dicts(known.hard_negatives),
    }


def practical_row(item: ViewSet) -> dict[str, Any]:
    """The row of ``practical``: a set as it was written, the targets of its views as places of its texts."""
    place = {passage.docid: number for number, passage in enumerate(item.passages)}
    return {
        "id": item.set_id,
        "query": item.query,
        "domain": item.domain,
        "license": item.license,
        "texts": _as_dicts(item.passages),
        "views": [
            {
                "target": place[view.target],
                "kind": view.kind,
                "lever": view.lever,
                "instruction": view.instruction,
            }
            for view in item.views
        ],
    }


def rejected_row(rejection: Rejection) -> dict[str, Any]:
    """The row of ``rejected``; characters that no file can hold are replaced."""
    return {
        "query_id": rejection.query_id,
        "set_id": rejection.set_id,
        "query": rejection.query,
        "instruction": _writable(rejection.instruction),
        "reversed_instruction": _writable(rejection.reversed_instruction),
        "positive": rejection.positive and rejection.positive.as_dict(),
        "reversed_positive": rejection.reversed_positive and rejection.reversed_positive.as_dict(),
        "writer_kind": rejection.writer_kind,
        "reason": rejection.reason,
        "detail": _writable(rejection.detail),
    }


def _as_dicts(passages: Sequence[Passage]) -> list[dict[str, str]]:
    return [passage.as_dict() for passage in passages]


def _writable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
