"""Has a real language model write reversals, and counts what comes of them.

    python benchmarks/real_llm.py --gguf MODEL.gguf --sets 40
    python benchmarks/real_llm.py --base-url http://localhost:8080/v1 --sets 40 --judge
    python benchmarks/real_llm.py --gguf MODEL.gguf --no-example --style typed

``--gguf`` starts llama.cpp's server (the package xllamacpp, of the Python that DUALVIEW_LLAMA_PYTHON names,
else of this one) with one slot: one request after the other, each beginning with what the server still has
in its cache. The sets are shipped ones of the training split, dealt over all domains. For every set it
prints the outcome, tokens, those from the cache, seconds and the reversal; at the end the sums. ``--judge``
has the same model judge both views of every reversal. ``--prices 0.15/0.60``, for a million tokens of prompt
and reply, adds what a thousand sets would cost. ``--minutes`` ends a run early; the same command goes on,
since every reply is in the ledger (``--ledger``).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.judges.language_model import LanguageModelJudge
from dualview.dataset_builder.judges.relevance_questions import AskingSettings
from dualview.dataset_builder.judges.views import views_of
from dualview.dataset_builder.llm.budget import Price, read_price
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.conversation import SECOND, Sampling
from dualview.dataset_builder.llm.ledger import read_ledger
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
from dualview.dataset_builder.schema import SPLITS, CandidateSet, ViewPair
from dualview.dataset_builder.sources import shipped
from dualview.dataset_builder.splits.plan import SplitShares, plan_splits
from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter
from dualview.dataset_builder.writers.endpoint.styles import MIX, read_shares
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings

_ROOT = Path(__file__).resolve().parent.parent
_NO_ANSWER = ("unreadable", "wrong_form", "cut_off")


def main() -> None:
    """Write, print and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    server = parser.add_mutually_exclusive_group(required=True)
    server.add_argument("--gguf", type=Path, help="a model for llama.cpp")
    server.add_argument("--base-url", help="a server that runs already")
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--style", type=read_shares, default=MIX, help="as of dualview build")
    parser.add_argument("--example", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--judge", action="store_true", help="judge both views with the same model")
    parser.add_argument("--prices", help="of the model, for the sums")
    parser.add_argument("--ledger", type=Path, help="(default: runs/real_llm/MODEL.ledger.sqlite)")
    parser.add_argument("--minutes", type=float, help="begin no set after so many minutes")
    parser.add_argument("--threads", type=int, default=1, help="of the server (default: %(default)s)")
    parser.add_argument("--max-tokens", type=int, default=400, help="of a reply (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=3600.0, help="seconds for a reply")
    args = parser.parse_args()
    ledger = (
        args.ledger or _ROOT / "runs" / "real_llm" / f"{(args.gguf or Path('server')).stem}.ledger.sqlite"
    )
    ledger.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        url = args.base_url or stack.enter_context(serve(args.gguf, args.threads, ledger.with_suffix(".log")))
        run = LlmRun.open(ledger)
        stack.callback(run.close)
        settings = ClientSettings(base_url=url, timeout=args.timeout, concurrency=1)
        client = open_llm_client(settings, run)
        asyncio.run(measure(client, run, choose_sets(args.sets), args))


def choose_sets(count: int) -> list[CandidateSet]:
    """Shipped candidate sets of the training split: the first of each domain, then the second, and so on."""
    (source,) = shipped.open_sources("sets")
    items = [item for item in source if isinstance(item, CandidateSet)]
    plan = plan_splits(items, SplitShares(), 0)
    by_domain: dict[str | None, list[CandidateSet]] = {}
    for placed in plan.place(items):
        if placed.split == SPLITS[0] and isinstance(placed.item, CandidateSet):
            by_domain.setdefault(placed.item.domain, []).append(placed.item)
    longest = max(map(len, by_domain.values()))
    dealt = [sets[place] for place in range(longest) for sets in by_domain.values() if place < len(sets)]
    return dealt[:count]


@dataclass
class Totals:
    """Counts of a run."""

    sets: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    first: Counter[str] = field(default_factory=Counter)
    second: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)


async def measure(
    client: LlmClient, run: LlmRun, sets: Sequence[CandidateSet], args: argparse.Namespace
) -> None:
    """Write the sets one after the other, judge what was written, and print the sums."""
    writing = WritingSettings(styles=args.style, example=args.example)
    writer = EndpointWriter(client, run, writing, Sampling(max_tokens=args.max_tokens, seed=0), 1)
    totals, pairs, ends = Totals(), [], time.monotonic() + 60 * (args.minutes or 1e9)
    for item in sets:
        if time.monotonic() > ends:
            break
        (outcome,) = await writer.write_async(item)
        totals.sets += 1
        reason = "written" if isinstance(outcome, ViewPair) else outcome.reason
        totals.outcomes[reason] += 1
        spent = _count_requests(run.ledger.path, f"{item.set_id} > %", totals)
        say(f"{totals.sets:3} {item.set_id:16} {reason:20} {spent}")
        say(f"      {item.query} | {item.instruction}\n      -> {outcome.reversed_instruction}")
        if isinstance(outcome, ViewPair):
            pairs.append(outcome)
    if args.judge:
        judge = LanguageModelJudge(client, run, Thresholds(), AskingSettings(), 0, 1)
        for pair in pairs:
            if time.monotonic() > ends:
                break
            await _judge(judge, pair, totals)
        _count_requests(run.ledger.path, None, totals)
    await client.close()
    say(summary(totals, read_price(args.prices, client.model) if args.prices else None))


async def _judge(judge: LanguageModelJudge, pair: ViewPair, totals: Totals) -> None:
    """Judge both views: at a threshold of one half, and by which passage has the highest probability."""
    scores = [await judge.score_async(view) for view in views_of(pair, 0)]
    shown = ["/".join("?" if p is None else f"{p:.2f}" for p in found) for found in scores]
    totals.judged["pairs"] += 1
    if any(p is None for found in scores for p in found):
        totals.judged["without an answer"] += 1
        say(f"judged {pair.set_id:16} {' '.join(shown)} no answer")
        return
    highest = [
        max(range(len(found)), key=lambda place: found[place] or 0.0) == wanted
        for wanted, found in enumerate(scores)
    ]
    strict = all(
        ((p or 0.0) >= 0.5) == (place == wanted)
        for wanted, found in enumerate(scores)
        for place, p in enumerate(found)
    )
    totals.judged["right both ways, highest of the set"] += all(highest)
    totals.judged["reversal right, highest of the set"] += highest[1]
    totals.judged["right both ways at 0.5"] += strict
    say(f"judged {pair.set_id:16} {' '.join(shown)} {'right' if all(highest) else 'wrong'}")


def _count_requests(path: Path, subject: str | None, totals: Totals) -> str:
    """Add the requests about a set, or all of the judge, to the totals; returns them in words."""
    which = "task LIKE 'judge%'" if subject is None else "subject LIKE :subject AND task NOT LIKE 'judge%'"
    kind = "judging" if subject is None else "writing"
    with read_ledger(path) as db:
        rows = db.execute(
            "SELECT task, outcome, prompt_tokens, completion_tokens, cached_tokens, seconds FROM requests "
            f"WHERE {which} AND reply IS NOT NULL ORDER BY answered_at",
            {"subject": subject},
        ).fetchall()
    before = totals.tokens.copy()
    for task, outcome, prompt, reply, cached, seconds in rows:
        if subject is not None:
            (totals.second if task.endswith(SECOND) else totals.first)[outcome] += 1
        totals.tokens.update({f"{kind} requests": 1, f"{kind} prompt": prompt, f"{kind} reply": reply})
        totals.tokens[f"{kind} cached"] += cached or 0
        totals.seconds[kind] += seconds
    new = totals.tokens - before
    return (
        f"{new[f'{kind} prompt']} tokens, {new[f'{kind} cached']} cached, {new[f'{kind} reply']} written, "
        f"{sum(row[5] for row in rows):.0f} s"
    )


def summary(totals: Totals, price: Price | None) -> str:
    """The sums in lines."""
    first = sum(totals.first.values())
    valid = first - sum(totals.first[reason] for reason in _NO_ANSWER)
    lines = [
        f"\n{totals.sets} sets: {_counts(totals.outcomes)}",
        f"first tries: {first}, valid {valid}: {_counts(totals.first)}",
        f"second tries: {sum(totals.second.values())}: {_counts(totals.second)}",
    ]
    for kind in ("writing", "judging"):
        requests = totals.tokens[f"{kind} requests"]
        if requests:
            prompt, replied = totals.tokens[f"{kind} prompt"], totals.tokens[f"{kind} reply"]
            cached = totals.tokens[f"{kind} cached"] / max(1, prompt)
            thousand = [round(1000 * count / totals.sets) for count in (prompt, replied)]
            cost = "" if price is None else f", {price.of(*thousand):.2f} in money"
            lines.append(
                f"a thousand sets, {kind}: {thousand[0]:,} prompt tokens, {thousand[1]:,} reply tokens{cost}"
            )
            lines.append(
                f"{kind}: {requests} requests, {prompt:,} prompt tokens, {cached:.1%} from the cache, "
                f"{replied:,} reply tokens, {totals.seconds[kind]:,.0f} s"
            )
    if totals.judged:
        lines.append(f"judged: {_counts(totals.judged)}")
    return "\n".join(lines)


@contextlib.contextmanager
def serve(model: Path, threads: int, log: Path) -> Iterator[str]:
    """Run llama.cpp's server on a free port; it is given to the caller while it may still be loading."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [os.environ.get("DUALVIEW_LLAMA_PYTHON", sys.executable), "-m"]
    command += ["tests.dataset_builder.llm_server.llama", str(model.resolve()), str(port)]
    command += ["--slots", "1", "--context", "8192", "--threads", str(threads)]
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=_ROOT, stdout=file, stderr=file)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                raise SystemExit(f"the server ended: see {log}")
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def say(text: str) -> None:
    """Print at once, for a run that takes hours."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"


if __name__ == "__main__":
    main()
