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
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "benchmarks" / "log"
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
LOGS = (
    "benchmarks/README.md",
    "benchmarks/LOG.md",
    *sorted(f"benchmarks/log/{p.name}" for p in LOG.glob("*.md")),
)
# What a run makes is named in the README before it exists.
MADE = ("build/", "runs/", ".venv")


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
        *(
            ("options.extras_require", e)
            for e in ("docs", "eval", "mine", "onnx", "quickstart", "scale", "test")
        ),
    ],
)
def test_every_requirement_is_pinned_above_its_floor(section: str, option: str) -> None:
    wanted = requirements(section, option)
    assert wanted
    for requirement in wanted:
        assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)]), requirement


def test_torch_is_the_version_that_installs_without_cuda_here() -> None:
    assert pins()["torch"] == "2.13.0"


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as repository hosts make them."""
    headings = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text: str) -> list[str]:
    """Where the links and pictures of a document lead, those to other hosts left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    return [target for target in targets if not target.startswith(("https://", "http://", "mailto:"))]


@pytest.mark.parametrize("name", [*DOCUMENTS, *LOGS])
def test_links_of_the_documents_lead_somewhere(name: str) -> None:
    document = ROOT / name
    for target in links(text_of(document)):
        path, _, anchor = target.partition("#")
        there = document.parent / path if path else document
        assert there.exists(), f"{name} links to {target}"
        if anchor:
            assert anchor in anchors(text_of(there)), f"{name} links to {target}"


def test_the_log_lists_every_entry_newest_first() -> None:
    index = [target for target in links(text_of(ROOT / "benchmarks/LOG.md")) if "#" in target]
    days = [match[0] for target in index if (match := re.search(r"#\d{4}-\d\d-\d\d", target))]
    assert len(days) == len(index)
    assert days == sorted(days, reverse=True)
    entries = [
        f"log/{path.name}#{anchor}"
        for path in LOG.glob("*.md")
        for anchor in anchors(text_of(path))
        if anchor.startswith(path.stem)
    ]
    assert sorted(set(index)) == sorted(entries)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_the_documents_name_exist(name: str) -> None:
    top = {path.name for path in ROOT.iterdir()} | {"benchmarks"}
    for word in re.findall(r"[\w./-]+", text_of(ROOT / name)):
        path = word.rstrip(".")
        if "/" not in path or path.startswith(MADE) or path.split("/")[0] not in top - {"runs"}:
            continue
        assert (ROOT / path).exists(), f"{name} names {path}"


def test_citations_agree_with_the_package_and_the_cards() -> None:
    citation = yaml.safe_load(text_of(ROOT / "CITATION.cff"))
    metadata = setup_cfg()["metadata"]
    assert (citation["title"].lower(), str(citation["version"])) == (metadata["name"], metadata["version"])
    assert citation["license"] == metadata["license"]
    assert citation["repository-code"] == metadata["url"]
    assert citation["authors"] == [{"name": metadata["author"]}]
    (template,) = (path for path in tracked_files() if path.name == "method.bib.jinja")
    readme, method = text_of(ROOT / "README.md"), text_of(template).strip()
    assert method in readme, "the README and the cards cite the paper differently"
    (paper,) = citation["references"]
    assert f"title = {{{paper['title']}}}" in method
    names = " and ".join(author["family-names"] for author in paper["authors"])
    assert f"author = {{{names}}}" in method
    software = readme[readme.index("@software{") : readme.index(method)]
    for part in (metadata["version"], metadata["author"], metadata["url"], metadata["license"]):
        assert f"{{{part}}}" in software


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


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / ".github/workflows").glob("*.yml")))
def test_workflows_call_make_targets_that_exist(name: str) -> None:
    workflow = yaml.safe_load(text_of(ROOT / ".github/workflows" / name))
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    called = [t for step in steps for t in re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))]
    assert called, f"{name} calls no target of the Makefile"
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert set(called) <= targets


def test_hooks_call_make_targets_that_exist() -> None:
    hooks = yaml.safe_load(text_of(ROOT / ".pre-commit-config.yaml"))["repos"][0]["hooks"]
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for hook in hooks:
        command, *rest = hook["entry"].split()
        assert command.startswith(".venv/bin/") or (command == "make" and set(rest) <= targets)


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


@pytest.mark.parametrize(
    "command", ["dualview", "dataset_builder", "trainer.train", "trainer.evaluation", "cards"]
)
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
