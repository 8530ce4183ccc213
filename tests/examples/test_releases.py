"""The exported query encoder in releases of sentence-transformers that have nothing else of ours.

The slow test installs them from the network, unless DUALVIEW_CLIENTS names Pythons that have them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from dualview.trainer.serving.exporting import export
from tests.examples.environments import output_of

#: What pip is asked for, and the beginnings of the version that it must give.
RELEASES = {"sentence-transformers==5.7.0": "5.7.", "sentence-transformers>=6,<7": "6."}
QUERIES = ["electric bicycle The history, not the price.", "soup without carrots", "Grüße, 東京"]
PROGRAM = """
import json, sys
import sentence_transformers, torch, transformers
folder, *queries = sys.argv[1:]
model = sentence_transformers.SentenceTransformer(folder, device="cpu")
encoder = transformers.AutoModel.from_pretrained(folder)
tokens = transformers.AutoTokenizer.from_pretrained(folder)(queries, padding=True, return_tensors="pt")
with torch.no_grad():
    hidden = encoder(**tokens).last_hidden_state
mask = tokens["attention_mask"].unsqueeze(-1)
pooled = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
found = {"encode": model.encode(queries).tolist(), "auto": pooled.tolist()}
print(json.dumps({"version": sentence_transformers.__version__, **found}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
def test_a_release_gives_the_vectors_of_the_trained_model(
    release: str, trained: Path, tmp_path: Path
) -> None:
    probe = (
        "import importlib.metadata as m; assert m.version('sentence-transformers').startswith"
        f"({RELEASES[release]!r})"
    )
    exported = export(trained, tmp_path / "query", queries=QUERIES).path
    printed = output_of(["-c", PROGRAM, exported, *QUERIES], [release], probe, tmp_path / "venv")
    found = json.loads(printed.splitlines()[-1])
    assert found["version"].startswith(RELEASES[release])
    wanted = SentenceTransformer(str(trained), device="cpu").encode_query(QUERIES)
    np.testing.assert_allclose(found["encode"], wanted, atol=1e-5)
    # Its transformer lies at the root, and a mean over tokens is what is left to do.
    np.testing.assert_allclose(found["auto"], wanted, atol=1e-5)
