"""Rows of the four published configs from view pairs, items and rejections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.schema import (
    AnswerSet,
    AttributedTopic,
    CandidateSet,
    Passage,
    Rejection,
    ViewPair,
)
from dualview.dataset_builder.writers.writer_protocol import SourceItem

_NOT_JUDGED = {"judge": None, "p_original": None, "p_reversed": None}


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
        "lever": pair.lever,
        "style": pair.style,
        "domain": pair.domain,
        "source": pair.source,
        "license": pair.license,
        "writer": pair.writer.as_dict(),
        "checks": _NOT_JUDGED if judgement is None else judgement.as_dict(),
    }


def triplet_rows(pair: ViewPair) -> Iterator[dict[str, str]]:
    """The rows of ``triplets``: one a view, each with the positive of the other view as its negative."""
    original, reverse = passage_text(pair.positive), passage_text(pair.reversed_positive)
    yield {"anchor": f"{pair.query} {pair.instruction}", "positive": original, "negative": reverse}
    yield {"anchor": f"{pair.query} {pair.reversed_instruction}", "positive": reverse, "negative": original}


def plain_row(item: SourceItem, accepted: Sequence[ViewPair]) -> dict[str, Any]:
    """The row of ``plain``: what is known of the bare query, whatever became of the instructions.

    :param accepted: the published pairs of the item, which may know more answers and fewer hard negatives.
    """
    if accepted:
        answers, hard_negatives = accepted[0].answers, accepted[0].hard_negatives
    elif isinstance(item, AttributedTopic):
        answers, hard_negatives = item.passages, ()
    elif isinstance(item, CandidateSet):
        answers, hard_negatives = (item.positive, *item.instruction_negatives), item.hard_negatives
    else:
        answers, hard_negatives = item.answers, item.hard_negatives
    return {
        "query_id": item.query_id,
        "query": item.query,
        "positives": _as_dicts(answers),
        "hard_negatives": _as_dicts(hard_negatives),
    }


def rejected_row(rejection: Rejection) -> dict[str, Any]:
    """The row of ``rejected``; characters that no file can hold, which may be the reason, are replaced."""
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


def reject(pair: ViewPair, reason: str, detail: str) -> Rejection:
    """The rejection of a pair that was written."""
    return Rejection(
        query_id=pair.query_id,
        set_id=pair.set_id,
        query=pair.query,
        writer_kind=pair.writer.kind,
        reason=reason,
        detail=detail,
        instruction=pair.instruction,
        reversed_instruction=pair.reversed_instruction,
        positive=pair.positive,
        reversed_positive=pair.reversed_positive,
    )


def reject_repeated(item: SourceItem) -> Rejection:
    """The rejection of an item that says what an earlier one said."""
    return Rejection(
        query_id=item.query_id,
        set_id=item.set_id if isinstance(item, (CandidateSet, AnswerSet)) else item.query_id,
        query=item.query,
        writer_kind="",
        reason="repeated",
        detail="an earlier item of the sources has the same query, passages and instructions",
        instruction=item.instruction if isinstance(item, CandidateSet) else None,
        positive=item.positive if isinstance(item, CandidateSet) else None,
    )


def passage_text(passage: Passage) -> str:
    """A passage as one string: title, newline, text."""
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


def _as_dicts(passages: Sequence[Passage]) -> list[dict[str, str]]:
    return [passage.as_dict() for passage in passages]


def _writable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
