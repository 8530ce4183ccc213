"""Data of a training run: training rows of one or more datasets, and the validation split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasets import Dataset, DatasetDict, IterableDataset, concatenate_datasets

from dualview.cards.errors import InputError
from dualview.trainer.data.candidate_rows import (
    NEEDED_COLUMNS,
    RowPlan,
    candidate_rows,
    plain_rows,
    stream_candidate_rows,
)
from dualview.trainer.data.compositions import COLUMNS, load_compositions
from dualview.trainer.data.fingerprint import fingerprint_of
from dualview.trainer.data.mixtures import MIXTURES, mix
from dualview.trainer.data.published import languages_of, load_config, load_rows, needed_split
from dualview.trainer.data.weights import (
    check_sources,
    parse_weighted,
    repeat_rows,
    share_budget,
    without_left_out,
)
from dualview.trainer.settings.training import TrainingSettings

# Size of the buffer in which streamed rows are shuffled.
_SHUFFLE_BUFFER = 10_000


@dataclass(frozen=True)
class DualViewData:
    """Data of a training run.

    :param rows: training rows; under the key ``plain`` those without instructions.
    :param validation: ``dual_view`` rows of the validation split; None where nothing is evaluated.
    :param example: a ``dual_view`` row, for the card.
    :param mixture: counts of rows and views, for the card.
    :param fingerprint: hash of the rows' content, the same from a folder and from the Hub.
    :param languages: language codes in the datasets' cards.
    :param levers: levers of the reversals, the most frequent first.
    :param compositions: splits of the config ``compositions``, where the loss has the term ``compose``.
    """

    rows: DatasetDict | IterableDataset
    validation: Dataset | None
    example: Mapping[str, Any]
    mixture: dict[str, int]
    fingerprint: str
    languages: tuple[str, ...]
    levers: tuple[str, ...]
    compositions: DatasetDict | None = None


def load_training_data(settings: TrainingSettings) -> DualViewData:
    """Load what a training run needs.

    :raises InputError: see :func:`~dualview.trainer.data.published.load_rows`,
        :func:`~dualview.trainer.data.published.needed_split`,
        :func:`~dualview.trainer.data.compositions.load_compositions` and
        :func:`~dualview.trainer.data.mixtures.mix`.
    """
    weighted = [parse_weighted(name) for name in settings.dataset]
    names = [name for name, _ in weighted]
    if settings.streaming:
        return _stream(settings, names[0])
    loaded = [load_rows(name) for name in names]
    train = [needed_split(splits, "train", name) for splits, name in zip(loaded, names, strict=True)]
    validation = []
    if settings.evaluations:
        weights = settings.source_weights
        validation = [
            _validation(without_left_out(s, weights), name) for s, name in zip(loaded, names, strict=True)
        ]
    check_sources(settings.source_weights, train)
    budgets = share_budget(settings.budget, [weight for _, weight in weighted])
    parts, mixture = [], Counter[str]()
    for rows, (name, weight), budget in zip(train, weighted, budgets, strict=True):
        part, counts = _rows_of(rows, name, weight, budget, settings)
        parts.append(_own_ids(part, name) if len(names) > 1 else part)
        mixture.update(counts)
    training = DatasetDict({"dual_view": concatenate_datasets(parts)})
    if settings.plain_share:
        training["plain"] = _plain(names, settings, len(training["dual_view"]))
        mixture["plain rows"] = len(training["plain"])
    fingerprint, compositions = fingerprint_of(loaded), None
    languages = tuple(dict.fromkeys(code for name in names for code in languages_of(name)))
    if settings.compose_weight:
        compositions = load_compositions(names, validation=bool(settings.evaluations))
        fingerprint += f", compositions {fingerprint_of([compositions], COLUMNS)}"
        mixture["queries with phrases to compose"] = len(compositions["train"])
    weight_of = settings.source_weights.get
    levers = Counter(
        lever
        for rows in train
        for lever, source in zip(rows["lever"], rows["source"], strict=True)
        if lever and weight_of(source, 1.0) > 0
    )
    return DualViewData(
        rows=training,
        validation=_joined_validation(validation),
        example=(validation or train)[0][0],
        mixture=dict(mixture),
        fingerprint=fingerprint,
        languages=languages,
        levers=tuple(lever for lever, _ in levers.most_common(12)),
        compositions=compositions,
    )


def _validation(splits: DatasetDict, name: str) -> Dataset:
    return needed_split(splits, "validation", name, "; with evaluations: 0, training needs none")


def _joined_validation(parts: list[Dataset]) -> Dataset | None:
    columns = list(NEEDED_COLUMNS)
    return concatenate_datasets([rows.select_columns(columns) for rows in parts]) if parts else None


def _rows_of(
    rows: Dataset, name: str, weight: float, budget: int, settings: TrainingSettings
) -> tuple[Dataset, dict[str, int]]:
    """Return the training rows of one dataset, and the counts of rows and views in them."""
    if settings.mixture:
        return mix(
            rows,
            settings.mixture,
            budget,
            settings.seed,
            origin=f"dataset {name}",
            pairs_per_row=settings.pairs_per_row,
            reversed_share=settings.reversed_share,
        )
    joined = candidate_rows(rows, plan_of(settings))
    weights = {source: weight * times for source, times in settings.source_weights.items()}
    repeated = repeat_rows(joined, weights, weight)
    return repeated, _counts(rows, joined, repeated)


def _counts(rows: Dataset, joined: Dataset, repeated: Dataset) -> dict[str, int]:
    """Count rows and views; weights leave out sources, and parts of them."""
    if repeated is joined:  # all rows once: no text need be in memory
        views = sum(map(len, joined["instructions"]))
    else:
        keys = zip(repeated["query_id"], repeated["source"], strict=True)
        went_in = set(zip(keys, map(tuple, repeated["instructions"]), strict=True))
        views = sum(len(texts) for _, texts in went_in)
        asked = {(*key, text) for key, texts in went_in for text in texts}
        originals = zip(rows["query_id"], rows["source"], rows["instruction"], strict=True)
        rows = rows.select([place for place, original in enumerate(originals) if original in asked])
    return {
        "candidate sets": len(set(rows["set_id"])),
        "queries": len(set(rows["query_id"])),
        "pairs of opposite instructions": len(rows),
        "instructed views": views,
        "training rows, repetitions included": len(repeated),
    }


def _own_ids(rows: Dataset, name: str) -> Dataset:
    """Put the dataset's name before its query ids, as another dataset may use the same ids."""
    ids = [f"{name}#{query_id}" for query_id in rows["query_id"]]
    return rows.remove_columns("query_id").add_column("query_id", ids).select_columns(rows.column_names)


