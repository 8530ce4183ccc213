"""The pipeline: source → writer → rules → judge → rows; little memory, and a folder that appears whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from dualview.cards.dataset_card import write_dataset_card
from dualview.cards.errors import InputError
from dualview.dataset_builder.build.build_settings import BuildSettings, DatasetBuild
from dualview.dataset_builder.build.card_facts import card_facts
from dualview.dataset_builder.build.engines import Engine, LocalEngine
from dualview.dataset_builder.build.recipe import make_recipe
from dualview.dataset_builder.build.stages import CheckedItem
from dualview.dataset_builder.build.statistics import Statistics
from dualview.dataset_builder.compositions.drawing import draw_rows
from dualview.dataset_builder.compositions.topics import TopicSample
from dualview.dataset_builder.judges.judge_protocol import AnyJudge
from dualview.dataset_builder.output.folder import expand_user, output_folder, writing_to
from dualview.dataset_builder.output.rows import (
    dual_view_row,
    plain_row,
    practical_row,
    rejected_row,
    triplet_rows,
)
from dualview.dataset_builder.output.shards import DatasetWriter
from dualview.dataset_builder.output.staging import RECIPE
from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.schema import SPLITS, ViewSet
from dualview.dataset_builder.sources.source_protocol import Source
from dualview.dataset_builder.splits.leaks import LeakCheck
from dualview.dataset_builder.splits.plan import plan_splits
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, CorpusWriter

STATISTICS = "statistics.json"
_SHOWN_ROWS = 3
_T = TypeVar("_T")


def run_build(
    settings: BuildSettings,
    sources: Sequence[Source],
    writers: Sequence[AnyWriter],
    judge: AnyJudge | None = None,
    engine: Engine | None = None,
) -> DatasetBuild:
    """Build a dataset into its folder.

    :param engine: runs the stages; None for this process.
    :raises InputError: if the sources, the writers or the folder cannot be used, or nothing was accepted.
    """
    with output_folder(settings.out, settings.overwrite) as folder:
        read = _show_progress(chain.from_iterable(sources), "Reading")
        learning = [writer for writer in writers if isinstance(writer, CorpusWriter)]
        corpus = Corpus(_languages(sources))
        known = corpus.learn(read) if learning or settings.compositions else read
        plan = plan_splits(known, settings.shares, settings.seed)
        for writer in learning:
            writer.use_corpus(corpus)
        sample = TopicSample(corpus, settings.compositions, settings.seed) if settings.compositions else None
        statistics, leaks = Statistics(), LeakCheck()
        dataset = DatasetWriter(folder, settings.out)
        try:
            placed = plan.place(chain.from_iterable(sources))
            with (engine or LocalEngine()).process(placed, writers, judge) as checked:
                shown = _show_progress(checked, "Writing", len(plan))
                examples = _write_rows(shown, dataset, statistics, leaks, sample)
            if sample is not None:
                _write_compositions(sample, settings, dataset)
            written = dataset.finish()
        finally:
            dataset.close()
        _must_hold(statistics, leaks)
        facts = [source.describe() for source in sources]
        with writing_to(settings.out):
            _write_json(folder / RECIPE, make_recipe(settings.arguments, facts, writers, judge, statistics))
            name = None if judge is None else judge.name
            _write_json(folder / STATISTICS, statistics.as_dict(written.rows, leaks.count(), name))
        write_dataset_card(
            folder,
            card_facts(
                name=settings.name,
                command=settings.command,
                sources=facts,
                writers=writers,
                judge=judge,
                statistics=statistics,
                written=written,
                examples=examples,
            ),
        )
    return DatasetBuild(
        expand_user(settings.out),
        written.rows,
        statistics.yields(),
        statistics.rejected_by_reason(),
        statistics.without_pairs_by_reason(),
    )


def _write_rows(
    checked: Iterable[CheckedItem],
    dataset: DatasetWriter,
    statistics: Statistics,
    leaks: LeakCheck,
    sample: TopicSample | None,
) -> list[dict[str, Any]]:
    """Write the rows of all configs but ``compositions``; return rows of the first sets of each source.

    :param sample: takes the topics of the items.
    """
    examples: dict[str, list[dict[str, Any]]] = {}
    for item in checked:
        statistics.add(item)
        split = item.placed.split
        for place, (pair, judgement) in enumerate(item.accepted):
            row = dual_view_row(pair, judgement)
            shown = examples.setdefault(pair.source, [])
            if place == 0 and len(shown) < _SHOWN_ROWS:
                shown.append(row)
            leaks.add(split, row)
            dataset.add("dual_view", split, row)
            for triplet in triplet_rows(pair):
                dataset.add("triplets", split, triplet)
        if not item.placed.repeated:
            row = plain_row(item.placed.item, [pair for pair, _ in item.accepted])
            leaks.add(split, row)
            dataset.add("plain", split, row)
            if sample is not None:
                sample.add(split, item.placed.item)
            if isinstance(item.placed.item, ViewSet):
                row = practical_row(item.placed.item)
                leaks.add(split, row)
                dataset.add("practical", split, row)
        for rejection in item.rejected:
            row = rejected_row(rejection)
            leaks.add(split, row)
            dataset.add("rejected", split, row)
    # One of each source first, so that the card shows what kinds there are.
    return [rows[place] for place in range(_SHOWN_ROWS) for rows in examples.values() if place < len(rows)]


def _write_compositions(sample: TopicSample, settings: BuildSettings, dataset: DatasetWriter) -> None:
    """Write the rows of ``compositions``: as many for each query in every split."""
    training = max(1, sample.seen[SPLITS[0]])
    for split in SPLITS:
        most = min(settings.compositions, round(settings.compositions * sample.seen[split] / training))
        for row in draw_rows(sample.topics(split), split, most, settings.seed):
            dataset.add("compositions", split, row)


def _languages(sources: Sequence[Source]) -> dict[str, str]:
    """The language of each source that states one, by the source's name."""
    known = [getattr(source, "facts", None) for source in sources]
    return {facts.name: facts.languages[0] for facts in known if facts is not None and facts.languages}


def _must_hold(statistics: Statistics, leaks: LeakCheck) -> None:
    """Refuse an empty dataset, or one whose splits leak."""
    if not statistics.accepted:
        reasons = ", ".join(f"{reason} {count}" for reason, count in statistics.rejected_by_reason().items())
        raise InputError(
            f"none of {statistics.items.total()} items gave a pair of instructions "
            f"({reasons or 'nothing was written'}); look at the sources, or name another writer"
        )
    if any(leaks.count().values()):
        raise RuntimeError(f"the splits leak: {leaks.count()}; nothing was published")


def _show_progress(items: Iterable[_T], what: str, total: int | None = None) -> Iterator[_T]:
    """Pass the items through a bar on standard error; there is none without a terminal."""
    return iter(tqdm(items, what, total, unit=" items", file=sys.stderr, disable=None, mininterval=0.5))


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
