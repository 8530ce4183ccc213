"""Flip an instruction and watch two rankings: a base retriever and a dual-view one, side by side.

Locally: python app.py --base FOLDER_OR_ID --model FOLDER_OR_ID [--dataset FOLDER_OR_ID] [--host] [--port]
As a Space: no arguments; models come from DUALVIEW_BASE and DUALVIEW_MODEL, or from the README's metadata.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from huggingface_hub import metadata_load

from flip_compare import OpeningCache
from flip_examples import load_examples
from flip_models import Encoder, display_name
from flip_page import build_page
from flip_style import CSS_FILE, theme
from flip_types import FlipError

README = Path(__file__).with_name("README.md")
SHIPPED_NOTE = "shipped with this Space; a model trained on the project's seeds may have seen it"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; environment variables and the README's metadata fill the gaps."""
    models = (metadata_load(README) or {}).get("models", [])
    base = os.environ.get("DUALVIEW_BASE") or (models[0] if models else None)
    model = os.environ.get("DUALVIEW_MODEL") or (models[1] if len(models) > 1 else None)
    where = "a folder, package:NAME/SUBPATH (inside an installed Python package) or a Hub id"
    parser = argparse.ArgumentParser(description="Flip an instruction and watch two rankings.")
    parser.add_argument("--base", default=base, required=not base, help=f"base model: {where}")
    parser.add_argument("--model", default=model, required=not model, help=f"trained model: {where}")
    parser.add_argument(
        "--dataset",
        default=os.environ.get("DUALVIEW_DATASET") or None,
        help="take examples from the test split of this dataset: a folder or a Hub id (the shipped examples)",
    )
    parser.add_argument("--host", default=None, help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=None, help="port to listen on (the first free one from 7860)"
    )
    return parser.parse_args(argv)


def build(base: str, model: str, dataset: str | None) -> tuple[gr.Blocks, OpeningCache]:
    """Build the page; models are checked for existence and loaded later, on first use.

    :raises FlipError: if a model or dataset is missing or unreadable.
    """
    base_encoder, trained_encoder = Encoder(base), Encoder(model)
    examples = load_examples(dataset)
    provenance = f"from the test split of {display_name(dataset)}" if dataset else SHIPPED_NOTE
    opening = OpeningCache(examples, base_encoder, trained_encoder)
    return build_page(examples, base_encoder, trained_encoder, opening, provenance), opening


def warm_up(opening: OpeningCache) -> None:
    """Load the models and find the opening example before the first visitor asks."""
    try:
        opening.get()
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the Space until it is stopped.

    :return: 0, or 2 when the input was bad.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    args = parse(argv)
    try:
        page, opening = build(args.base, args.model, args.dataset)
        _, url, _ = page.launch(
            server_name=args.host,
            server_port=args.port,
            theme=theme(),
            css_paths=CSS_FILE,
            footer_links=["api"],
            ssr_mode=False,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
        )
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"error: cannot listen on {args.host or 'this machine'}: {error}\n")
        return 2
    sys.stderr.write(f"Open {url} (Ctrl-C stops)\n")
    threading.Thread(target=warm_up, args=(opening,), daemon=True).start()
    page.block_thread()
    return 0


if __name__ == "__main__":
    sys.exit(main())
