"""Make original views of a query agree on which passages are wanted, as they do in the published corpus.

In Promptriever's corpus an instruction negative is never the positive of an original view: only a reversal
makes it one, and that is what the experiment is about. The writer ``facets`` asks for every passage of a
topic in some original view and against it in another, so that its original views alone would teach what the
reversed ones are to teach. So the passages of each query are divided in two, and the pairs that go from the
first part to the second are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any


def one_way(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Keep, of each query, the most pairs in which no original view wants what another one excludes.

    :param rows: rows of the config ``dual_view``.
    :return: the kept rows, in their order.
    """
    by_query: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_query[row["query_id"]].append(row)
    return [row for of_query in by_query.values() for row in _one_way_rows(of_query)]


def _one_way_rows(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    pairs = [(row["positive"]["docid"], row["reversed_positive"]["docid"]) for row in rows]
    passages = list(dict.fromkeys(docid for pair in pairs for docid in pair))
    place = {docid: number for number, docid in enumerate(passages)}
    numbered = [(place[wanted], place[excluded]) for wanted, excluded in pairs]
    best = max(
        product((True, False), repeat=len(passages)),
        key=lambda wanted: sum(wanted[first] and not wanted[second] for first, second in numbered),
    )
    return [
        row for row, (first, second) in zip(rows, numbered, strict=True) if best[first] and not best[second]
    ]