def plan_of(settings: TrainingSettings) -> RowPlan:
    """Return the plan that makes training rows of published rows."""
    if settings.mixture:
        mixture = MIXTURES[settings.mixture]
        return RowPlan(settings.pairs_per_row, mixture.views, mixture.neutral, settings.reversed_share)
    views = ("original", "reversed", *(["paraphrase"] if settings.paraphrases else []))
    neutral = settings.neutral_weight > 0 or settings.keep_weight > 0
    return RowPlan(settings.pairs_per_row, views, neutral)


def _plain(names: list[str], settings: TrainingSettings, others: int) -> Dataset:
    """Return plain rows, repeated or cut to their share of all rows."""
    parts = []
    for name in names:
        rows = plain_rows(needed_split(load_config(name, "plain"), "train", f"{name}, config plain"))
        parts.append(_own_ids(rows, name) if len(names) > 1 else rows)
    joined = concatenate_datasets(parts)
    wanted = others * settings.plain_share / (1 - settings.plain_share)
    return repeat_rows(joined, {}, wanted / len(joined))


def _stream(settings: TrainingSettings, name: str) -> DualViewData:
    """Prepare to read the training split while training, and load the validation split."""
    rows = needed_split(load_rows(name, streaming=True), "train", name)
    if settings.mixture and settings.budget:
        raise InputError(
            "streaming reads the rows in their order and takes no budget; leave out --budget or --streaming"
        )
    validation, fingerprint, levers = None, "streamed", ()
    if settings.evaluations:
        validation = _loaded_validation(name)
        fingerprint += f", validation {fingerprint_of([DatasetDict(validation=validation)])}"
        levers = tuple(lever for lever, _ in Counter(validation["lever"]).most_common(12))
    return DualViewData(
        rows=stream_candidate_rows(rows, plan_of(settings), _SHUFFLE_BUFFER, settings.seed),
        validation=_joined_validation([validation] if validation else []),
        example=next(iter(validation or rows)),
        mixture={},
        fingerprint=fingerprint,
        languages=tuple(languages_of(name)),
        levers=levers,
    )


def _loaded_validation(name: str) -> Dataset:
    """Load the validation split of a streamed dataset."""
    streamed = _validation(load_rows(name, streaming=True), name)
    rows = Dataset.from_list(list(streamed), features=streamed.features)
    return _validation(DatasetDict(validation=rows), name)
