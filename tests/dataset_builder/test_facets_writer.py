"""The writer `facets` on the shipped topics: labels are true, wordings are clean, and nothing depends on luck."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dataset_builder import shipped
from dataset_builder.checks.pairs import check_pair, without_bad_paraphrase
from dataset_builder.facets import FacetsWriter, make_writer
from dataset_builder.facets.vocabulary import load_package_vocabulary
from dataset_builder.schema import AttributedTopic, ViewPair


@pytest.fixture(scope="module")
def topics() -> list[AttributedTopic]:
    found = [item for source in shipped.open_sources("attributed", argparse.Namespace()) for item in source]
    assert all(isinstance(item, AttributedTopic) for item in found)
    return found


@pytest.fixture(scope="module")
def pairs(topics: Sequence[AttributedTopic]) -> list[ViewPair]:
    writer = FacetsWriter(load_package_vocabulary())
    written = [outcome for topic in topics for outcome in writer.write(topic)]
    assert all(isinstance(outcome, ViewPair) for outcome in written)
    return written


def test_every_pair_meets_the_rules(pairs: Sequence[ViewPair]) -> None:
    for pair in pairs:
        assert check_pair(pair, original_was_written=True).accepted, pair
        assert without_bad_paraphrase(pair)[1].accepted, pair


def test_set_ids_are_unique_and_all_passages_answer(pairs: Sequence[ViewPair]) -> None:
    assert len({pair.set_id for pair in pairs}) == len(pairs)
    assert all(len(pair.answers) == 6 for pair in pairs)


def test_the_same_topic_gives_the_same_pairs_whatever_came_before(topics: Sequence[AttributedTopic]) -> None:
    writer = FacetsWriter(load_package_vocabulary())
    late = [list(writer.write(topic)) for topic in topics[:3]][2]
    early = list(FacetsWriter(load_package_vocabulary()).write(topics[2]))
    assert late == early
    assert list(FacetsWriter(load_package_vocabulary(), seed=1).write(topics[2])) != early


def test_kinds_are_about_a_third_each(pairs: Sequence[ViewPair]) -> None:
    kinds = Counter(pair.style.split()[1] for pair in pairs)
    assert set(kinds) == {"inclusion", "exclusion", "both"}
    assert all(0.3 < count / len(pairs) < 0.37 for count in kinds.values())
