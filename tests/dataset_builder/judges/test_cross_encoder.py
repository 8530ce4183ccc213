"""The judge that is a CrossEncoder, loaded as any other from a folder."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dualview.cards.errors import InputError
from dualview.dataset_builder import judges
from dualview.dataset_builder.judges.cross_encoder import CrossEncoderJudge, load_cross_encoder
from dualview.dataset_builder.judges.deciding import Thresholds
from dualview.dataset_builder.judges.views import View
from dualview.dataset_builder.schema import Passage, ViewPair
from dualview.dataset_builder.writers.endpoint import add_arguments as add_endpoint_arguments
from tests.dataset_builder.toy_judge import COLOURS, make_untrained_judge

PAINT = {colour: Passage(colour, "", f"the wall is {colour}") for colour in COLOURS}


@pytest.fixture(scope="session")
def judge(toy_judge: Path) -> CrossEncoderJudge:
    return CrossEncoderJudge(load_cross_encoder(str(toy_judge), device="cpu"), "toy", Thresholds())


@pytest.fixture
def paint_pair(view_pair: Callable[..., ViewPair]) -> Callable[..., ViewPair]:
    def make(**fields: Any) -> ViewPair:
        given = {
            "query": "paint",
            "instruction": "only red",
            "reversed_instruction": "only blue",
            "positive": PAINT["red"],
            "reversed_positive": PAINT["blue"],
            "other_instruction_negatives": (PAINT["green"],),
            "hard_negatives": (PAINT["grey"],),
        }
        return view_pair(**(given | fields))

    return make


def arguments(*flags: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    judges.add_arguments(parser)
    add_endpoint_arguments(parser)
    parser.set_defaults(out=Path("out"))
    return parser.parse_args(flags)


def test_it_accepts_what_holds_and_rejects_what_does_not(
    judge: CrossEncoderJudge, paint_pair: Callable[..., ViewPair]
) -> None:
    pairs = [
        paint_pair(),
        paint_pair(reversed_instruction="only green"),
        paint_pair(instruction="only grey"),
        paint_pair(other_instruction_negatives=(Passage("x", "", "the door is blue"),)),
        paint_pair(hard_negatives=(Passage("x", "", "the door is blue"), PAINT["grey"])),
    ]
    good, wrong, misses, broad, false_negative = judge.judge(pairs)
    assert good.accepted and len(good.p_original) == len(good.p_reversed) == 4
    assert good.p_original[0] > 0.9 > 0.1 > good.p_original[1]
    assert (wrong.accepted, wrong.reason) == (False, "reversal_misses_positive")
    assert misses.reason == "original_misses_positive"
    assert broad.reason == "reversal_too_broad"
    assert false_negative.accepted and false_negative.hard_negatives == (PAINT["grey"],)


def test_judging_in_batches_of_any_size_gives_the_same(
    judge: CrossEncoderJudge, toy_judge: Path, paint_pair: Callable[..., ViewPair]
) -> None:
    pairs = [paint_pair(reversed_instruction=f"only {colour}") for colour in COLOURS]
    small = CrossEncoderJudge(
        load_cross_encoder(str(toy_judge), device="cpu"), "toy", Thresholds(), batch_size=1
    )
    alone = [found for pair in pairs for found in small.judge([pair])]
    for together, single in zip(judge.judge(pairs), alone, strict=True):
        assert (together.accepted, together.reason) == (single.accepted, single.reason)
        assert together.p_original == pytest.approx(single.p_original, abs=1e-5)
    assert judge.judge([]) == []


def test_a_question_that_comes_twice_is_asked_once(
    judge: CrossEncoderJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    predict = judge._model.predict
    monkeypatch.setattr(
        judge._model, "predict", lambda pairs, **how: asked.extend(pairs) or predict(pairs, **how)
    )
    view = View("paint", "only red", (PAINT["red"], PAINT["blue"]))
    first, second, turned = judge.score([view, view, View("paint", "only red", view.passages[::-1])])
    assert first == second == turned[::-1]
    assert len(asked) == 2


def test_two_labels_are_probabilities_of_the_second(tmp_path: Path) -> None:
    folder = make_untrained_judge(tmp_path / "two", labels=2)
    model = load_cross_encoder(str(folder), device="cpu")
    ((found,),) = CrossEncoderJudge(model, "two", Thresholds()).score(
        [View("paint", "only red", (PAINT["red"],))]
    )
    logits = model.predict([("paint only red", "the wall is red")], activation_fn=torch.nn.Identity())[0]
    assert found == pytest.approx(float(torch.softmax(torch.tensor(logits), -1)[1]), abs=1e-6)


def test_the_flags_make_a_judge(toy_judge: Path) -> None:
    assert judges.read_judge(arguments()) is None
    settings = judges.read_judge(
        arguments("--judge", str(toy_judge), "--judge-relevant", "0.8", "--judge-hard-negatives", "1")
    )
    assert settings is not None
    made = settings.make()
    assert isinstance(made, CrossEncoderJudge)
    # The name of the folder, not where it lies.
    assert made.name == "toy-judge"
    assert made.recipe() == {
        "kind": "cross-encoder",
        "revision": None,
        "relevant": 0.8,
        "irrelevant": 0.5,
        "margin": None,
        "hard_negatives": 1,
    }


@pytest.mark.parametrize("value", ["-1", "some"])
def test_hard_negatives_are_a_number_or_all(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments("--judge-hard-negatives", value)
    assert "--judge-hard-negatives" in capsys.readouterr().err
    assert arguments("--judge-hard-negatives", "all").judge_hard_negatives == "all"


def test_what_is_no_judge_is_named(tmp_path: Path, minilm_path: Path) -> None:
    with pytest.raises(InputError, match=r"judge .*/none: no such folder"):
        load_cross_encoder(str(tmp_path / "none"))
    with pytest.raises(InputError, match="cannot be loaded"):
        load_cross_encoder(str(tmp_path))
    with pytest.raises(InputError, match="judge org/none: cannot be loaded"):
        load_cross_encoder("org/none", revision="v1")
    # An encoder loads without a word, with a random head.
    with pytest.raises(InputError, match="holds BertModel, an encoder without a trained head"):
        load_cross_encoder(str(minilm_path), device="cpu")
    with pytest.raises(InputError, match="gives 3 labels; a judge needs one score"):
        load_cross_encoder(str(make_untrained_judge(tmp_path / "three", labels=3)), device="cpu")


def test_code_that_a_model_brings_is_not_run(tmp_path: Path, toy_judge: Path) -> None:
    folder = shutil.copytree(toy_judge, tmp_path / "hostile")
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "own"
    config["auto_map"] = dict.fromkeys(("AutoConfig", "AutoModelForSequenceClassification"), "own.Own")
    (folder / "config.json").write_text(json.dumps(config))
    mark = tmp_path / "was-run"
    (folder / "own.py").write_text(f"open({str(mark)!r}, 'w').close()\nclass Own: pass\n")
    with pytest.raises(InputError, match="cannot be loaded"):
        load_cross_encoder(str(folder), device="cpu")
    assert not mark.exists()
