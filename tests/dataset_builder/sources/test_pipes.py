"""A pipe is read like the file that went into it, and what is neither is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.sources.open_sources import SourceSettings, open_sources
from dualview.dataset_builder.sources.pipes import copy_if_pipe
from tests.dataset_builder.building import Make


def test_a_pipe_is_a_source(set_line: Make, write_jsonl: Make, tmp_path: Path) -> None:
    content = write_jsonl([set_line(number) for number in range(3)]).read_bytes()
    pipe = tmp_path / "sets.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    (source,) = open_sources([str(pipe)], SourceSettings())
    writer.join()
    assert [item.query_id for item in source] == [item.query_id for item in source]
    assert len(list(source)) == 3
    assert source.describe().name == "sets" and dict(source.describe().files).keys() == {"sets.jsonl"}


def test_standard_input_is_a_source(set_line: Make, tmp_path: Path) -> None:
    lines = "".join(json.dumps(set_line(number)) + "\n" for number in range(12))
    done = subprocess.run(
        [sys.executable, "-m", "dualview", "build", "--source", "/dev/stdin", "--out", str(tmp_path / "out")],
        input=lines,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert [source["name"] for source in recipe["sources"]] == ["stdin"]


def test_the_copy_goes_when_the_process_ends(tmp_path: Path) -> None:
    code = "from pathlib import Path; from dualview.dataset_builder.sources.pipes import copy_if_pipe as c; "
    code += "p = c(Path('/dev/stdin')); print(p, p.read_text())"
    shown = subprocess.run(
        [sys.executable, "-c", code], input="text", text=True, capture_output=True, check=True
    )
    copy, text = shown.stdout.split()
    assert text == "text" and not Path(copy).exists() and not Path(copy).parent.exists()


def test_files_stay_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text("{}")
    assert copy_if_pipe(path) == path
    assert copy_if_pipe(tmp_path) == tmp_path
    assert copy_if_pipe(tmp_path / "none") == tmp_path / "none"


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero"])
def test_a_device_is_refused(device: str) -> None:
    with pytest.raises(InputError, match=f"{device}: is neither a file nor a pipe"):
        open_sources([device], SourceSettings())
