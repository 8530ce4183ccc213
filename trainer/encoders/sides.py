"""Two encoders in one model: a trained one for queries, and the base model's for passages.

What has to be learned is the meaning of a query. Learned by the query encoder alone, it leaves the base
model's vector of every passage as it is, and an index of those vectors stays valid.
"""

from __future__ import annotations

import copy
from typing import Any

from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.base.modules import Router
from torch import nn


def split_sides(model: SentenceTransformer) -> SentenceTransformer:
    """Give the queries an encoder of their own, which is trained, and freeze that of the passages.

    Modules that both sides share, behind a Router or in it, become two: one of them is trained.

    The model consists of sentence-transformers' own modules: it loads without this project. ``encode``
    raises, as it does not know whether a text is a query; use ``encode_query`` and ``encode_document``.

    :param model: its modules become those of the queries, or, where a Router has encoders for both sides,
        those of the passages are frozen.
    """
    first = model[0]
    if isinstance(first, Router) and is_split(model):
        # The queries' first: what looks for an encoder's layers takes the first encoder.
        queries = [copy.deepcopy(module) for module in side_modules(model, "query")]
        sides = {"query": queries}
        sides |= {name: side_modules(model, name) for name in first.sub_modules if name != "query"}
        router = Router(sides, first.default_route, first.allow_empty_key, first.route_mappings)
    else:
        queries = list(model)
        router = Router.for_query_document(
            queries, [copy.deepcopy(module) for module in queries], default_route=None, allow_empty_key=False
        )
    router.requires_grad_(False)
    router.sub_modules["query"].requires_grad_(True)
    return SentenceTransformer(
        modules=[router],
        device=str(model.device),
        prompts={name: prompt for name, prompt in model.prompts.items() if prompt is not None},
        default_prompt_name=model.default_prompt_name,
        similarity_fn_name=model.similarity_fn_name,
        truncate_dim=model.truncate_dim,
    )


def is_split(model: SentenceTransformer | CrossEncoder) -> bool:
    """Return whether queries and passages have an encoder each."""
    return isinstance(model[0], Router) and {"query", "document"} <= set(model[0].sub_modules)


def modules_of(model: SentenceTransformer | CrossEncoder, side: str) -> nn.Module:
    """Return the modules that encode a ``query`` or a ``document``."""
    first = model[0]
    if not isinstance(first, Router) or side not in first.sub_modules:
        return model
    return first.sub_modules[side] if len(model) == 1 else nn.Sequential(*side_modules(model, side))


def side_modules(model: SentenceTransformer | CrossEncoder, side: str) -> list[Any]:
    """List the modules that a side's texts pass: those of its route, then those behind the Router.

    :param model: one of two sides, see :func:`is_split`.
    """
    first: Any = model[0]
    return [*first.sub_modules[side], *list(model)[1:]]
