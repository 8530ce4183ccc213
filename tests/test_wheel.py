"""What a user gets who installs the wheel: the packages with all their data, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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
        "trainer/recipes/quickstart.yaml",
    ],
)
def test_what_the_quickstart_reads_is_in_the_wheel(names: set[str], name: str) -> None:
    # The attributes may lie beside the module or beside the seeds.
    assert any(found == name or found.endswith("/" + Path(name).name) for found in names)


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"dualview", "dualview-0.1.0.dist-info"}
    assert not [name for name in names if "spaces/" in name or "tests/" in name or "__pycache__" in name]


def test_the_licence_is_in_the_wheel(names: set[str]) -> None:
    assert [name for name in names if name.endswith("/LICENSE")]


def test_the_installed_wheel_writes_a_card(wheel: Path, tmp_path: Path) -> None:
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index"]
    run(*pip, "--no-deps", "--target", site, wheel, cwd=work)
    card = run(sys.executable, "-c", RENDER, site, cwd=work, PYTHONPATH=str(site))
    assert "# From the wheel" in card
    assert "config_name: dual_view" in card
