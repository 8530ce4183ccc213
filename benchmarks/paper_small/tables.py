"""The tables of report.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.paper_small.pooling import Pooled

# Sources of the tables, with the words that head their columns.
_SOURCES = {
    "seeds": "seeds",
    "seeds-views": "seeds, written views",
    "attributed": "attributed",
    "attributed-views": "attributed, written views",
    "practical": "practical",
    "medquad": "MedQuAD",
    "movies": "films",
}
_RIGHT_FIRST = {f"{source}/right_first": f"right first, {said}" for source, said in _SOURCES.items()}
# Figures of the tables, each with what heads its column. All others are in results.json.
TEST_FIGURES = {
    **_RIGHT_FIRST,
    "practical/right_first_exclusions": "right first, practical exclusions",
    **{f"{source}/violating_first": f"violating first, {said}" for source, said in _SOURCES.items()},
    "seeds/view_accuracy": "right within the set, seeds",
    "seeds/flip_accuracy": "all three within the set, seeds",
    "attributed/flip_accuracy": "both within the pair, attributed",
    "medquad/flip_accuracy": "both within the pair, MedQuAD",
    "movies/flip_accuracy": "both within the pair, films",
    "condaqa/flip_accuracy": "both within the pair, CondaQA",
    "seeds/instructed_ndcg_at_10": "instructed nDCG, seeds",
    "attributed/instructed_ndcg_at_10": "instructed nDCG, attributed",
    "practical/instructed_ndcg_at_10": "instructed nDCG, practical",
    "medquad/instructed_ndcg_at_10": "instructed nDCG, MedQuAD",
    "movies/instructed_ndcg_at_10": "instructed nDCG, films",
    "seeds/bare_query_ndcg_at_10": "bare nDCG, seeds",
    "practical/bare_query_ndcg_at_10": "bare nDCG, practical",
    "scifact/ndcg_at_10": "SciFact nDCG",
}
VALIDATION_FIGURES = {
    **_RIGHT_FIRST,
    "practical/right_first_exclusions": "right first, practical exclusions",
    "seeds/flip_accuracy": "all three within the set, seeds",
    "attributed/flip_accuracy": "both within the pair, attributed",
    "medquad/flip_accuracy": "both within the pair, MedQuAD",
    "movies/flip_accuracy": "both within the pair, films",
    "practical/bare_query_ndcg_at_10": "bare nDCG, practical",
    "scifact conclusions/bare_query_ndcg_at_10": "SciFact conclusions nDCG",
}


def models_table(
    models: Mapping[str, tuple[Mapping[str, Pooled], Sequence[Mapping[str, Any]]]], test: bool
) -> str:
    """Figures of some models.

    :param models: figures by name, and what was stored of each seed.
    :param test: measured on the test splits.
    """
    figures = TEST_FIGURES if test else VALIDATION_FIGURES
    rows = [["model", "seeds", "samples", "tokens a pass", *figures.values()]]
    for name, (of_model, runs) in models.items():
        went_in = runs[0].get("mixture") or {}
        samples = went_in.get("samples", went_in.get("instructed views", 0))
        row = [name, str(len(runs)), f"{samples:,}", f"{runs[0].get('tokens') or 0:,}"]
        for figure in figures:
            one = of_model[figure]
            spread = (
                f" ({100 * min(one.by_seed):.1f} to {100 * max(one.by_seed):.1f})" if len(runs) > 1 else ""
            )
            row.append(f"{100 * one.comparison.model.value:.1f}{spread}")
        rows.append(row)
    several = any(len(runs) > 1 for _, runs in models.values())
    return ("In brackets: lowest and highest seed.\n\n" if several else "") + _markdown(rows)


def differences_table(reference: str, models: Mapping[str, Mapping[str, Pooled]]) -> str:
    """Differences of some models to another one, on the test splits.

    :param models: figures by name, compared with the reference's.
    """
    rows = [[f"minus {reference}", *TEST_FIGURES.values()]]
    for name, of_model in models.items():
        row = [name]
        for figure in TEST_FIGURES:
            one = of_model[figure].comparison.difference
            mark = "" if one.holds_zero else "**"
            row.append(f"{mark}{100 * one.value:+.1f}{mark} ({100 * one.low:+.1f} to {100 * one.high:+.1f})")
        rows.append(row)
    return f"Differences to {reference}; bold where the interval does not hold zero.\n\n" + _markdown(rows)


def texts_table(texts: Mapping[str, Any]) -> str:
    """What was trained and measured on, and what was dropped of it.

    :param texts: what :func:`benchmarks.paper_small.texts.prepare` says.
    """
    rows = [["part", "queries", "pairs of opposite instructions", "rows dropped for evaluated text"]]
    for part, pairs in texts["pairs"].items():
        dropped = texts["dropped"].get(part, {})
        said = ", ".join(f"{count:,} ({reason})" for reason, count in dropped.items()) or "0"
        rows.append(
            [part, f"{texts['queries'][part]:,}", f"{pairs:,}", said if part in texts["dropped"] else ""]
        )
    return _markdown(rows)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
