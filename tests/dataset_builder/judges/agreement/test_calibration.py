"""The rule of a judge in a file: written by its measurement, read by a build."""

import argparse
import json

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder import judges
from dualview.dataset_builder.build.build_arguments import arguments_from
from dualview.dataset_builder.build.build_request import BuildRequest
from dualview.dataset_builder.judges.agreement.calibration import write_calibration
from dualview.dataset_builder.judges.deciding import Thresholds


def read(*flags):
    parser = argparse.ArgumentParser()
    judges.add_arguments(parser)
    parser.add_argument("--model")
    return judges.with_calibration(parser.parse_args(flags))


@pytest.mark.parametrize("rule", [Thresholds(0.7, 0.3), Thresholds(margin=0.25)])
def test_a_rule_survives_the_file(tmp_path, rule):
    path = tmp_path / "folder" / "judge.json"
    write_calibration(path, "org/judge", rule, {"sets": 3}, [])
    args = read("--judge", "org/judge", "--judge-calibration", str(path))
    assert Thresholds.from_arguments(args) == rule
    assert args.judge_calibration is None


def test_a_recipe_records_the_rule_and_no_file(tmp_path):
    path = tmp_path / "judge.json"
    write_calibration(path, "org/judge", Thresholds(margin=0.25), {}, [])
    given = {"source": ["seeds"], "out": str(tmp_path / "out"), "judge": "org/judge"}
    request = BuildRequest.from_arguments(arguments_from({**given, "judge_calibration": str(path)}))
    assert request.settings.arguments["judge_margin"] == 0.25
    assert request.settings.arguments["judge_calibration"] is None
    assert "--judge-margin 0.25" in request.settings.command


@pytest.mark.parametrize(
    ("content", "flags", "says"),
    [
        (None, (), "cannot be read"),
        ("[", (), "is not a file that judge-agreement"),
        ("[" * 100_000, (), "is not a file that judge-agreement"),
        ({"rule": None}, (), "is not a file that judge-agreement"),
        ({"rule": {"margin": True}}, (), "is not a file that judge-agreement"),
        ({"rule": {"relevant": 0.5}}, (), "is not a file that judge-agreement"),
        ({"rule": {"margin": -1}}, (), "--judge-margin -1"),
        ({"judge": "other"}, (), "is of the judge other, not of org/judge"),
        ({}, ("--judge-margin", "1"), "brings the rule"),
    ],
)
def test_what_is_no_rule_of_this_judge_is_one_line(tmp_path, content, flags, says):
    path = tmp_path / "judge.json"
    if content is not None:
        whole = {"format": 1, "judge": "org/judge", "rule": {"margin": 0.5}}
        path.write_text(content if isinstance(content, str) else json.dumps(whole | content))
    with pytest.raises(InputError, match=says):
        read("--judge", "org/judge", "--judge-calibration", str(path), *flags)
    with pytest.raises(InputError, match="name it with --judge"):
        read("--judge-calibration", str(path))


def test_a_margin_takes_the_place_of_thresholds():
    with pytest.raises(InputError, match="takes the place of"):
        Thresholds.from_arguments(read("--judge-margin", "1", "--judge-relevant", "0.6"))


def test_the_writer_s_own_model_needs_a_writer_and_is_no_other(tmp_path):
    given = {"source": ["seeds"], "out": str(tmp_path / "out"), "judge": "self", "base_url": "http://h/v1"}
    with pytest.raises(InputError, match="add --writer endpoint"):
        BuildRequest.from_arguments(arguments_from(given))
    own = {**given, "writer": ["endpoint"], "model": "m"}
    settings = BuildRequest.from_arguments(arguments_from(own)).judge
    assert settings.is_own and settings.client.model == "m" and settings.client.base_url == "http://h/v1"
    with pytest.raises(InputError, match="take --judge llm for another"):
        BuildRequest.from_arguments(arguments_from({**own, "judge_model": "n"}))
