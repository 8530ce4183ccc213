"""Facts about a built dataset, from which its card is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datasets import Features


@dataclass(frozen=True)
class ConfigFacts:
    """One config of the dataset.

    :param splits: number of rows of each split.
    :param data_files: glob of the shards of each split, relative to the folder of the card.
    :param default: True if ``load_dataset`` takes this config when none is named; one config of a dataset is.
    """

    name: str
    splits: dict[str, int]
    data_files: dict[str, str]
    features: Features
    default: bool


@dataclass(frozen=True)
class WrittenExample:
    """An instruction of a set with written views, and the text that it makes relevant."""

    kind: str
    query: str
    instruction: str
    text: str


@dataclass(frozen=True)
class WrittenSetFacts:
    """The sets with written views, which are in the config ``practical`` too.

    :param sources: names of their sources.
    :param licenses: of their texts.
    :param examples: instructions of the training split; the first of each kind is shown.
    """

    sources: tuple[str, ...]
    licenses: tuple[str, ...]
    examples: tuple[WrittenExample, ...]


@dataclass(frozen=True)
class DatasetFacts:
    """Content of a dataset card.

    :param languages: codes such as ``en``.
    :param sources: ``name``, ``license`` and ``origin`` (a sentence) of each source of text.
    :param yields: counts ``read``, ``written``, ``accepted`` and ``rejected``.
    :param rejected_by_reason: number of rejected reversals for each reason.
    :param levers: number of rows for each lever.
    :param styles: number of rows for each style.
    :param writers: ``kind``, ``model``, ``prompt_version``, ``prompt_sha256`` and more of each writer.
    :param judge: name or known details of the judge that checked the labels; None without a judge.
    :param example_rows: rows of ``dual_view``; the first three are shown.
    :param build_command: the command that builds the same dataset again.
    :param kinds: number of instructions of each kind, by source; the same kinds for all sources.
    :param lengths: number of instructions of each length, by source; the same lengths for all sources.
    :param written_sets: the sets with written views; None without any.
    """

    pretty_name: str
    languages: tuple[str, ...]
    licenses: tuple[str, ...]
    sources: tuple[dict[str, str], ...]
    configs: tuple[ConfigFacts, ...]
    yields: dict[str, int]
    rejected_by_reason: dict[str, int]
    levers: dict[str, int]
    styles: dict[str, int]
    writers: tuple[dict[str, str | None], ...]
    judge: str | Mapping[str, str | None] | None
    example_rows: tuple[dict[str, Any], ...]
    build_command: str
    limits: tuple[str, ...]
    kinds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    lengths: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    written_sets: WrittenSetFacts | None = None
