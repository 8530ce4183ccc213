"""Every example of serving runs outside the project's environment, and ranks as the two encoders do.

The slow test installs packages from the network, unless DUALVIEW_CLIENTS names Pythons that have them.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from tests.examples.environments import output_of

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("serve_*.py"))
LINE = re.compile(
    r"^(electric bicycle .*?) {2,}(.+ -?\d\.\d{3}, .+ -?\d\.\d{3}, .+ -?\d\.\d{3})$", re.MULTILINE
)


def requirements(script: Path) -> list[str]:
    """Read the packages that a script names in its own metadata, as pip and uv do."""
    block = re.search(r"^# /// script\n((?:#.*\n)+?)# ///$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert block is not None, script
    text = "".join(line.removeprefix("#").removeprefix(" ") for line in block[1].splitlines(keepends=True))
    return list(tomllib.loads(text)["dependencies"])


def imports(script: Path) -> str:
    """Return the import statements of a script."""
    lines = script.read_text(encoding="utf-8").split("from __future__ import annotations\n")[1]
    return lines.split("\nPASSAGES = ")[0]


def expected(exported: Path, minilm: SentenceTransformer, query: str) -> dict[str, float]:
    """Return the cosine of a query to each passage, by the passage's title."""
    file = ROOT / "examples" / "data" / "bicycles.jsonl"
    passages = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    vectors = minilm.encode([f"{p['title']}\n{p['text']}" for p in passages], normalize_embeddings=True)
    wanted = SentenceTransformer(str(exported), device="cpu").encode(query, normalize_embeddings=True)
    return dict(zip([p["title"] for p in passages], (vectors @ wanted).tolist(), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_both_instructions_rank_as_the_two_encoders_do(
    script: Path, exported: Path, minilm: SentenceTransformer, minilm_path: Path, tmp_path: Path
) -> None:
    if script.stem == "serve_onnx" and not (exported / "onnx").is_dir():
        pytest.skip('no ONNX files without the extra "onnx"')
    arguments = [script, exported, "--base", minilm_path]
    printed = output_of(arguments, requirements(script), imports(script), tmp_path / "venv")
    shown = LINE.findall(printed)
    assert len(shown) == 2 and shown[0][0] != shown[1][0], printed
    for query, found in shown:
        cosines = expected(exported, minilm, query)
        top = {title: float(score) for title, score in re.findall(r"(?:^|, )(.+?) (-?\d\.\d{3})", found)}
        assert len(top) == 3
        near = 0.1 if script.stem == "serve_onnx" else 0.002
        np.testing.assert_allclose([cosines[title] for title in top], list(top.values()), atol=near)
        if script.stem != "serve_onnx":
            assert list(top) == sorted(cosines, key=lambda title: -cosines[title])[:3]


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_names_what_it_needs_and_nothing_of_ours(script: Path) -> None:
    named = " ".join(requirements(script)).replace("-", "_").replace("pgvector", "pgvector psycopg")
    needed = set(re.findall(r"^(?:from|import) (\w+)", imports(script), re.MULTILINE)) - set(
        sys.stdlib_module_names
    )
    assert "dualview" not in needed
    known = {
        "faiss": "faiss_cpu",
        "haystack": "haystack_ai",
        "haystack_integrations": "sentence_transformers_haystack",
        "llama_index": "llama_index_core",
    }
    for package in needed:
        assert known.get(package, package) in named, package
