"""Names of levers, the aspects that a reversal turns on.

Writers name levers freely ("evidence type", "region (exclusion)"). The published column keeps a known lever
under one name, so that counts add up; a name that is not known here stays as it was written.
"""

from __future__ import annotations

LEVERS = (
    "aspect",
    "audience",
    "causality",
    "condition",
    "entity",
    "evidence",
    "exclusion",
    "format",
    "quantity",
    "region",
    "stance",
    "time",
    "tone",
)
_ALSO_CALLED = {
    "anecdote": "evidence",
    "cause": "causality",
    "cause-effect-remedy": "causality",
    "effect": "causality",
    "entity exclusion": "entity",
    "entity inclusion": "entity",
    "evidence type": "evidence",
    "exception": "condition",
    "explicit exclusion": "exclusion",
    "named entity": "entity",
    "named place": "region",
    "official rule": "evidence",
    "place": "region",
    "recency": "time",
    "remedy": "causality",
    "source type": "evidence",
    "threshold": "quantity",
    "time frame": "time",
    "worked example": "format",
}


def canonical_lever(written: str) -> str:
    """The lever under its one name: ``evidence`` for "Evidence type (exclusion)".

    The words of an instruction show that it excludes; in the name it would split every lever in two.
    """
    name = " ".join(written.lower().replace("_", " ").split())
    name = name.removesuffix("(exclusion)").removesuffix("(inclusion)").strip()
    return _ALSO_CALLED.get(name, name)
