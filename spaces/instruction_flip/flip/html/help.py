"""The tab "How it works": four steps with a picture, what is followed and what not yet, and how to run it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from flip.engine.compare import Comparison
from flip.html.words import FLIP_HELP, P_MRR_HELP

_KINDS = {
    "opposite": "says what is wanted, and that the other one is not",
    "inclusion": "says what is wanted",
    "both": "says what is wanted and what is not",
    "exclusion": "says only what is not wanted",
    "other": "describes a situation",
}

#: Two instructions, two passages, and what the model learns from them.
_PICTURE = Path(__file__).with_name("picture.svg").read_text(encoding="utf-8")

STEPS = f"""<div class="flip-help-page"><h2>How it works</h2>{_PICTURE}<ol>
<li><b>One search, several passages.</b> All match the topic, so the topic alone cannot order them.</li>
<li><b>Two opposite instructions.</b> Each wants another passage: what is right under A is wrong under B.</li>
<li><b>Trained on both at once.</b> The dual-view model sees the same passages under both instructions, so
that reading the instruction is the only way to be right twice.</li>
<li><b>Used as before.</b> Put the instruction behind the search, in the same text. The index need not
change.</li></ol>
<h3>Words on this page</h3><p><b>Follows both</b>: under each instruction the passage that it wants is first.
Two random orders of four passages do so once in sixteen times.</p><p>{escape(P_MRR_HELP)}</p>
<p>{escape(FLIP_HELP)}</p></div>"""

RUN_IT = """
### Run it yourself

Duplicate the Space (the button is in the menu of its page), or `pip install -r requirements.txt` and
`python app.py --model FOLDER_OR_ID`. Variables of a Space:

| Variable | What it sets |
|---|---|
| `DUALVIEW_MODEL` | the dual-view model: an id on the Hub |
| `DUALVIEW_BASE` | the ordinary model (default: the one that the card of the first names) |
| `DUALVIEW_DATASET` | take the examples from the test split of this dataset |
| `DUALVIEW_SECOND` | more models that visitors may compare, separated by commas |
"""


@dataclass(frozen=True)
class _Count:
    """How many instructions of one kind each model follows, and an example that the trained one does not."""

    kind: str
    total: int
    base: int
    trained: int
    failure: Comparison | None


def limits_html(comparisons: Sequence[Comparison]) -> str:
    """Return what is followed and what not yet, by what an instruction says; empty without results."""
    counts = [found for kind in _KINDS if (found := _count(comparisons, kind)) is not None]
    if not counts:
        return ""
    rows = "".join(
        f"<tr><td>{_KINDS[one.kind]}</td><td>{one.total}</td><td>{one.base}</td><td>{one.trained}</td>"
        f"<td>{_failure(one)}</td></tr>"
        for one in counts
    )
    base, trained = escape(comparisons[0].base.name), escape(comparisons[0].trained.name)
    return (
        '<div class="flip-help-page"><h3>What is followed, and what not yet</h3><p>One instruction at a '
        "time: how often the passage that it wants comes first, in the examples above.</p><table><thead><tr>"
        f"<th>An instruction that …</th><th>number</th><th>{base}</th><th>{trained}</th>"
        f"<th>not yet followed, for instance</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _count(comparisons: Sequence[Comparison], kind: str) -> _Count | None:
    total = base = trained = 0
    failure = None
    for one in comparisons:
        rights = zip(one.example.views, one.base.right or (), one.trained.right or (), strict=False)
        for view, base_right, trained_right in rights:
            if view.kind != kind:
                continue
            total, base, trained = total + 1, base + base_right, trained + trained_right
            if not trained_right and failure is None:
                failure = one
    return _Count(kind, total, base, trained, failure) if total else None


def _failure(count: _Count) -> str:
    if count.failure is None:
        return ""
    example, right = count.failure.example, count.failure.trained.right or ()
    view = next(
        view for view, is_right in zip(example.views, right, strict=True)
        if view.kind == count.kind and not is_right
    )  # fmt: skip
    return (
        f'<button type="button" class="flip-link" data-example="{escape(example.set_id)}" dir="auto">'
        f"{escape(example.query)}: {escape(view.instruction)}</button>"
    )
