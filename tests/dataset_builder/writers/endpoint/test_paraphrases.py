"""Paraphrases of the original instruction, written by a model."""

import json
from dataclasses import replace

import pytest

from dualview.dataset_builder.schema import ViewPair
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings
from tests.dataset_builder.llm_server.replies import GERMAN
from tests.dataset_builder.writers.endpoint.writing import ITEM, reversal, write

PARAPHRASE = "Restrict it to tips on looking after one in your own kitchen each day."


def test_a_paraphrase_is_added_to_all_pairs_of_a_set(tmp_path):
    says = [reversal(), reversal("Only pages with counts of microbes."), reversal("None")]
    says.append((json.dumps({"paraphrase": PARAPHRASE}), "stop"))
    settings = WritingSettings(every_reversal=True, paraphrase=True)
    (outcomes,), fake, rows, _ = write(tmp_path, [ITEM], says, settings)
    assert [getattr(it, "paraphrased_instruction", it) for it in outcomes[:2]] == [PARAPHRASE] * 2
    assert outcomes[2].reason == "declined"
    assert rows[-1] == ("paraphrase", "written")
    assert fake.came.total() == 4


@pytest.mark.parametrize("text", ["None", GERMAN, "Only advice for daily care at home"])
def test_without_a_good_paraphrase_the_pair_stays(tmp_path, text):
    says = [reversal(), *[(json.dumps({"paraphrase": text}), "stop")] * 2]
    (outcomes,), *_ = write(tmp_path, [ITEM], says, WritingSettings(paraphrase=True))
    assert [(type(it), it.paraphrased_instruction) for it in outcomes] == [(ViewPair, None)]


def test_no_paraphrase_is_asked_for_without_need(tmp_path):
    settings = WritingSettings(paraphrase=True)
    (with_one, declined), fake, *_ = write(
        tmp_path,
        [replace(ITEM, paraphrase=PARAPHRASE), replace(ITEM, set_id="other", query="rye starter")],
        [reversal(), reversal("None")],
        settings,
    )
    assert with_one[0].paraphrased_instruction == PARAPHRASE
    assert declined[0].reason == "declined"
    assert fake.came.total() == 2
