"""Paste two runs, see p-MRR and where each changed document went.

Locally: python app.py [--host 127.0.0.1] [--port 7860]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import evaluate
import gradio as gr
from pasted import PasteError
from pasted import parse_changed
from pasted import parse_run

_HERE = Path(__file__).resolve().parent
_COLUMNS = ["query", "document", "rank before", "rank after", "value x100"]
_EXAMPLE = (
    "q1 Q0 beans-stove 1 0.92 before\nq1 Q0 beans-cooker 2 0.81 before\nq1 Q0 beans-tin 3 0.40 before",
    "q1 Q0 beans-cooker 1 0.88 after\nq1 Q0 beans-tin 2 0.61 after\nq1 Q0 beans-stove 3 0.55 after",
    "q1 beans-stove",
)
_ABOUT = """\
# p-MRR

Does a retriever obey when the instruction changes? Documents that were relevant under the original instruction and
are not under the changed one should fall: from rank 1 to 4 gives +75, from 4 to 1 gives -75.
"""


def explain(before: str, after: str, changed: str) -> tuple[str, list[list[str | float]]]:
    """Measure two pasted runs.

    :return: the figure in words, and one row a changed document.
    """
    try:
        runs = parse_run(before, "original run"), parse_run(after, "changed run")
        lost = parse_changed(changed)
        rows: list[list[str | float]] = []
        for query, docids in lost.items():
            for docid in docids:
                rows.append([query, docid, *_measure_one(runs, query, docid)])
        figure = _compute(runs, lost)
    except ValueError as error:
        return f"**Cannot be measured.** {_plain(str(error))}", []
    queries = "query" if len(lost) == 1 else "queries"
    return f"## p-MRR {100 * figure:.2f}\n\nover {len(lost):,} {queries}", rows


def build_page() -> gr.Blocks:
    """Lay out the page."""
    with gr.Blocks(title="p-MRR") as page:
        gr.Markdown(_ABOUT)
        with gr.Row():
            before = gr.Textbox(
                _EXAMPLE[0], lines=8, label="Run under the original instruction (TREC format)"
            )
            after = gr.Textbox(_EXAMPLE[1], lines=8, label="Run under the changed instruction")
        changed = gr.Textbox(
            _EXAMPLE[2],
            lines=3,
            label="Documents that lost their relevance: query and document, one pair a line",
        )
        button = gr.Button("Measure", variant="primary")
        figure = gr.Markdown()
        rows = gr.Dataframe(headers=_COLUMNS, interactive=False, label="Changed documents")
        button.click(explain, [before, after, changed], [figure, rows], api_name="measure")
    return page


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default=None, help="address to listen on (gradio's default)")
    parser.add_argument("--port", type=int, default=None, help="port to listen on (gradio's default)")
    arguments = parser.parse_args(argv)
    build_page().launch(server_name=arguments.host, server_port=arguments.port)


if __name__ == "__main__":
    main(sys.argv[1:])
