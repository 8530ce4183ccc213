"""The flags of the writer ``endpoint``."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from dualview.dataset_builder.llm.dialects import DIALECTS
from dualview.dataset_builder.number_types import positive_int

#: Flags that do not affect what is written: they are in no recipe.
OF_THE_MACHINE = frozenset(
    {
        "base_url",
        "budget",
        "budget_tokens",
        "concurrency",
        "dialect",
        "dry_run",
        "dry_run_ask",
        "dry_run_sample",
        "ledger",
        "ledger_only",
        "max_tries",
        "patience",
        "requests_per_minute",
        "timeout",
        "tokens_per_minute",
    }
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags to the command ``build``."""
    server = parser.add_argument_group(
        "writer endpoint: the server",
        "The API key is read from DUALVIEW_API_KEY. Without it, providers and Hugging Face's own hosts get\n"
        "the Hugging Face token (HF_TOKEN or `hf auth login`); no other server ever does. Proxies are taken\n"
        "from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; SOCKS is not supported.",
    )
    server.add_argument(
        "--base-url",
        action="append",
        metavar="URL",
        help="a server with OpenAI's protocol: TGI, vLLM, SGLang, llama.cpp, transformers serve …; "
        "several times for several servers of one model: requests go where there is room",
    )
    server.add_argument("--provider", help="an inference provider that huggingface_hub knows, or 'auto'")
    server.add_argument("--model", help="the model's name (default: the first that the server lists)")
    server.add_argument(
        "--dialect",
        choices=("auto", *DIALECTS),
        default="auto",
        help="form of the schema that the server gets; 'auto' tries them once (default: %(default)s)",
    )
    server.add_argument(
        "--ledger",
        type=Path,
        metavar="FILE",
        help="journal of requests and replies (default: OUT.ledger.sqlite)",
    )
    server.add_argument(
        "--ledger-only", action="store_true", help="ask nothing: build from the replies that the ledger has"
    )
    _add_writing(parser)
    _add_limits(parser)


def _add_writing(parser: argparse.ArgumentParser) -> None:
    writing = parser.add_argument_group("writer endpoint: what is written")
    writing.add_argument(
        "--reversals",
        choices=("one", "all"),
        default="one",
        help="reverse a set towards one of its instruction negatives, or towards each (default: %(default)s)",
    )
    writing.add_argument(
        "--style",
        type=_style,
        default="mix",
        metavar="STYLE",
        help="form of the instructions: typed (2 to 9 words), sentence, two-sentences, persona (a "
        "situation), shares such as typed=3,persona=1, mix (0.4, 0.3, 0.1 and 0.2), or free for the model's "
        "own choice; half of all but persona only exclude (default: %(default)s)",
    )
    writing.add_argument(
        "--example",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="show the model an example of good answers, of another domain than the item",
    )
    writing.add_argument(
        "--paraphrase",
        action="store_true",
        help="also write the original instruction in other words, a control",
    )
    writing.add_argument(
        "--temperature",
        type=_not_negative,
        default=0.7,
        metavar="T",
        help="of sampling (default: %(default)s)",
    )
    writing.add_argument(
        "--max-tokens",
        type=positive_int,
        default=1200,
        metavar="N",
        help="of a reply (default: %(default)s)",
    )
    writing.add_argument(
        "--passage-characters",
        type=positive_int,
        default=6000,
        metavar="N",
        help="length at which passages are cut in prompts (default: %(default)s)",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("writer endpoint: limits")
    limits.add_argument(
        "--concurrency",
        type=positive_int,
        default=32,
        metavar="N",
        help="requests in flight to each server, at most; an eighth at first, and more while the server "
        "keeps up; no more than llama.cpp has slots (default: %(default)s)",
    )
    limits.add_argument(
        "--requests-per-minute", type=_positive, metavar="N", help="to each server (default: no limit)"
    )
    limits.add_argument(
        "--tokens-per-minute",
        type=_positive,
        metavar="N",
        help="of prompts and replies, of each server (default: no limit)",
    )
    limits.add_argument(
        "--timeout",
        type=_positive,
        default=180.0,
        metavar="S",
        help="seconds for a reply, from when the server can have begun with it; after many time-outs, fewer "
        "requests are sent at once (default: %(default)g)",
    )
    limits.add_argument(
        "--max-tries",
        type=positive_int,
        default=8,
        metavar="N",
        help="of one request (default: %(default)s)",
    )
    limits.add_argument(
        "--patience",
        type=_positive,
        default=900.0,
        metavar="S",
        help="seconds to wait for a server that loads its model or answers nothing at all "
        "(default: %(default)g)",
    )
    limits.add_argument(
        "--prices",
        metavar="PRICES",
        help="per million tokens: PROMPT/REPLY, as 0.15/0.60, or a YAML file of MODEL: {prompt: 1, reply: 2}",
    )
    limits.add_argument(
        "--budget", type=_positive, metavar="MONEY", help="spend no more, on this ledger; needs --prices"
    )
    limits.add_argument(
        "--budget-tokens", type=positive_int, metavar="N", help="use no more tokens, on this ledger"
    )
    limits.add_argument(
        "--dry-run",
        action="store_true",
        help="build nothing: estimate requests, tokens, cost and time from a sample, those of --judge llm "
        "too, and ask nothing",
    )
    limits.add_argument(
        "--dry-run-ask",
        type=positive_int,
        default=0,
        metavar="N",
        help="ask about so many items after all, to see how long replies are and take (default: %(default)s)",
    )
    limits.add_argument(
        "--dry-run-sample",
        type=positive_int,
        default=100,
        metavar="N",
        help="items whose prompts are measured for --dry-run (default: %(default)s)",
    )


def _style(text: str) -> str:
    """A value of ``--style`` as it was given, once it is known to be one."""
    from dualview.dataset_builder.writers.endpoint.styles import read_shares

    read_shares(text)
    return text


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
    return number


def _not_negative(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 on")
    return number
