"""Checks of card metadata by the loopback Hub."""

from __future__ import annotations

import pytest

from tests.hub.asking import ask
from tests.hub.loopback.state import Hub


@pytest.mark.parametrize(
    ("kind", "card", "wrong"),
    [
        ("model", "license: mit", None),
        ("model", "license: my-own", "license"),
        ("model", "tags: one", "tags"),
        ("model", "- a list", "no mapping"),
        ("model", "a: [", "no YAML"),
        ("model", "datasets:\n- ./a folder", "no id"),
        ("model", "model-index:\n- name: x\n  results:\n  - metrics: []", "task"),
        ("dataset", "configs:\n- config_name: a\n- config_name: a", "of its own"),
        ("dataset", "configs:\n- config_name: a\n  data_files:\n  - path: x", "split"),
        ("space", "title: x\nemoji: x\nsdk: gradio", "sdk_version"),
        ("space", "title: x\nemoji: x\nsdk: flask", "sdk"),
    ],
)
def test_metadata_is_checked(connected: Hub, kind: str, card: str, wrong: str | None) -> None:
    body = {"content": f"---\n{card}\n---\n# x\n", "repoType": kind}
    answer = ask(connected, "POST", "/api/validate-yaml", json=body)
    assert answer.status_code == (400 if wrong else 200)
    assert (wrong or "") in " ".join(error["message"] for error in answer.json()["errors"])
    assert answer.json()["errors"] or not wrong


def test_a_card_without_metadata_is_warned_of(connected: Hub) -> None:
    answer = ask(connected, "POST", "/api/validate-yaml", json={"content": "# x", "repoType": "model"})
    assert answer.status_code == 200 and answer.json()["warnings"]
