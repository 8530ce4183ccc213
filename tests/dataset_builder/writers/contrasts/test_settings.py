"""Settings of the writer: what it has learned travels to other machines, and gives the same pairs there."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.build.build_arguments import arguments_from
from dualview.dataset_builder.build.distributed.stage_settings import StageSettings
from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.writers.contrasts import ContrastsSettings, add_arguments

Make = Callable[..., Any]


def test_an_actor_of_a_cluster_writes_what_the_driver_would(answer_set: Make) -> None:
    settings = ContrastsSettings(seed=5, most=4)
    writer = settings.make()
    corpus = Corpus({"own": "en"})
    (item,) = corpus.learn([answer_set()])
    writer.use_corpus(corpus)
    sent = pickle.dumps(StageSettings.of([settings], None).shared_by(3, [writer], None))
    (received,) = pickle.loads(sent).writers
    there = received.make()
    for split in ("train", "test"):
        assert list(there.write_in_split(item, split)) == list(writer.write_in_split(item, split))
    assert list(there.write(item))


def test_the_number_of_pairs_is_an_option() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    for writers, takes_all in ((["contrasts"], True), (["replay", "contrasts"], False), (None, False)):
        parser.set_defaults(seed=3, writer=writers)
        settings = ContrastsSettings.from_arguments(parser.parse_args(["--contrast-pairs", "2"]))
        assert (settings.most, settings.instructed) == (2, takes_all)
    with pytest.raises(InputError, match="contrast_pairs"):
        arguments_from({"contrast_pairs": 0})


def test_compositions_are_counted_from_zero() -> None:
    assert arguments_from({"compositions": 0}).compositions == 0
    with pytest.raises(InputError, match="compositions"):
        arguments_from({"compositions": -1})
