"""Input that cannot be trained on: one line, exit code 2."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dualview.trainer.settings.training import TrainingSettings
from dualview.trainer.train import main


def run_main(*flags: str) -> int:
    return main(list(flags))


BAD_INPUT = [
    ("no model there", lambda f: ["--model", "./nowhere"], "model ./nowhere: no model in this folder"),
    ("no such package", lambda f: ["--model", "package:no_such_pkg/model"], "run pip install no-such-pkg"),
    (
        "no dataset there",
        lambda f: ["--dataset", "./nowhere"],
        "dataset ./nowhere: no dataset in this folder",
    ),
    ("unknown recipe", lambda f: ["--recipe", "none.yaml"], "none.yaml: no such recipe"),
    ("an unknown source", lambda f: ["--source-weights", "x=2"], "no rows of source 'x'; there are seeds"),
    ("too large a budget", lambda f: ["--mixture", "ins-dv", "--budget", "999"], "has 32 in its train split"),
    ("too many tokens", lambda f: ["--max-tokens", "9999"], "reads at most 256 tokens"),
    ("too many layers", lambda f: ["--frozen-layers", "7"], "the encoder has 2 layers"),
    (
        "bare queries off",
        lambda f: ["--mixture", "tri-view", "--neutral-weight", "0"],
        "neutral_weight must not be 0",
    ),
    (
        "nothing to keep",
        lambda f: ["--mixture", "ins-dv", "--keep-weight", "1"],
        "no bare queries that keep_weight",
    ),
    ("a full folder", lambda f: ["--out", str(f)], "not empty, and no training run made it"),
    ("too large a size", lambda f: ["--matryoshka-dims", "64"], "each must be between 1 and 31"),
    ("no such metric", lambda f: ["--metric", "accuracy"], "metric is 'accuracy'"),
]


@pytest.mark.parametrize(
    ("flags", "message"), [case[1:] for case in BAD_INPUT], ids=[case[0] for case in BAD_INPUT]
)
def test_bad_input_is_one_line_with_exit_code_2(
    flags: Callable[[Path], list[str]],
    message: str,
    tiny_path: Path,
    dataset_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    usual = {
        "--model": str(tiny_path),
        "--dataset": str(dataset_folder),
        "--out": "out",
        "--max-tokens": "64",
    }
    given = flags(dataset_folder)
    arguments = [part for flag, value in usual.items() if flag not in given for part in (flag, value)]
    assert main([*arguments, "--max-steps", "1", *given]) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("error:")]
    assert out == ""
    assert len(lines) == 1 and message in lines[0]
    assert "Traceback" not in err
    assert not Path("out", "model").exists()


def damage_shard(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    shard = folder / "data/dual_view/train-00000-of-00001.parquet"
    shard.write_bytes(damage(shard.read_bytes()))


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: shutil.rmtree(folder / "data" / "dual_view"), "cannot be loaded"),
        (
            lambda folder: (folder / "data/dual_view/train-00000-of-00001.parquet").write_bytes(b"x"),
            "cannot be loaded",
        ),
        *(
            (lambda folder, damage=damage: damage_shard(folder, damage), "cannot be loaded")
            for damage in (
                lambda data: data[: len(data) // 2],
                lambda data: b"",
                lambda data: b"PAR1" + b"\xff" * 500 + b"PAR1",
                lambda data: data[:-400] + bytes(byte ^ 0x55 for byte in data[-400:-20]) + data[-20:],
            )
        ),
        (
            lambda folder: (folder / "README.md").write_text("no configs"),
            "config dual_view: cannot be loaded",
        ),
        *(
            (lambda folder, head=head: (folder / "README.md").write_text(head), "README.md cannot be read")
            for head in ("---\nconfigs: [\n---\n", "---\n- a\n- b\n---\n", "---\ndate: 2024-13-45\n---\n")
        ),
    ],
)
def test_a_broken_dataset_is_one_line(
    break_it: Callable[[Path], Any],
    message: str,
    settings_for: Callable[..., TrainingSettings],
    dataset_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(dataset_folder, folder)
    break_it(folder)
    assert main(["--model", "m", "--dataset", str(folder), "--out", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert message in err and "Traceback" not in err and str(folder) in err


def test_missing_columns_and_empty_splits_are_named(
    dataset_writer: Callable[..., Path],
    rows: list[dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from datasets import load_dataset

    folder = dataset_writer(tmp_path / "dataset", rows[:4], [], [])
    flags = ["--model", "m", "--out", str(tmp_path / "out"), "--dataset", str(folder)]
    assert main(flags) == 2
    assert re.search(r"error: .*validation", capsys.readouterr().err)
    folder = dataset_writer(tmp_path / "narrow", rows[:4], rows[4:6], [])
    for file in folder.glob("data/dual_view/*.parquet"):
        load_dataset("parquet", data_files=str(file), split="train").remove_columns(
            "reversed_instruction"
        ).to_parquet(file)
    assert main([*flags[:-1], str(folder)]) == 2
    assert "lacks the column 'reversed_instruction'" in capsys.readouterr().err
