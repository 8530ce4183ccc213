"""HTML around the rankings: the head, the query, messages and notes. All text from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from flip.types import Example

CODE = "https://github.com/dualview-retrieval/dualview"
PAPER = "https://arxiv.org/abs/2604.18845"
HUB = "https://huggingface.co"

TITLE = "Does your search do what you ask?"
LEAD = (
    "Ask for “how it works, not what it costs”, and an ordinary search model mostly hears the topic.",
    "DualView trains search models on pairs of opposite instructions, so that they also hear the wish: "
    "press Flip and watch both rankings.",
)

LOADING = '<p class="flip-status" role="status">Loading the two models. This takes some seconds …</p>'
BUSY = "This page is busy: too many requests are waiting for the models. Reload it in a few seconds."


@dataclass(frozen=True)
class Links:
    """What the page links to.

    :param models: Hub ids; ``datasets`` likewise.
    :param space: the Space's id on the Hub; empty if this is no Space.
    """

    models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    space: str = ""

    @property
    def address(self) -> str:
        """The Space's page on the Hub; empty if this is no Space."""
        return f"{HUB}/spaces/{self.space}" if self.space else ""


def header_html(links: Links) -> str:
    """Return the skip link, the heading, two sentences, and the links."""
    found = [(f"{HUB}/{name}", "Model") for name in links.models[-1:]]
    found += [(f"{HUB}/datasets/{name}", "Dataset") for name in links.datasets[:1]]
    found += [(CODE, "Code"), (PAPER, "Paper")]
    if links.space:
        found.append((f"{links.address}?duplicate=true", "Duplicate this Space"))
    anchors = "".join(
        f'<a href="{escape(url)}" target="_blank" rel="noopener">{name}</a>' for url, name in found
    )
    return (
        '<a class="flip-skip" href="#flip-rankings" data-skip="flip-rankings">Skip to the rankings</a>'
        f'<header class="flip-header"><div><h1>{TITLE}</h1><nav aria-label="Links">{anchors}</nav></div>'
        f"<p><span>{LEAD[0]}</span> {LEAD[1]}</p></header>"
    )


def query_html(example: Example) -> str:
    """Return the query as a heading of level 2."""
    return (
        '<div class="flip-query"><span class="flip-label">Search</span>'
        f'<h2 dir="auto">{escape(example.query)}</h2></div>'
    )


def status_html(message: str) -> str:
    """Return a message in place of a ranking."""
    return f'<p class="flip-status is-error" role="alert" dir="auto">{escape(message)}</p>'


def message_html(message: str, *, is_error: bool = False) -> str:
    """Return a short message beside a form."""
    state = " is-error" if is_error else ""
    return f'<p class="flip-message{state}" role="status" dir="auto">{escape(message)}</p>'


def note_html(
    lines: Sequence[str], link: str | None, address: str = "", *, has_failures: bool = False
) -> str:
    """Return the notes below the rankings, with the button that copies the link.

    :param address: the page's address for the link; by default, the one in the browser without its query.
    :param has_failures: whether to offer an example that the trained model gets wrong.
    """
    if link is None:
        copy = '<span class="flip-note">The text is too long for a link.</span>'
    else:
        copy = (
            f'<button type="button" class="flip-copy" data-page="{escape(address)}">'
            "Copy link to this view</button>"
            '<span class="flip-copied" role="status"></span>'
        )
    failure = (
        '<button type="button" class="flip-failure" data-failure="1">Show me a failure →</button>'
        if has_failures
        else ""
    )
    notes = "".join(f'<p class="flip-note" dir="auto">{escape(line)}</p>' for line in lines)
    return f'<div class="flip-foot"><div>{notes}</div><div class="flip-share">{failure}{copy}</div></div>'
