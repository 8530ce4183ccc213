"""What a user gets who installs the wheel: the packages with all their data, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from dualview.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("dualview", "cards", "dataset_builder", "trainer")

# Runs outside the checkout, with the wheel's files first on the path.
RENDER = """
import sys
from pathlib import Path

import dualview
from datasets import Features, Value
from dualview import cards, dataset_builder, trainer

from dualview.cards.dataset_card import ConfigFacts, DatasetFacts, write_dataset_card

site = Path(sys.argv[1])
for package in (dualview, cards, dataset_builder, trainer):
    assert site in Path(package.__file__).parents, package.__file__
features = Features({"query": Value("string")})
config = ConfigFacts("dual_view", {"train": 1}, {"train": "data/*"}, features, True)
licences = ("apache-2.0",)
facts = DatasetFacts(
    "From the wheel", ("en",), licences, (), (config,), {"read": 1}, {}, {}, {}, (), None, (), "make", ()
)
sys.stdout.write(write_dataset_card(Path.cwd(), facts).read_text(encoding="utf-8"))
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: the build folder of one build would leak into the next."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in (*PACKAGES, "spaces", "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel"]
    run(*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ".", cwd=source)
    (built,) = folder.glob("dualview-*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_module_and_every_data_file_is_in_the_wheel(names: set[str]) -> None:
    wanted = {
        ("" if package == "dualview" else "dualview/") + path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - names == set()


@pytest.mark.parametrize(
    "name",
    [
        "cards/templates/dataset_card.md.jinja",
        "cards/templates/model_card.md.jinja",
        "dataset_builder/writers/facets/attributes.yaml",
        "dataset_builder/seeds/health.jsonl",
        "dataset_builder/seeds/practical/support.jsonl",
        "dataset_builder/seeds/views/attributed-life.jsonl",
        "trainer/recipes/quickstart.yaml",
    ],
)
def test_what_the_quickstart_reads_is_in_the_wheel(names: set[str], name: str) -> None:
    # The attributes may lie beside the module or beside the seeds.
    assert any(found == name or found.endswith("/" + Path(name).name) for found in names)


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"dualview", "dualview-0.1.0.dist-info"}
    assert not [name for name in names if "tests/" in name or "__pycache__" in name or "p_mrr/app" in name]


def test_the_demo_is_in_the_wheel_as_it_is_uploaded(names: set[str]) -> None:
    folder = ROOT / "spaces" / "instruction_flip"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    inside = "dualview/spaces/instruction_flip/"
    found = {name.removeprefix(inside) for name in names if name.startswith(inside)}
    assert found == {name for name in files if "__pycache__" not in name}


def test_the_demo_of_the_wheel_starts(installed: Path, elsewhere: Path) -> None:
    command = [
        installed / "dualview",
        "demo",
        "--model",
        "nowhere",
        "--dataset",
        "nowhere",
        "--base",
        "nowhere",
    ]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "nowhere" in done.stderr


def test_the_licence_is_in_the_wheel(names: set[str]) -> None:
    assert [name for name in names if name.endswith("/LICENSE")]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and, by a path alone, the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, "install"]
    run(*pip, "--no-index", "--no-deps", wheel, cwd=folder)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    # A .pth file adds a folder without reading the .pth files in it: no editable installation comes along.
    Path(site, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return programs


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder far from the checkout, in which other people's packages have the names of our folders."""
    for name in ("trainer", "cards", "dataset_builder"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('not ours')\n", encoding="utf-8")
    return tmp_path


def test_the_installed_wheel_writes_a_card(installed: Path, elsewhere: Path) -> None:
    site = Path(
        run(installed / "python", "-c", "import dualview; print(dualview.__path__[0])", cwd=elsewhere).strip()
    )
    card = run(installed / "python", "-c", RENDER, site.parent, cwd=elsewhere)
    assert "# From the wheel" in card
    assert "config_name: dual_view" in card


@pytest.mark.parametrize("name", ["", *COMMANDS, "publish dataset", "publish model", "publish space"])
def test_every_command_of_the_wheel_helps_anywhere(installed: Path, elsewhere: Path, name: str) -> None:
    shown = run(installed / "dualview", *name.split(), "--help", cwd=elsewhere)
    assert shown.startswith(f"usage: dualview {name}".rstrip())


@pytest.mark.parametrize("words", [["-m", "dualview", "train"], ["-m", "dualview.trainer.train"]])
def test_the_wheel_runs_as_a_module(installed: Path, elsewhere: Path, words: list[str]) -> None:
    assert "--recipe" in run(installed / "python", *words, "--help", cwd=elsewhere)


def test_the_wheel_runs_under_accelerate(installed: Path, elsewhere: Path) -> None:
    launch = [installed / "python", "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1"]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    assert "--recipe" in run(*launch, "-m", "dualview.trainer.train", "--help", cwd=elsewhere)


def test_the_wheel_builds_from_the_shipped_text(installed: Path, elsewhere: Path) -> None:
    run(installed / "dualview", "build", "--source", "seeds:sets", "--out", "out", cwd=elsewhere)
    assert (elsewhere / "out" / "data").is_dir()


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["dualview", "train"], "--recipe"),
        (["dataset_builder", "build"], "--source"),
        (["trainer.train"], "--recipe"),
        (["trainer.evaluation"], "--baseline"),
        (["cards", "publish-model"], "--repo-id"),
    ],
)
def test_a_checkout_runs_without_an_installation(tmp_path: Path, command: list[str], option: str) -> None:
    # -S -s: no .pth file of the environment, so no editable installation either.
    path = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])
    line = [sys.executable, "-S", "-s", "-m", *command, "--help"]
    assert option in run(*line, cwd=tmp_path, PYTHONPATH=path)
