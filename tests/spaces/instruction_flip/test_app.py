"""Command line of the demo: sources of the models, and error messages."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from flip.engine.locations import named_base
from flip.engine.pool import SMALL_MODELS
from flip.html.view import header_html
from flip.types import FlipError
from flip_visiting import BASE, SPACE
from huggingface_hub import metadata_load
from packaging.requirements import Requirement

SETTINGS = (
    "DUALVIEW_BASE",
    "DUALVIEW_MODEL",
    "DUALVIEW_DATASET",
    "DUALVIEW_SECOND",
    "SPACE_ID",
    "GRADIO_SERVER_NAME",
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def test_a_space_takes_its_models_from_its_metadata(app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    args = app.parse([])
    assert [args.base, args.model] == metadata_load(SPACE / "README.md")["models"]
    monkeypatch.setattr(app, "metadata_load", lambda path: {"models": ["org/trained"]})
    args = app.parse([])
    assert (args.base, args.model) == (None, "org/trained")
    monkeypatch.setenv("DUALVIEW_BASE", "org/base")
    monkeypatch.setenv("DUALVIEW_MODEL", "org/other")
    args = app.parse([])
    assert (args.base, args.model) == ("org/base", "org/other")
    assert app.parse(["--base", "a", "--model", "b"]).base == "a"


def test_a_public_space_runs_only_listed_second_models(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.allowed_models(app.parse([]).second_models) is None
    monkeypatch.setenv("SPACE_ID", "org/space")
    monkeypatch.setenv("DUALVIEW_SECOND", "org/one, org/two,")
    assert app.allowed_models(app.parse([]).second_models) == [*SMALL_MODELS, "org/one", "org/two"]


@pytest.mark.parametrize("reason", ["SPACE_ID", "GRADIO_SERVER_NAME", "--host"])
def test_who_serves_others_offers_only_listed_models(
    app: ModuleType, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--host", "127.0.0.1"] if reason == "--host" else []
    if not arguments:
        monkeypatch.setenv(reason, "org/space")
    assert app.parse(arguments).second_models == "listed"
    with pytest.raises(SystemExit):
        app.parse([*arguments, "--second-models", "any"])
    assert "--second-models any is for this machine alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("space", "address"),
    [("org/flip", "https://huggingface.co/spaces/org/flip"), ("", ""), ("org/flip?__sign=x", ""), ("x", "")],
)
def test_copied_links_of_a_space_lead_to_its_page(
    app: ModuleType, space: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACE_ID", space)
    assert app.links("org/trained", None).address == address


def test_placeholders_are_not_linked(app: ModuleType) -> None:
    found = app.links("org/dualview-minilm", None)
    assert (found.models, found.datasets, found.space) == ((), (), "")
    found = app.links("someone/model", "someone/data")
    assert (found.models, found.datasets) == (("someone/model",), ("someone/data",))


def test_the_page_links_to_the_model_and_data_that_it_runs(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def head() -> str:
        args = app.parse([])
        return str(header_html(app.links(args.model, args.dataset)))

    # Nothing is published under the placeholders, and nobody can follow a link to a folder.
    assert ">Model</a>" not in head() and ">Dataset</a>" not in head() and ">Code</a>" in head()
    monkeypatch.chdir(tmp_path)
    Path("training/model").mkdir(parents=True)
    monkeypatch.setenv("DUALVIEW_MODEL", "training/model")
    assert ">Model</a>" not in head()
    monkeypatch.setenv("DUALVIEW_MODEL", "someone/model")
    monkeypatch.setenv("DUALVIEW_DATASET", "someone/data")
    assert '<a href="https://huggingface.co/someone/model"' in head() and ">Model</a>" in head()
    assert '<a href="https://huggingface.co/datasets/someone/data"' in head() and ">Dataset</a>" in head()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--base", "/no/such"], "no model folder '/no/such'"),
        (["--base", BASE, "--model", "package:nothing/here"], "no installed package 'nothing'"),
        (["--base", BASE, "--model", BASE, "--dataset", "./none"], "no dataset folder './none'"),
        (["--base", BASE, "--model", BASE, "--dataset", str(SPACE)], "has no data/dual_view"),
        (["--base", BASE, "--model", BASE, "--mcp"], "pip install 'gradio[mcp]'"),
    ],
)
def test_bad_input_is_one_line(
    app: ModuleType, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--mcp" in arguments and importlib.util.find_spec("mcp"):
        pytest.skip("the package mcp is installed here, so --mcp works")
    assert app.main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert message in told
    assert told.count("\n") == 1


def test_a_taken_port_is_told(app: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert app.main(["--base", BASE, "--model", BASE, "--host", "127.0.0.1", "--port", port]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert told[-1].startswith("error: cannot listen on 127.0.0.1")
    assert port in told[-1]


def test_the_base_is_the_one_that_the_trained_models_card_names(
    app: ModuleType, tmp_path: Path, minilm_path: Path
) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    assert named_base(str(model)) is None
    (model / "README.md").write_text(f"---\nbase_model: {minilm_path}\n---\n# A model\n")
    assert app.build(None, str(model), None).pool.base.reference == str(minilm_path)
    (model / "README.md").write_text("---\nbase_model:\n- org/first\n- org/second\n---\n")
    assert named_base(str(model)) == "org/first"
    (model / "README.md").write_text("# No metadata\n")
    with pytest.raises(FlipError, match="names no base model"):
        app.build(None, str(model), None)


def test_the_metadata_is_what_the_hub_needs() -> None:
    data = metadata_load(SPACE / "README.md")
    assert data["sdk"] == "gradio" and data["app_file"] == "app.py" and data["license"] == "apache-2.0"
    assert len(data["models"]) == 2 and len(data["datasets"]) == 1
    assert len(data["short_description"]) <= 60
    pins = [Requirement(line) for line in (SPACE / "requirements.txt").read_text().splitlines()]
    versions = {pin.name: str(pin.specifier) for pin in pins}
    assert versions["gradio"] == f"=={data['sdk_version']}"
    assert all(specifier.startswith("==") for specifier in versions.values())


def test_the_requirements_are_the_pins_of_the_project() -> None:
    pinned = (SPACE.parents[1] / "constraints.txt").read_text().lower().replace("_", "-").splitlines()
    for line in (SPACE / "requirements.txt").read_text().lower().replace("_", "-").splitlines():
        assert line in pinned


def test_the_space_imports_nothing_of_the_project() -> None:
    code = (
        "import sys, app\n"
        "tops = {name.partition('.')[0] for name in sys.modules}\n"
        "ours = {'cards', 'dataset_builder', 'trainer', 'tests'} & tops\n"
        "assert not ours, ours\n"
        # The page must open at once, so slow imports wait until a model is needed.
        "assert not {'torch', 'sentence_transformers'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=SPACE, check=True, timeout=120)
