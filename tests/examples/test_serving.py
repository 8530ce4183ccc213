"""Every example of serving runs outside the project's environment, and ranks as the two encoders do.

The slow test installs packages from the network, unless DUALVIEW_CLIENTS names Pythons that have them.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from dualview.trainer.encoders.sides import split_sides
from dualview.trainer.serving.exporting import export

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("serve_*.py"))
#: A Python that has the packages already, for all examples that it can import; the others install theirs.
OWN = "DUALVIEW_CLIENTS"
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


@pytest.fixture(scope="session")
def exported(minilm: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A query encoder that differs from the base model, with ONNX files where they can be written."""
    model = split_sides(copy.deepcopy(minilm))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in model[0].sub_modules["query"].parameters():
            weights.add_(0.05 * weights.std(correction=0) * torch.randn(weights.shape, generator=generator))
    folder = tmp_path_factory.mktemp("served")
    model.save_pretrained(str(folder / "model"), create_model_card=False)
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        return export(folder / "model", folder / "query").path
    return export(folder / "model", folder / "query", onnx=True).path


def expected(exported: Path, minilm: SentenceTransformer, query: str) -> dict[str, float]:
    """Return the cosine of a query to each passage, by the passage's title."""
    file = ROOT / "examples" / "data" / "bicycles.jsonl"
    passages = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    vectors = minilm.encode([f"{p['title']}\n{p['text']}" for p in passages], normalize_embeddings=True)
    wanted = SentenceTransformer(str(exported), device="cpu").encode(query, normalize_embeddings=True)
    return dict(zip([p["title"] for p in passages], (vectors @ wanted).tolist(), strict=True))


def python_for(script: Path, folder: Path) -> str:
    """Return a Python that can run a script, after it was installed if need be."""
    own = os.environ.get(OWN, "")
    for found in filter(None, own.split(os.pathsep)):
        if subprocess.run([found, "-c", imports(script)], capture_output=True, check=False).returncode == 0:
            return found
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    # The version of the tests, since the packages take any. With PIP_EXTRA_INDEX_URL it is the CPU's build.
    torch_pin = f"torch=={torch.__version__.split('+')[0]}"
    subprocess.run([python, "-m", "pip", "install", "-q", torch_pin, *requirements(script)], check=True)
    return python


@pytest.mark.slow
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_both_instructions_rank_as_the_two_encoders_do(
    script: Path, exported: Path, minilm: SentenceTransformer, minilm_path: Path, tmp_path: Path
) -> None:
    if script.stem == "serve_onnx" and not (exported / "onnx").is_dir():
        pytest.skip('no ONNX files without the extra "onnx"')
    run = subprocess.run(
        [python_for(script, tmp_path / "venv"), str(script), str(exported), "--base", str(minilm_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "PYTHONPATH": ""},
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    shown = LINE.findall(run.stdout)
    assert len(shown) == 2 and shown[0][0] != shown[1][0], run.stdout
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
