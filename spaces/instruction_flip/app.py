"""Demo of the instruction flip: the rankings of a base and a dual-view retriever, side by side.

Locally: python app.py --base FOLDER_OR_ID --model FOLDER_OR_ID [--dataset FOLDER_OR_ID] [--host] [--port]
As a Space: no arguments; models come from DUALVIEW_BASE and DUALVIEW_MODEL, or from the README's metadata.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import re
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from flip.engine.corpus import Corpus
from flip.engine.device import lender
from flip.engine.locations import named_base
from flip.engine.names import display_name
from flip.engine.pool import SMALL_MODELS, ModelPool
from flip.html.view import Links
from flip.page.page import build_page
from flip.page.stage import Workbench
from flip.page.style import CSS_FILES, theme
from flip.page.warm_up import warm_up
from flip.results.kept import Results
from flip.results.recording import RECORDED, read_recording
from flip.server.calls import HTTP_ERRORS
from flip.server.no_uploads import NoUploads
from flip.server.sessions import SessionSweeper
from flip.text.examples import load_examples
from flip.types import FlipError
from huggingface_hub import metadata_load
from starlette.middleware import Middleware

README = Path(__file__).with_name("README.md")
#: The owner of ids in the README that stand for those of whoever publishes the Space.
PLACEHOLDER = "org/"
#: The base model if the trained one's card cannot be read.
DEFAULT_BASE = "sentence-transformers/all-MiniLM-L6-v2"
SHIPPED_NOTE = "from the test split of the project's seeds, on which its models are not trained"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
#: Visitors whose rankings are kept in memory; the earliest session is dropped first.
MAX_SESSIONS = 300


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; environment variables and the README's metadata fill the gaps."""
    # The last model in the metadata is the trained one; if there are two, the first is the base.
    models = (metadata_load(README) or {}).get("models") or []
    base = os.environ.get("DUALVIEW_BASE") or (models[0] if len(models) > 1 else None)
    model = os.environ.get("DUALVIEW_MODEL") or (models[-1] if models else None)
    where = "a folder, package:NAME/SUBPATH (inside an installed Python package) or a Hub id"
    parser = argparse.ArgumentParser(description="Flip an instruction and watch two rankings.")
    parser.add_argument("--base", default=base, help=f"base model: {where} (from the trained model's card)")
    parser.add_argument("--model", default=model, required=not model, help=f"trained model: {where}")
    parser.add_argument(
        "--dataset",
        default=os.environ.get("DUALVIEW_DATASET") or None,
        help="take examples and corpus from the test split of this dataset: a folder or a Hub id "
        "(the shipped examples)",
    )
    parser.add_argument(
        "--second-models",
        choices=("any", "listed"),
        default=None,
        help="models that visitors may compare with the base: any, or only the listed small ones and those "
        "in DUALVIEW_SECOND, separated by commas (any; as a Space or with --host: listed, and nothing else)",
    )
    parser.add_argument(
        "--mcp", action="store_true", help="also offer the API as MCP tools (needs pip install 'gradio[mcp]')"
    )
    parser.add_argument("--host", default=None, help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=None, help="port to listen on (the first free one from 7860)"
    )
    args = parser.parse_args(argv)
    # Whoever reaches the page from elsewhere could look for folders of this machine, or fill its disk.
    for_others = bool(os.environ.get("SPACE_ID") or args.host or os.environ.get("GRADIO_SERVER_NAME"))
    if for_others and args.second_models == "any":
        parser.error("--second-models any is for this machine alone: name models in DUALVIEW_SECOND instead")
    args.second_models = args.second_models or ("listed" if for_others else "any")
    return args


def allowed_models(choice: str) -> list[str] | None:
    """Return the second models that visitors may name; None for any."""
    if choice == "any":
        return None
    more = [name.strip() for name in os.environ.get("DUALVIEW_SECOND", "").split(",")]
    return [*SMALL_MODELS, *(name for name in more if name)]


def build(
    base: str | None, model: str, dataset: str | None, allowed: Sequence[str] | None = None
) -> Workbench:
    """Gather the models, examples and corpus of the page.

    Only the existence of the models is checked here; they are loaded on first use.

    :param base: the base model; None for the one in the trained model's card.
    :param allowed: second models that visitors may name; None for any.
    :raises FlipError: if a model or dataset is missing or unreadable.
    """
    base = base or named_base(model)
    if base is None and Path(model).expanduser().exists():
        raise FlipError(f"the card of {display_name(model)!r} names no base model: give one with --base")
    pool = ModelPool(base or DEFAULT_BASE, model, allowed)
    examples = load_examples(dataset)
    provenance = f"from the test split of {display_name(dataset)}" if dataset else SHIPPED_NOTE
    recording = read_recording(RECORDED, examples)
    reranked = sum(recording.reranked.values()) if recording.reranked else None
    results = Results(examples, recording.comparisons, reranked, recording.command)
    return Workbench(examples, pool, results, Corpus(examples), provenance, links(model, dataset))


def links(model: str, dataset: str | None) -> Links:
    """Return what the page links to: ids on the Hub that are no placeholders, and no folders here."""
    metadata = metadata_load(README) or {}
    space = os.environ.get("SPACE_ID", "")
    named = [model], [dataset] if dataset else list(metadata.get("datasets") or [])
    models, datasets = (
        tuple(
            one
            for one in found
            if _HUB_ID.fullmatch(one) and not one.startswith(PLACEHOLDER) and not Path(one).exists()
        )
        for found in named
    )
    return Links(models, datasets, space if _HUB_ID.fullmatch(space) else "")


def launch(page: gr.Blocks, args: argparse.Namespace) -> str:
    """Start serving in the background.

    :return: the URL of the page.
    :raises OSError: if the server cannot listen on the address.
    :raises FlipError: if MCP is requested and not installed.
    """
    if args.mcp and importlib.util.find_spec("mcp") is None:
        raise FlipError("--mcp needs a package that is not installed: pip install 'gradio[mcp]'")
    app_kwargs = {
        "lifespan": SessionSweeper(page).lifespan,
        "middleware": [Middleware(NoUploads)],
        "exception_handlers": HTTP_ERRORS,
    }
    _, url, _ = page.launch(
        server_name=args.host,
        server_port=args.port,
        theme=theme(),
        css_paths=CSS_FILES,
        footer_links=["api"],
        app_kwargs=app_kwargs,
        mcp_server=args.mcp,
        prevent_thread_lock=True,
        quiet=True,
        # Visitors' text is not stored, not even in their browser.
        run_history=False,
        share=False,
        ssr_mode=False,
        state_session_capacity=MAX_SESSIONS,
    )
    return url


def main(argv: Sequence[str] | None = None) -> int:
    """Run the Space until it is stopped.

    :return: the exit code: 0, or 2 for bad input.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    args = parse(argv)
    try:
        bench = build(args.base, args.model, args.dataset, allowed_models(args.second_models))
        page = build_page(bench)
        url = launch(page, args)
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"error: cannot listen on {args.host or 'this machine'}: {error}\n")
        return 2
    sys.stderr.write(f"Open {url} (Ctrl-C stops)\n")
    if lender() is None:
        # ZeroGPU gives a GPU to requests of visitors only, so the server cannot warm up there.
        threading.Thread(target=warm_up, args=(bench,), daemon=True).start()
    page.block_thread()
    return 0


if __name__ == "__main__":
    sys.exit(main())
