"""Page that computes p-MRR from two pasted runs, and shows the rank changes of the changed documents.

Locally: python app.py [--host 127.0.0.1] [--port 7860]

Annotations are not postponed here: gradio reads the types of the endpoint's results from them.
"""

import argparse
import html
import sys
from collections.abc import Sequence

import gradio as gr
from calls import HTTP_ERRORS, PlainBlocks
from gradio.events import api
from no_uploads import NoUploads
from pasted import parse_changed, parse_run
from plot import slope_plot
from ranks import mean_over_queries, p_mrr_by_query, rank_change, ranks_of
from starlette.middleware import Middleware

_COLUMNS = ["query", "document", "rank before", "rank after", "value x100"]
_BEFORE = """\
q1 Q0 stove 1 0.92 before
q1 Q0 cooker 2 0.81 before
q1 Q0 tin 3 0.40 before
q2 Q0 sails 1 0.77 before
q2 Q0 oars 2 0.75 before
q2 Q0 steam 3 0.30 before"""
_AFTER = """\
q1 Q0 cooker 1 0.88 after
q1 Q0 tin 2 0.61 after
q1 Q0 stove 3 0.55 after
q2 Q0 oars 1 0.80 after
q2 Q0 sails 2 0.71 after
q2 Q0 steam 3 0.33 after"""
_CHANGED = "q1 stove\nq2 oars"
_ABOUT = """\
# p-MRR

Does a retriever obey when the instruction changes? Documents that were relevant under the original
instruction and are not under the changed one should fall: from rank 1 to 4 gives +75, from 4 to 1 -75.

[How it is computed](https://arxiv.org/abs/2403.15246) (FollowIR, equation 1) ·
[DualView](https://github.com/dualview-retrieval/dualview), the project that this page belongs to
"""
#: Sessions of visitors in memory. They hold nothing but the page's configuration and pasted text.
_MAX_SESSIONS = 50


def measure(before: str, after: str, changed: str) -> tuple[str, list[list[str | int | float]]]:
    """Compute p-MRR from two runs.

    Returns the figure as Markdown, and for each changed document a row with query, document, rank before,
    rank after, and its value times 100.

    Args:
        before: the run under the original instruction, in TREC format or as "query document score" lines.
        after: the run under the changed instruction.
        changed: the documents that lost their relevance, one "query document" per line.

    """
    try:
        original, new = parse_run(before, "original run"), parse_run(after, "changed run")
        lost = parse_changed(changed)
        by_query = p_mrr_by_query(original, new, lost)
    except ValueError as error:
        # The message may contain pasted text, which must not act as Markdown or HTML.
        return f"**Cannot compute p-MRR.** <code>{html.escape(str(error))}</code>", []
    rows: list[list[str | int | float]] = []
    unseen = 0
    for query, docids in lost.items():
        unseen += sum(docid not in original[query] and docid not in new[query] for docid in docids)
        places = [ranks_of(run[query], docids) for run in (original, new)]
        values = rank_change(*places)
        for docid, first, second, value in zip(docids, *places, values, strict=True):
            rows.append([query, docid, int(first), int(second), round(100 * float(value), 2)])
    counted = f"{len(by_query):,} {'query' if len(by_query) == 1 else 'queries'}"
    text = f"## p-MRR {100 * mean_over_queries(by_query):.2f}\n\nover {counted}"
    if unseen:
        text += f"\n\nIn neither run, and counted behind the last rank: {unseen:,} of these documents."
    return text, rows


def measure_and_plot(before: str, after: str, changed: str) -> tuple[str, list[list[str | int | float]], str]:
    """Compute p-MRR for the page; see ``measure``.

    :return: the results of ``measure``, and the plot.
    """
    text, rows = measure(before, after, changed)
    return text, rows, slope_plot(rows)


def build_page() -> gr.Blocks:
    """Build the page, with the result of its example."""
    text, rows = measure(_BEFORE, _AFTER, _CHANGED)
    page = PlainBlocks(title="p-MRR", analytics_enabled=False)
    with page:
        gr.Markdown(_ABOUT)
        with gr.Row():
            before = gr.Textbox(_BEFORE, lines=8, label="Run under the original instruction (TREC)")
            after = gr.Textbox(_AFTER, lines=8, label="Run under the changed instruction (TREC)")
        changed = gr.Textbox(
            _CHANGED, lines=3, label="Documents that lost their relevance: one 'query document' per line"
        )
        button = gr.Button("Compute p-MRR", variant="primary")
        figure = gr.Markdown(text)
        with gr.Row():
            table = gr.Dataframe(
                rows, headers=_COLUMNS, interactive=False, label="Rank changes of these documents"
            )
            plot = gr.HTML(slope_plot(rows), label="Ranks before and after", js_on_load=None)
        inputs = [before, after, changed]
        button.click(measure_and_plot, inputs, [figure, table, plot], api_visibility="private")
        api(measure, api_name="measure")
    return page


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the page."""
    parser = argparse.ArgumentParser(description="Compute p-MRR from two pasted runs.")
    parser.add_argument("--host", default=None, help="address to listen on (gradio's default)")
    parser.add_argument("--port", type=int, default=None, help="port to listen on (gradio's default)")
    arguments = parser.parse_args(argv)
    build_page().launch(
        server_name=arguments.host,
        server_port=arguments.port,
        state_session_capacity=_MAX_SESSIONS,
        # What visitors paste is stored nowhere, not even in their browser.
        run_history=False,
        app_kwargs={"middleware": [Middleware(NoUploads)], "exception_handlers": HTTP_ERRORS},
    )


if __name__ == "__main__":
    main(sys.argv[1:])
