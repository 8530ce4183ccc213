"""YAML that people write: read as plain values, or refused in one line."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.cards.yaml_reader import parse_yaml, read_yaml

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))


def test_plain_values_are_read() -> None:
    text = "a: [1, 2.5, true, null, text]\nb: {c: 2024-01-02}\nd: &d {e: 1}\nf: *d\n"
    assert parse_yaml(text, "x") == {
        "a": [1, 2.5, True, None, "text"],
        "b": {"c": datetime.date(2024, 1, 2)},
        "d": {"e": 1},
        "f": {"e": 1},
    }
    assert parse_yaml("", "x") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: !!python/object/apply:os.system ['touch PWNED']", "line 1: could not determine a constructor"),
        (BOMB, "more than 100,000 values, or 50 levels deep, with its aliases"),
        (CHAIN, "50 levels deep, with its aliases"),
        ("a: &x {b: *x}", "line 1: an alias repeats what it is in"),
        ("[" * 5000, "more than 50 levels deep"),
        ("{a: " * 5000, "more than 50 levels deep"),
        ("- " * 5000, "more than 50 levels deep"),
        ("a: 2024-13-45", "month must be in 1..12"),
        ("a: " + "9" * 5000, "Exceeds the limit"),
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' comes twice"),
        ("a: 1\n--- \nb: 2", "line 2: but found another document"),
        ("? [a]\n: 1", "line 1: found unhashable key"),
        ("a: [", "line 1: expected the node content"),
        ("a: \x00", "special characters are not allowed"),
        ("a: x\n" * 300_000, "larger than 1,000,000 bytes"),
    ],
)
def test_hostile_or_broken_text_is_one_line(
    text: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "own.yaml")
    message = str(caught.value)
    assert message.startswith("own.yaml: not a readable YAML file (") and reason in message
    assert "\n" not in message and len(message) < 300
    assert not list(tmp_path.iterdir())


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    assert read_yaml(path) == {"a": 1}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read \(no such file"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(InputError, match=r"cannot be read \(it is a folder"):
        read_yaml(tmp_path)
    (tmp_path / "large.yaml").write_text("#" * 1_000_001)
    with pytest.raises(InputError, match=r"large\.yaml: .*larger than 1,000,000 bytes"):
        read_yaml(tmp_path / "large.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: caf\xe9")
    with pytest.raises(InputError, match=r"latin\.yaml, line 1: is not UTF-8"):
        read_yaml(tmp_path / "latin.yaml")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_values_that_are_written_are_read_again(value: object) -> None:
    assert parse_yaml(yaml.safe_dump(value, allow_unicode=True), "x") == value


@given(st.text())
def test_wild_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        parse_yaml(text, "x")
    except InputError as error:
        assert "\n" not in str(error)
