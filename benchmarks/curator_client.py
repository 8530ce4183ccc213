"""Sends prompts with Bespoke Curator, for ``benchmarks/endpoint.py --beside curator``.

Run by the Python of an environment of its own, in which ``bespokelabs-curator`` is installed; it imports
nothing of the project. It prints one line of JSON: requests, seconds and peak memory in MB.
"""

import argparse
import importlib.util
import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ["TELEMETRY_ENABLED"] = "false"
os.environ["CURATOR_DISABLE_RICH_DISPLAY"] = "1"
os.environ.setdefault("OPENAI_API_KEY", "unused")

# A minute's limits that never hold: what is compared is the requests in flight.
_NO_LIMIT = 10**9


def _use_bundled_tokens() -> None:
    """Have the estimate of tokens read the table that litellm brings, rather than download it."""
    found = importlib.util.find_spec("litellm")
    if found is not None and found.origin is not None:
        tables = Path(found.origin).parent / "litellm_core_utils" / "tokenizers"
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(tables))


def main() -> None:
    """Send all prompts of a file and keep the replies in a folder, which a later run goes on with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--prompts", type=Path, required=True, help="JSONL: the messages of a request each")
    parser.add_argument("--work", type=Path, required=True, help="folder of the replies")
    parser.add_argument("--in-flight", type=int, required=True)
    args = parser.parse_args()
    _use_bundled_tokens()
    from bespokelabs import curator

    class Asking(curator.LLM):
        """Sends each row's messages as they are."""

        def prompt(self, row: dict) -> list:
            return json.loads(row["messages"])

        def parse(self, row: dict, response: str) -> dict:
            return {"reply": response}

    rows = [{"messages": line} for line in args.prompts.read_text(encoding="utf-8").splitlines()]
    limits = {
        "max_requests_per_minute": _NO_LIMIT,
        "max_tokens_per_minute": _NO_LIMIT,
        "max_concurrent_requests": args.in_flight,
        "max_retries": 30,
    }
    llm = Asking(
        model_name="made-up",
        backend="openai",
        generation_params={"max_tokens": 1200, "temperature": 0.7},
        backend_params={"base_url": args.url, "request_timeout": 60, **limits},
    )
    started = time.perf_counter()
    replies = llm(rows, working_dir=str(args.work)).dataset
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    sys.stdout.write(json.dumps({"requests": len(replies), "seconds": seconds, "peak": peak}) + "\n")


if __name__ == "__main__":
    main()
