"""What the server ranks before anybody asks."""

from __future__ import annotations

from flip.engine.compare import queries_of
from flip.page.stage import Workbench
from flip.types import FlipError


def warm_up(bench: Workbench) -> None:
    """Rank the example that the page opens on, then all counted ones, then encode the rest of the corpus."""
    try:
        opening = bench.results.opening()
        if opening is not None:
            bench.run(opening.comparison.example, None)
        scored = bench.results.scored
        texts = [passage.joined for example in scored for passage in example.passages]
        for encoder in (bench.pool.base, bench.pool.trained):
            encoder.encode(texts, "passage")
            # In batches, which takes less than half as long as query by query.
            encoder.encode([query for example in scored for query in queries_of(example, encoder)], "query")
        for example in scored:
            bench.run(example, None)
        rest = [passage.joined for passage in bench.corpus.passages]
        for encoder in (bench.pool.trained, bench.pool.base):
            encoder.encode(rest, "passage")
    except FlipError as error:
        # The log has the line already.
        bench.results.trouble = error.sentence
