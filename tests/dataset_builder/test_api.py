"""Builds from Python: the documented example, the same bytes as the command, objects, and wrong use."""

from __future__ import annotations

import asyncio
import doctest
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest
from datasets import Dataset

from dualview.cards.errors import InputError
from dualview.dataset_builder import api
from dualview.dataset_builder.api import build_dataset
from dualview.dataset_builder.build.build_settings import DatasetBuild
from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.schema import ViewPair
from dualview.dataset_builder.writers.replay import ReplayWriter
from tests.dataset_builder.building import build, digests

ROOT = Path(__file__).resolve().parents[2]


class OwnWriter(ReplayWriter):
    """A writer of the calling program."""

    kind = "own"


class RefusingJudge:
    """A judge of the calling program that accepts every pair of one lever."""

    name = "refusing"

    def judge(self, pairs: list[ViewPair]) -> list[Judgement]:
        return [
            Judgement(pair.lever == "time", self.name, reason="wrong_lever", detail="not about time")
            for pair in pairs
        ]


@pytest.fixture
def own(write_jsonl: Callable[..., Path], set_line: Callable[..., Any]) -> Path:
    return write_jsonl([set_line(number) for number in range(1, 9)])


def card_command(out: Path) -> str:
    return (out / "README.md").read_text(encoding="utf-8").split("```bash\n")[1].split("\n```")[0]


def test_the_documented_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finder = doctest.DocTestFinder(exclude_empty=True)
    (example,) = finder.find(build_dataset, globs={"build_dataset": build_dataset})
    result = doctest.DocTestRunner().run(example)
    assert result.attempted == 3 and not result.failed


def test_python_and_the_command_build_the_same_folder(own: Path, tmp_path: Path) -> None:
    flags = ("--writer", "replay", "--license", "cc0-1.0", "--seed", "5", "--test-share", "0.3")
    assert build("--source", own, *flags, "--name", "Beans", "--out", tmp_path / "flags") == 0
    made = build_dataset(
        own,
        out=tmp_path / "python",
        writers=["replay"],
        license="cc0-1.0",
        seed=5,
        test_share=0.3,
        name="Beans",
    )
    assert made.path == tmp_path / "python"
    assert digests(tmp_path / "flags") == digests(tmp_path / "python")
    assert card_command(made.path) == (
        "dualview build --source own.jsonl --writer replay --test-share 0.3 --seed 5 --name Beans "
        "--license cc0-1.0 --out dataset"
    )


def test_a_build_runs_in_a_notebook_where_an_event_loop_runs(own: Path, tmp_path: Path) -> None:
    async def cell() -> DatasetBuild:
        return build_dataset(own, out=tmp_path / "notebook", writers=["replay"])

    plain = build_dataset(own, out=tmp_path / "plain", writers=["replay"])
    assert asyncio.run(cell()).counts == plain.counts


def test_a_build_tells_its_counts_and_prints_as_a_table(own: Path, tmp_path: Path) -> None:
    made = build_dataset(str(own), out=tmp_path / "own", writers=["replay"], judge=RefusingJudge())
    statistics = json.loads((made.path / "statistics.json").read_text(encoding="utf-8"))
    assert made.counts == statistics["rows"] and made.yields == statistics["yields"]
    assert made.rejected_by_reason == {"wrong_lever": 8} == statistics["rejected_by_reason"]
    lines = str(made).splitlines()
    assert lines[0] == str(made.path)
    assert lines[1].split() == ["config", "train", "validation", "test"]
    assert len({len(line) for line in lines[1:6]}) == 1
    assert lines[-2:] == ["read 8, written 16, accepted 8, rejected 8", "wrong_lever 8"]


