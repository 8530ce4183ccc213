"""Settings of the model card and of publishing on the Hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dualview.trainer.option import option


@dataclass(frozen=True, kw_only=True)
class PublicationSettings:
    """Options of the model card and the Hub; none of them changes the weights."""

    TITLE: ClassVar[str] = "model card and Hub"

    push_to_hub: str = option(
        "",
        "publish every checkpoint and the model under this Hub id",
        also=["hub_model_id"],
        identifies=False,
    )
    public: bool = option(False, "make public what is pushed to the Hub", identifies=False)
    yes: bool = option(False, "do not ask before it becomes public", identifies=False)
    model_name: str = option("dualview", "name of the trained model, for the card", identifies=False)
    base_model_id: str = option(
        "", "name of the base model on the Hub, for the card (default: --model)", identifies=False
    )
    base_license: str = option("", "licence of the base model, for the card", identifies=False)
    license: str = option(
        "", "licence of the trained model, for the card (default: the base model's)", identifies=False
    )
