"""The frame of the project agrees with itself: pins, documents, make targets, and nothing from elsewhere."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
# What a run makes is named in the README before it exists.
MADE = ("runs/", ".venv")


@cache
def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def requirements(section: str, option: str) -> list[Requirement]:
    lines = setup_cfg()[section][option].strip().splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


@cache
def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    matches = [
        re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)", line) for line in lines if line[:1] != "#"
    ]
    assert all(matches), "a line of constraints.txt is no exact pin"
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def tracked_files() -> list[Path]:
    """What git tracks or would track; in a tree without git, what is no product of a run."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        products = [line.rstrip("/") for line in text_of(ROOT / ".gitignore").splitlines()]
        paths = [path for path in ROOT.rglob("*") if not _is_product(path, products)]
    return [path for path in paths if path.is_file()]


def _is_product(path: Path, patterns: list[str]) -> bool:
    return any(fnmatch(part, pattern) for part in path.relative_to(ROOT).parts for pattern in patterns)


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


@pytest.mark.parametrize(
    ("section", "option"),
    [
        ("options", "install_requires"),
        *(("options.extras_require", e) for e in ("eval", "mine", "quickstart", "scale", "test")),
    ],
)
def test_every_requirement_is_pinned_above_its_floor(section: str, option: str) -> None:
    wanted = requirements(section, option)
    assert wanted
    for requirement in wanted:
        assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)]), requirement


def test_torch_is_the_version_that_installs_without_cuda_here() -> None:
    assert pins()["torch"] == "2.13.0"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_the_documents_lead_somewhere(name: str) -> None:
    text = text_of(ROOT / name)
    headings = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    for target in targets:
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        if path:
            assert (ROOT / path).exists(), f"{name} links to {target}"
        elif anchor:
            assert anchor in anchors, f"{name} links to {target}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_the_documents_name_exist(name: str) -> None:
    top = {path.name for path in ROOT.iterdir()} | {"benchmarks"}
    for word in re.findall(r"[\w./-]+", text_of(ROOT / name)):
        path = word.rstrip(".")
        if "/" not in path or path.startswith(MADE) or path.split("/")[0] not in top - {"runs"}:
            continue
        assert (ROOT / path).exists(), f"{name} names {path}"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_lists_every_target() -> None:
    makefile = text_of(ROOT / "Makefile")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets is not None
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  ([a-z-]+) +\S", shown, re.MULTILINE)
    assert sorted(listed) == sorted(targets[1].split())
    assert {"quickstart", "demo", "test", "test-all", "lint", "clean"} <= set(listed)
    # No argument does the same as `help`.
    bare = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert bare == shown


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_names_the_python_it_cannot_use(tmp_path: Path) -> None:
    for name in ("Makefile", "setup.cfg", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", f"PYTHON={old}", "quickstart"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "error: DualView needs Python 3.11 or newer" in done.stderr and str(old) in done.stderr
    assert not (tmp_path / ".venv").exists()


TOKENS = re.compile(
    r"\bhf_[A-Za-z0-9]{20,}|\bsk-[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bAKIA[A-Z0-9]{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)


def test_no_file_holds_what_looks_like_a_token() -> None:
    assert [path for path in tracked_files() if TOKENS.search(text_of(path))] == []
    assert TOKENS.search("token: hf_" + "a1" * 17)


MACHINE_PATH = re.compile(r"(?<![\w./])/(?:home|root|Users|tmp)/[\w.-]+")


def test_no_file_holds_a_path_of_some_machine() -> None:
    found = {}
    for path in tracked_files():
        # Passages are prose, and prose on computers names such paths.
        if "seeds" in path.parts or path.suffix in (".png", ".jpg", ".parquet"):
            continue
        if hits := MACHINE_PATH.findall(text_of(path)):
            found[path.relative_to(ROOT).as_posix()] = hits
    assert found == {}
    assert MACHINE_PATH.search("/".join(["", "home", "someone", "x"]))


def test_neither_spaces_nor_the_root_of_a_space_is_a_package() -> None:
    # Gradio tries to import a package named `spaces`, and a Space runs with its own folder first on the path.
    # Inside that folder packages are fine.
    assert not (ROOT / "spaces" / "__init__.py").exists()
    assert not list((ROOT / "spaces").glob("*/__init__.py"))


def test_no_module_of_the_trainer_shadows_a_library() -> None:
    # `accelerate launch trainer/train.py` puts trainer/ first on the path.
    needed = requirements("options", "install_requires") + requirements("options.extras_require", "eval")
    libraries = {requirement.name.replace("-", "_") for requirement in needed} | {
        "yaml",
        "tokenizers",
        "safetensors",
    }
    # A folder without __init__.py, such as that of accelerate's configurations, gives way to a package.
    ours = {path.stem for path in (ROOT / "trainer").glob("*.py")}
    ours |= {path.parent.name for path in (ROOT / "trainer").glob("*/__init__.py")}
    assert ours & libraries == set()


@pytest.mark.parametrize("command", ["dataset_builder", "trainer.train", "trainer.evaluation", "cards"])
def test_help_does_not_wait_for_pytorch(command: str) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['{command}', '--help']\n"
        "try:\n"
        f"    runpy.run_module('{command}', run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0\n"
        "print({'torch', 'transformers', 'datasets'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "usage:" in done.stdout
    assert done.stdout.splitlines()[-1] == "set()"
