"""Record how two models rank the shipped examples, so that the page can show it before any model is there.

python -m flip.record --model FOLDER_OR_ID [--base FOLDER_OR_ID] [--reranker FOLDER_OR_ID]

Run it in the folder of app.py, after flip.ship_examples. It writes flip/text/recorded.json; the same models
and examples give the same file. --name is what the page calls the model, if its card says something else.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from flip.engine.compare import Comparison, compare
from flip.engine.locations import named_base, resolve_model
from flip.engine.models import Encoder
from flip.engine.roles import BASE_ROLE, TRAINED_ROLE
from flip.results.outcomes import OUTCOMES, outcome_of, tally
from flip.results.recording import RECORDED, Recording, write_recording
from flip.text.examples import SHIPPED, load_shipped
from flip.types import Example, FlipError


def record(examples: Sequence[Example], base: Encoder, trained: Encoder) -> dict[str, Comparison]:
    """Return the results of both models by set id.

    :raises FlipError: if a model cannot be run.
    """
    # All passages at once, in batches of similar length.
    texts = [passage.joined for example in examples for passage in example.passages]
    for encoder in (base, trained):
        encoder.encode(texts, "passage")
    return {example.set_id: compare(example, base, trained) for example in examples}


def rerank(examples: Sequence[Example], reference: str) -> dict[str, bool]:
    """Tell by set id whether a reranker puts the relevant passage of every view first.

    :param reference: a CrossEncoder: a folder or a Hub id.
    :raises FlipError: if there is no such model.
    """
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(resolve_model(reference))
    obeyed = {}
    for example in examples:
        firsts = []
        for view in example.views:
            pairs = [(f"{example.query} {view.instruction}", one.joined) for one in example.passages]
            scores = model.predict(pairs, show_progress_bar=False)
            best = max(zip(scores, example.passages, strict=True), key=lambda pair: (pair[0], pair[1].docid))
            firsts.append(best[1].docid == view.wanted)
        obeyed[example.set_id] = all(firsts)
    return obeyed


def by_kind(comparisons: Iterable[Comparison]) -> Iterator[str]:
    """Count the outcomes of each kind of examples, and the instructions that each model obeys, in words."""
    kinds: dict[str, list[Comparison]] = {}
    for one in comparisons:
        kinds.setdefault(one.example.views[0].kind, []).append(one)
    for kind, some in kinds.items():
        found = Counter(map(outcome_of, some))
        told = ", ".join(f"{outcome} {found[outcome]}" for outcome in OUTCOMES)
        base = sum(sum(one.base.right or ()) for one in some)
        trained = sum(sum(one.trained.right or ()) for one in some)
        views = sum(len(one.example.views) for one in some)
        yield f"{kind} {len(some)}: {told}; instructions right {base} and {trained} of {views}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool.

    :return: the exit code: 0, or 2 for bad input.
    """
    parser = argparse.ArgumentParser(
        prog="python -m flip.record",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = "a folder, package:NAME/SUBPATH or a Hub id"
    parser.add_argument("--model", required=True, help=f"the trained model: {where}")
    parser.add_argument("--base", help=f"the base model: {where} (default: that of the model's card)")
    parser.add_argument("--reranker", help="a CrossEncoder to count beside them: a folder or a Hub id")
    parser.add_argument("--name", help="name of the trained model on the page (default: as in its card)")
    parser.add_argument("--out", type=Path, default=RECORDED, help="the file (flip/text/recorded.json)")
    args = parser.parse_args(argv)
    examples = load_shipped(SHIPPED)
    try:
        base = args.base or named_base(args.model)
        if base is None:
            raise FlipError("the model's card names no base model: give one with --base")
        encoders = Encoder(base, BASE_ROLE), Encoder(args.model, TRAINED_ROLE)
        if args.name:
            encoders[1].name = args.name
        comparisons = record(examples, *encoders)
        reranked = rerank(examples, args.reranker) if args.reranker else {}
    except FlipError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    command = f"python -m flip.record --model {encoders[1].linked_as}"
    comparisons = {name: replace(one, is_recorded=True) for name, one in comparisons.items()}
    write_recording(args.out, Recording(comparisons, args.reranker or "", reranked, command))
    counts = tally(list(comparisons.values()))
    if counts is not None:
        told = ", ".join(f"{outcome} {counts.counts[outcome]}" for outcome in OUTCOMES)
        with_reranker = f"; reranker {sum(reranked.values())}" if reranked else ""
        sys.stderr.write(
            f"{args.out.name}: {counts.total} examples; both instructions obeyed: {counts.base_name} "
            f"{counts.base}, {counts.trained_name} {counts.trained}{with_reranker}. By outcome: {told}.\n"
        )
        for line in by_kind(comparisons.values()):
            sys.stderr.write(f"  {line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
