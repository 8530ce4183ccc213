"""Styles of instructions: drawn from shares, told after the data, and counted as they came."""

import argparse
import json
from collections import Counter

import pytest

from dualview.dataset_builder.llm.conversation import Sampling
from dualview.dataset_builder.writers.endpoint.examples import EXAMPLES, choose_example, repeats_example
from dualview.dataset_builder.writers.endpoint.styles import Style, draw_style, kind_of, read_shares
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings
from tests.dataset_builder.writers.endpoint.writing import ANSWERS, GOOD, ITEM, reversal, write

TYPED = WritingSettings(styles={"typed": 1.0})
LONG = "I want to read about the history of it, so how people in the far north kept theirs alive."
SHORT = "not about yeast counts"


def test_shares_are_read_and_add_up():
    assert read_shares("mix") == {"typed": 0.4, "sentence": 0.3, "two-sentences": 0.1, "persona": 0.2}
    assert read_shares("typed=3, persona=1") == {"typed": 0.75, "persona": 0.25}
    assert read_shares("sentence") == {"sentence": 1.0}
    assert read_shares("free") == {}


@pytest.mark.parametrize("given", ["", "loud", "typed=0", "typed=-1", "typed=many", "typed=nan", "mix,typed"])
def test_unknown_styles_are_usage_errors(given):
    with pytest.raises(argparse.ArgumentTypeError, match="is not one of mix, free, typed"):
        read_shares(given)


def test_styles_come_in_their_shares_and_the_same_ones_again():
    drawn = [draw_style(read_shares("mix"), f"set-{number}") for number in range(4000)]
    names = Counter(style.name for style in drawn)
    assert names["typed"] == pytest.approx(1600, abs=120)
    assert names["persona"] == pytest.approx(800, abs=90)
    turned = Counter(style.kind for style in drawn if style.name != "persona")
    assert turned["exclusion"] == pytest.approx(1600, abs=120)
    assert {style.kind for style in drawn if style.name == "persona"} == {"other"}
    assert draw_style(read_shares("mix"), "set-7") == drawn[7]
    assert draw_style({}, "set-7") is None


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("not the enterprise plan", "exclusion", "exclusion"),
        ("It doesn't need to be sweet", "exclusion", "exclusion"),
        ("the history of the place", "exclusion", ""),
        ("the history of the place", "inclusion", "inclusion"),
        ("the history and no prices", "inclusion", ""),
        ("the history and no prices", "both", "both"),
        ("We are five and have no car.", "other", "other"),
        ("Geschichte, keine Preise", "exclusion", ""),
    ],
)
def test_a_kind_is_named_where_the_words_bear_it_out(text, kind, found):
    assert kind_of(text, Style("typed", "", 12, kind)) == found
    assert kind_of(text, None) == ""


def test_the_form_is_asked_for_after_the_data(tmp_path):
    (outcomes,), fake, rows, writer = write(tmp_path, [ITEM], [reversal(SHORT)], TYPED)
    style = draw_style(TYPED.styles, f"bread-1 > {outcomes[0].reversed_positive.docid}")
    asked = fake.bodies[0]["messages"][1]["content"].rpartition("end]")[2]
    assert f"{style.form} {style.turn}" in asked
    assert outcomes[0].reversed_kind == kind_of(SHORT, style)
    assert rows == [("reversal", "written")]
    recipe = writer.recipe()
    assert recipe["styles"] == {"typed": 1.0}
    assert recipe["turns"] == {"exclusion": 0.5, "inclusion": 0.3, "both": 0.2}
    assert recipe["written_styles"] == {"typed": 1}


