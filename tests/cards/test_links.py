"""Links of the golden cards lead to anchors, files and pages that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

GOLDEN = Path(__file__).parent / "golden"
ROOT = GOLDEN.parents[2]
# Files beside the card of each kind.
BESIDE = {
    "dataset_card.md": {"recipe.json", "statistics.json"},
    "model_card.md": set(),
    "space_card.md": set(),
}


def parts(name: str) -> tuple[dict[str, object], str]:
    _, metadata, text = (GOLDEN / name).read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(metadata), text


def ids_in(metadata: dict[str, object]) -> set[str]:
    """Ids of repositories, with the prefix of their kind's pages."""
    found: set[str] = set()
    for field, prefix in (("base_model", ""), ("models", ""), ("datasets", "datasets/")):
        values = metadata.get(field) or []
        found |= {f"{prefix}{value}" for value in (values if isinstance(values, list) else [values])}
    return found


@pytest.mark.parametrize("name", BESIDE)
def test_every_link_leads_somewhere(name: str) -> None:
    metadata, text = parts(name)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ +(.*)$", prose, re.MULTILINE)
    }
    targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|href)="([^"]+)"', prose)
    assert targets
    for target in targets:
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif target.startswith("https://huggingface.co/"):
            assert target.removeprefix("https://huggingface.co/") in ids_in(metadata), target
        else:
            assert target == "https://arxiv.org/abs/2604.18845", target


@pytest.mark.parametrize("name", BESIDE)
def test_every_file_and_command_is_there(name: str) -> None:
    _, text = parts(name)
    for file in re.findall(r"`([\w./-]+\.(?:json|py|yaml|md))`", text):
        assert file in BESIDE[name], file
    for module in re.findall(r"python -m ([\w.]+)", text):
        assert (ROOT / module.replace(".", "/") / "__main__.py").exists() or (
            ROOT / f"{module.replace('.', '/')}.py"
        ).exists(), module
    for script in re.findall(r"accelerate launch (\S+)", text):
        assert (ROOT / script).exists(), script


def test_a_link_to_nowhere_would_be_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model_card.md").write_text("---\nlicense: mit\n---\n# A\n\nSee [b](#b).\n")
    monkeypatch.setattr(f"{__name__}.GOLDEN", tmp_path)
    with pytest.raises(AssertionError, match="#b"):
        test_every_link_leads_somewhere("model_card.md")
