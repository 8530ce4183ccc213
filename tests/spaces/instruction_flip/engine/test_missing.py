"""What is said about a model that cannot be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from flip.engine.missing import is_on_this_machine, why_missing
from huggingface_hub import close_session, constants

from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()


def test_an_id_that_does_not_exist_is_told_with_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Hub(tmp_path / "hub")) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        told = why_missing("org/none", "DUALVIEW_MODEL")
    assert told == "org/none does not exist, or is private: set DUALVIEW_MODEL to a model that you may read."


def test_a_hub_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    told = why_missing("org/none", "DUALVIEW_MODEL")
    assert told == "The Hub cannot be reached, so org/none cannot be loaded."


def test_a_folder_needs_no_hub(tmp_path: Path) -> None:
    assert is_on_this_machine(str(tmp_path)) and not is_on_this_machine("org/none")
    assert why_missing(str(tmp_path), "DUALVIEW_MODEL") == ""
