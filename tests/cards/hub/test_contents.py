"""No file with a key, a token or a pickle is uploaded, and the error names the file and not the key."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile
from dualview.cards.hub.contents import check_contents

# Put together here, so that a search of this repository finds none.
SECRETS = {
    "a Hugging Face token": "hf_" + "aB3" * 11,
    "an API key": "sk-" + "proj-" + "aB3_" * 12,
    "a GitHub token": "ghp_" + "aB3d" * 9,
    "an AWS key": "AKIA" + "ABCD2345" * 2,
    "a Google API key": "AIza" + "aB3d-" * 7,
    "a Slack token": "xoxb-" + "123456789012-" + "abcdefghijkl",
    "a private key": "-----BEGIN " + "OPENSSH PRIVATE KEY-----",
}
HARMLESS = [
    "the desk-" + "a" * 30,
    "sk-learn and sk-short",
    "hf_hub_download(repo_id)",
    "PRIVATE KEY",
    "AKIA",
    "risk-" + "b" * 30,
    "ghp_ is a prefix",
]


def on_disk(folder: Path, name: str, content: bytes) -> LocalFile:
    (folder / name).write_bytes(content)
    return LocalFile(name, folder / name)


def refused(file: LocalFile) -> str:
    with pytest.raises(HubError) as error:
        check_contents([LocalFile("README.md", b"# x"), file])
    message = str(error.value)
    assert file.path in message and "\n" not in message
    assert not any(secret in message for secret in SECRETS.values())
    return message


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("around", ["{}", "key = {}\n", 'a\n{{"key": "{}"}}', "é{}é", "\\n{}\\n"])
def test_a_secret_is_found(tmp_path: Path, kind: str, around: str) -> None:
    text = around.format(SECRETS[kind])
    assert kind in refused(LocalFile("recipe.json", text.encode()))
    assert kind in refused(on_disk(tmp_path, "recipe.json", text.encode()))


def test_the_line_is_named(tmp_path: Path) -> None:
    for lines in (0, 3, 900_000):
        text = "some words\n" * lines + SECRETS["a GitHub token"]
        assert f"(line {lines + 1})" in refused(on_disk(tmp_path, "notes.txt", text.encode()))


@pytest.mark.parametrize("offset", [-40, -20, -1, 0, 5])
def test_a_secret_across_two_blocks_is_found(tmp_path: Path, offset: int) -> None:
    text = " " * ((1 << 22) + offset) + SECRETS["an API key"]
    refused(on_disk(tmp_path, "notes.txt", text.encode()))


@given(st.lists(st.sampled_from(HARMLESS)), st.text(st.sampled_from("hfsk-_AKIAghp 0\n")))
def test_harmless_text_passes(pieces: list[str], text: str) -> None:
    check_contents([LocalFile("notes.txt", "\n".join([*pieces, text[:19]]).encode())])


def test_random_bytes_pass(tmp_path: Path) -> None:
    check_contents([on_disk(tmp_path, "weights.bin", random.Random(0).randbytes(1 << 22))])


@pytest.mark.parametrize(
    "column",
    [
        lambda text: [text, None],
        lambda text: [{"docid": "a", "text": text}, {"docid": "b", "text": None}],
        lambda text: [[], [{"text": text}]],
        lambda text: pa.array([text, text]).dictionary_encode(),
        lambda text: pa.array([text], pa.large_string()),
    ],
)
def test_a_secret_in_parquet_is_found(tmp_path: Path, column: Any) -> None:
    rows = column("words " + SECRETS["a Hugging Face token"])
    table = pa.table({"number": pa.array(range(len(rows))), "positive": rows})
    pq.write_table(table, tmp_path / "data.parquet", compression="zstd")
    message = refused(LocalFile("data.parquet", tmp_path / "data.parquet"))
    assert "a Hugging Face token (column positive)" in message
    pq.write_table(pa.table({"positive": column(" ".join(HARMLESS))}), tmp_path / "data.parquet")
    check_contents([LocalFile("data.parquet", tmp_path / "data.parquet")])


def test_damaged_parquet_is_named(tmp_path: Path) -> None:
    assert "not a Parquet file" in refused(on_disk(tmp_path, "data.parquet", b"PAR1 and no more"))


def test_the_own_token_is_found_in_any_form(monkeypatch: pytest.MonkeyPatch) -> None:
    own = "my-own+token(1)-of-no-known-form"
    monkeypatch.setenv("HF_TOKEN", own)
    message = refused(LocalFile("recipe.json", json.dumps({"a": own}).encode()))
    assert "your token for the Hub" in message and own not in message


def test_a_header_of_safetensors_is_searched(tmp_path: Path) -> None:
    header = json.dumps({"__metadata__": {"key": SECRETS["an API key"]}}).encode()
    refused(on_disk(tmp_path, "model.safetensors", len(header).to_bytes(8, "little") + header + bytes(100)))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_refused_whatever_its_name(tmp_path: Path, protocol: int) -> None:
    for value in ({"a": 1}, list(range(1000)), "text"):
        file = on_disk(tmp_path, "model.safetensors", pickle.dumps(value, protocol))
        assert "is a pickle" in refused(file)


def test_weights_of_torch_are_a_pickle(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(2)}, tmp_path / "weights.bin")
    assert "is a pickle" in refused(LocalFile("weights.bin", tmp_path / "weights.bin"))


def test_safetensors_are_no_pickle(tmp_path: Path) -> None:
    for length in (0x0280, 0x0480, 0x0580, 2):
        header = b"{" + b" " * (length - 2) + b"}"
        check_contents([on_disk(tmp_path, "model.safetensors", length.to_bytes(8, "little") + header)])


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    assert "cannot be read" in refused(LocalFile("config.json", tmp_path / "config.json"))
