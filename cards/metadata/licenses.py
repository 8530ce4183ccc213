"""Identifiers of licences in the Hub's metadata."""

from __future__ import annotations

import re

# From https://huggingface.co/docs/hub/repositories-licenses: the licences of texts and encoders.
# The Hub refuses a card with any other value.
_KNOWN = frozenset(
    """
    apache-2.0 mit openrail bigscience-openrail-m bigscience-bloom-rail-1.0 bsd bsd-2-clause bsd-3-clause
    bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0
    cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
    cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl epl-1.0
    epl-2.0 etalab-2.0 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc mpl-2.0 odc-by odbl pddl
    unlicense llama2 llama3 llama3.1 llama3.2 llama3.3 gemma unknown other
    """.split()  # noqa: SIM905 - a list of strings would take sixty lines
)


def hub_license(name: str) -> str:
    """Return the Hub's identifier of a licence: ``cc-by-4.0`` for "CC BY 4.0", ``other`` if it has none."""
    identifier = re.sub(r"[\s_]+", "-", name.strip().lower())
    return identifier if identifier in _KNOWN else "other"
