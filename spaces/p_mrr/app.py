"""Page that computes p-MRR from two pasted runs, and shows the rank changes of the changed documents.

Locally: python app.py [--host 127.0.0.1] [--port 7860]
"""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Sequence

import gradio as gr
from pasted import parse_changed, parse_run
from ranks import mean_over_queries, p_mrr_by_query, rank_change, ranks_of

_COLUMNS = ["query", "document", "rank before", "rank after", "value x100"]
_BEFORE = "q1 Q0 stove 1 0.92 before\nq1 Q0 cooker 2 0.81 before\nq1 Q0 tin 3 0.40 before"
_AFTER = "q1 Q0 cooker 1 0.88 after\nq1 Q0 tin 2 0.61 after\nq1 Q0 stove 3 0.55 after"
_CHANGED = "q1 stove"
_ABOUT = """\
# p-MRR

Does a retriever obey when the instruction changes? Documents that were relevant under the original
instruction and are not under the changed one should fall: from rank 1 to 4 gives +75, from 4 to 1 -75.
"""


def measure(before: str, after: str, changed: str) -> tuple[str, list[list[str | int | float]]]:
    """Compute p-MRR from two pasted runs.

    :return: the figure as Markdown, and one row per changed document.
    """
    try:
        original, new = parse_run(before, "original run"), parse_run(after, "changed run")
        lost = parse_changed(changed)
        by_query = p_mrr_by_query(original, new, lost)
    except ValueError as error:
        # The message may contain pasted text, which must not act as Markdown or HTML.
        return f"**Cannot compute p-MRR.** <code>{html.escape(str(error))}</code>", []
    rows: list[list[str | int | float]] = []
    for query, docids in lost.items():
        places = [ranks_of(run[query], docids) for run in (original, new)]
        values = rank_change(*places)
        for docid, first, second, value in zip(docids, *places, values, strict=True):
            rows.append([query, docid, int(first), int(second), round(100 * float(value), 2)])
    counted = f"{len(by_query):,} {'query' if len(by_query) == 1 else 'queries'}"
    return f"## p-MRR {100 * mean_over_queries(by_query):.2f}\n\nover {counted}", rows


def build_page() -> gr.Blocks:
    """Build the page."""
    with gr.Blocks(title="p-MRR") as page:
        gr.Markdown(_ABOUT)
        with gr.Row():
            before = gr.Textbox(_BEFORE, lines=8, label="Run under the original instruction (TREC)")
            after = gr.Textbox(_AFTER, lines=8, label="Run under the changed instruction (TREC)")
        changed = gr.Textbox(
            _CHANGED, lines=3, label="Documents that lost their relevance: one 'query document' per line"
        )
        button = gr.Button("Compute p-MRR", variant="primary")
        figure = gr.Markdown()
        rows = gr.Dataframe(headers=_COLUMNS, interactive=False, label="Rank changes of these documents")
        button.click(measure, [before, after, changed], [figure, rows], api_name="measure")
    return page


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the page."""
    parser = argparse.ArgumentParser(description="Compute p-MRR from two pasted runs.")
    parser.add_argument("--host", default=None, help="address to listen on (gradio's default)")
    parser.add_argument("--port", type=int, default=None, help="port to listen on (gradio's default)")
    arguments = parser.parse_args(argv)
    build_page().launch(server_name=arguments.host, server_port=arguments.port)


if __name__ == "__main__":
    main(sys.argv[1:])