def test_options_of_sources_and_writers_go_by_their_names(
    write_jsonl: Callable[..., Path], topic_lines: Callable[..., Any], tmp_path: Path
) -> None:
    topics = write_jsonl([line for number in range(1, 9) for line in topic_lines(number)], "topics.jsonl")
    made = build_dataset(
        [topics],
        out=tmp_path / "topics",
        origin="My kettles.",
        facet_pairs=["aspect=1", "form=0", "audience=0"],
    )
    assert made.yields["accepted"] == 8
    recipe = json.loads((made.path / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["arguments"]["facet_pairs"] == ["aspect=1", "form=0", "audience=0"]
    assert recipe["sources"][0]["origin"] == "My kettles."


def test_objects_write_and_judge_and_the_recipe_names_them(own: Path, tmp_path: Path) -> None:
    made = build_dataset(
        own, out=tmp_path / "own", writers=[OwnWriter(), "facets"], judge=RefusingJudge(), seed=3
    )
    recipe = json.loads((made.path / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["arguments"]["writer"] == ["own", "facets"]
    assert recipe["arguments"]["judge"] == recipe["judge"]["name"] == "refusing"
    # No command line can name an object: the card shows the call, and nothing that a shell would run.
    command = card_command(made.path)
    assert all(line.startswith("# ") for line in command.splitlines())
    assert "writers=[OwnWriter(...), 'facets'], judge=RefusingJudge(...), seed=3)" in command
    assert str(tmp_path) not in command


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"writers": ["repaly"]}, "unknown writer 'repaly'; known are replay, facets, contrasts, endpoint"),
        (
            {"writers": [ReplayWriter]},
            "the class ReplayWriter cannot be used; give a name, or an object",
        ),
        ({"writers": [3]}, "an object of int cannot be used"),
        ({"writers": []}, "writers: is empty"),
        ({"source": []}, "source: is empty"),
        ({"judge": object()}, "judge: an object of object cannot be used"),
        ({"licence": "cc0-1.0"}, "unknown option 'licence' of a build; did you mean 'license'?"),
        ({"no_such_thing": 1}, "'dualview build --help' lists the options"),
        ({"test_share": "many"}, "test_share='many': cannot be used"),
        ({"validation_share": 1}, "together they must leave something to train on"),
        ({"seed": 1.5}, "seed=1.5: cannot be used"),
        ({"out": 5}, "out=5: "),
        ({"overwrite": "yes"}, "overwrite='yes': is not True or False"),
        ({"engine": "spark"}, "engine='spark': is not one of 'local', 'ray'"),
        ({"facet_pairs": 3}, "facet_pairs=3: is not a list"),
        ({"dry_run": True}, "dualview build --dry-run"),
        (
            {"writers": [OwnWriter()], "engine": "ray"},
            "engine='ray': makes writers and judge on each",
        ),
    ],
)
def test_wrong_use_is_one_sentence(own: Path, tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"source": own, "out": tmp_path / "out", "writers": ["replay"], **changes}
    with pytest.raises(InputError) as caught:
        build_dataset(given.pop("source"), **given)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_build_without_models_loads_no_pytorch(tmp_path: Path) -> None:
    program = (
        "import sys, dualview\n"
        f"dualview.build_dataset('seeds:sets', out={str(tmp_path / 'out')!r}, writers=['replay'])\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_public_names_are_those_of_the_package() -> None:
    import dualview

    assert dualview.build_dataset is api.build_dataset and dualview.DatasetBuild is api.DatasetBuild


def towns() -> list[dict[str, Any]]:
    return [
        {
            "place": f"Harbour of Town{group}",
            "words": f"The port was drawn by {name}{group}, and {name}{group} knew its inn.",
        }
        for group in range(30)
        for name in ("Clara Vogt", "Emil Lund", "Nora Hess")
    ]


@pytest.mark.parametrize("make", [pandas.DataFrame, Dataset.from_list, pyarrow.Table.from_pylist])
def test_a_data_frame_is_a_source(make: Callable[..., Any], tmp_path: Path, capsys: Any) -> None:
    data = build_dataset(
        make(towns()), out=tmp_path / "out", text="words", title="place", language="en", seed=3
    )
    assert data.yields["accepted"] > 0
    assert "table: 90 rows gave 90 passages." in capsys.readouterr().err
    name = type(make(towns())).__name__
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert recipe["arguments"]["source"] == [f"passages:<{name}>"]
    assert f"build_dataset([{name}(...)], out='dataset'" in card_command(tmp_path / "out")
    assert "text='words'" in card_command(tmp_path / "out")


def test_a_data_frame_gives_what_its_file_gives(tmp_path: Path) -> None:
    frame = pandas.DataFrame(towns())
    frame.to_parquet(tmp_path / "table.parquet")
    options = {"text": "words", "title": "place", "language": "en"}
    build_dataset(frame, out=tmp_path / "frame", **options)
    build_dataset(f"passages:{tmp_path / 'table.parquet'}", out=tmp_path / "file", **options)
    for folder in ("dual_view", "plain", "compositions"):
        assert digests(tmp_path / "frame" / folder) == digests(tmp_path / "file" / folder)


def test_an_object_that_is_no_table_is_one_line(tmp_path: Path) -> None:
    for wrong in ({"text": ["a"]}, 7, [["text"]]):
        with pytest.raises(InputError, match="cannot be read; give a path, a name, a data frame"):
            build_dataset(wrong, out=tmp_path / "out")  # type: ignore[arg-type]