def test_another_form_is_asked_for_once_and_then_taken(tmp_path):
    (outcomes,), fake, rows, writer = write(tmp_path, [ITEM], [reversal(LONG), reversal(SHORT)], TYPED)
    assert outcomes[0].reversed_instruction == SHORT
    assert rows == [("reversal", "too_long"), ("reversal+rewrite", "written")]
    assert "has 19 words. Write what people type" in fake.bodies[1]["messages"][-1]["content"]
    (tmp_path / "again").mkdir()
    (outcomes,), _, rows, writer = write(tmp_path / "again", [ITEM], [reversal(LONG)] * 2, TYPED)
    assert outcomes[0].reversed_instruction == LONG
    assert rows == [("reversal", "too_long"), ("reversal+rewrite", "written")]
    assert writer.recipe()["written_styles"] == {"other": 1}


def test_a_long_one_is_better_than_none(tmp_path):
    says = [reversal(LONG), reversal(ITEM.instruction)]
    (outcomes,), _, rows, _ = write(tmp_path, [ITEM], says, TYPED)
    assert outcomes[0].reversed_instruction == LONG
    assert rows == [("reversal", "too_long"), ("reversal+rewrite", "trivial_rewording")]


def test_both_instructions_have_the_style(tmp_path):
    says = json.dumps({"chosen": 2, "instruction": "daily care at home", "new_instruction": SHORT})
    (outcomes,), *_ = write(tmp_path, [ANSWERS], [(says, "stop")], TYPED)
    assert (outcomes[0].instruction, outcomes[0].style) == ("daily care at home", "typed")


def test_an_example_is_of_another_domain_and_topic():
    assert choose_example("best oil for frying", None) is EXAMPLES[0]
    assert choose_example("best oil for frying", EXAMPLES[0]["domain"]) is EXAMPLES[1]
    assert choose_example("yogurt with honey", None) is EXAMPLES[1]
    assert choose_example("yogurt on floorboards", None) is None


def test_an_example_can_be_left_out(tmp_path):
    (tmp_path / "without").mkdir()
    texts = []
    for folder, settings in ((tmp_path, TYPED), (tmp_path / "without", WritingSettings(example=False))):
        _, fake, *_ = write(folder, [ITEM], [reversal(GOOD)], settings)
        texts.append(fake.bodies[0]["messages"][0]["content"])
    assert [EXAMPLES[0]["query"] in text for text in texts] == [True, False]


def test_examples_are_shipped_sets_of_the_training_split():
    """They say what the sets say, word for word."""
    from dualview.dataset_builder.sources import shipped
    from dualview.dataset_builder.splits.plan import SplitShares, plan_splits

    (source,) = shipped.open_sources("sets")
    items = list(source)
    placed = {it.item.set_id: it for it in plan_splits(items, SplitShares(), 0).place(items)}
    for example in EXAMPLES:
        found = placed[example["set"]]
        assert found.split == "train"
        item = found.item
        assert (item.query, item.instruction, item.paraphrase, item.domain) == tuple(
            example[name] for name in ("query", "instruction", "paraphrase", "domain")
        )
        texts = [f"{it.title}. {it.text}" for it in (item.positive, *item.instruction_negatives)]
        assert texts == example["passages"]
        known = {view.instruction for view in item.views} | {it.instruction for it in item.recorded}
        assert {it["instruction"] for it in (*example["reversals"], example["both_views"])} <= known


def test_a_rewrite_is_warmer_but_never_cooler():
    assert Sampling(0.7).warmed("+rewrite").temperature == 1.0
    assert Sampling(1.0).warmed("+rewrite").temperature == 1.2
    assert Sampling(1.5).warmed("+rewrite").temperature == 1.5
    assert Sampling(0.7).warmed("+repair").temperature == 0.7


def test_a_copied_part_of_an_example_is_a_copy_and_a_usual_turn_is_not() -> None:
    copied = EXAMPLES[0]["reversals"][1]["instruction"].rstrip(".")
    assert repeats_example(copied) and repeats_example(f"{copied} in a machine. A has no machine.")
    assert repeats_example(f"{' '.join(copied.split()[2:9])} until May")
    assert not repeats_example("Relevant recipes start from oats.")
