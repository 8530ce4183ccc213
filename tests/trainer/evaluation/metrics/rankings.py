"""Rankings to measure: in a given order, and wild."""

from __future__ import annotations

from hypothesis import strategies as st

DOCIDS = st.text(alphabet="abcdefgh0123", min_size=1, max_size=3)
# Few values, so that there are ties; exact ones, so that they stay ties when scores are transformed.
SCORES = st.dictionaries(DOCIDS, st.integers(-4, 4).map(float), min_size=1, max_size=12)


def ranked(*docids: str) -> dict[str, float]:
    """Scores that rank these documents in this order."""
    return {docid: float(len(docids) - place) for place, docid in enumerate(docids)}
