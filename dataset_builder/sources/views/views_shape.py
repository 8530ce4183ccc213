"""The shape of written views: texts that answer one query, and instructions for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from dualview.cards.errors import InputError
from dualview.dataset_builder.json_rows import Row
from dualview.dataset_builder.levers import canonical_lever
from dualview.dataset_builder.schema import KINDS, SPLITS, Passage, Views, ViewSet, WrittenView
from dualview.dataset_builder.sources.shape_parts import Defaults, must_differ, parse_passage
from dualview.dataset_builder.text_keys import text_key

_FEWEST_TEXTS = 2


def parse_view_set(row: Row, defaults: Defaults) -> ViewSet:
    """The set of one line.

    :raises InputError: if a field is missing or wrong, or fewer than two texts have a view.
    """
    set_id = defaults.prefix + row.text("id")
    texts = row.rows("texts")
    if len(texts) < _FEWEST_TEXTS:
        raise InputError(
            f"{row.where}: the field 'texts' has {len(texts)}; give at least two texts, or remove the line"
        )
    passages = tuple(parse_passage(text, f"{set_id}/{place}") for place, text in enumerate(texts))
    must_differ(row.where, passages)
    return ViewSet(
        query_id=set_id,
        query=row.text("query"),
        passages=passages,
        views=parse_views(row, passages),
        split=_split(row),
        domain=row.optional_text("domain") or defaults.domain,
        source=row.optional_text("source") or defaults.source,
        license=row.optional_text("license") or defaults.license,
    )


def parse_views(row: Row, passages: Sequence[Passage]) -> Views:
    """The views of a line.

    :param passages: what the targets of the views count, from 0.
    :raises InputError: if a field is missing or wrong, an instruction comes twice, or fewer than two passages
        have a view.
    """
    views: list[WrittenView] = []
    known: dict[str, Row] = {}
    for found in row.rows("views"):
        view = _view(found, passages)
        first = known.setdefault(text_key(view.instruction), found)
        if first is not found:
            same = first.fields["target"] == found.fields["target"]
            raise InputError(
                f"{found.where}: has the instruction of {first.where.rpartition(', ')[2]} again"
                + ("; remove one" if same else ", for another target; one of the two is wrong, change it")
            )
        views.append(view)
    if len({view.target for view in views}) < _FEWEST_TEXTS:
        raise InputError(
            f"{row.where}: fewer than two texts have an instruction; add to 'views' one for another text"
        )
    return tuple(views)


def _view(row: Row, passages: Sequence[Passage]) -> WrittenView:
    place = row.integer("target")
    if not 0 <= place < len(passages):
        raise InputError(
            f"{row.where}: target {place} is none of the {len(passages)} texts; "
            f"count them from 0 to {len(passages) - 1}"
        )
    kind = row.optional_text("kind") or ""
    if kind and kind not in KINDS:
        raise InputError(f"{row.where}: unknown kind '{kind}'; it is one of {', '.join(KINDS)}, or left out")
    lever = canonical_lever(row.optional_text("lever") or "")
    return WrittenView(passages[place].docid, row.text("instruction"), kind, lever)


def _split(row: Row) -> str | None:
    split = row.optional_text("split")
    if split is not None and split not in SPLITS:
        raise InputError(
            f"{row.where}: unknown split '{split}'; it is one of {', '.join(SPLITS)}, or left out"
        )
    return split
