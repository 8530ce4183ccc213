"""What the models have to rank after something was shown, and what they have ranked."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from flip.engine.compare import Comparison
from flip.page.stage import STAGE_SIZE
from flip.types import Example

STALE = "This page is older than the server. Reload it."
#: An unchanged stage.
KEEP = (gr.skip(),) * STAGE_SIZE


@dataclass(frozen=True)
class Asked:
    """What the models have to rank.

    :param example: None for the example to open on.
    :param second: reference of the second model; empty for the trained one.
    :param view: index of the view to show; None for the one to begin with.
    """

    example: Example | None
    second: str = ""
    view: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fresh:
    """What the models have ranked."""

    comparison: Comparison
    asked: Asked
