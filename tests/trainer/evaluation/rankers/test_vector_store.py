"""Vectors on disk: found by text, shared between processes, and whole after an interruption."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dualview.trainer.evaluation.rankers.vector_store import VectorStore, text_key


def keys(*texts: str) -> list[bytes]:
    return [text_key(text) for text in texts]


def vectors(*values: float) -> np.ndarray:
    return np.array([[value, -value, 0.5] for value in values], dtype=np.float32)


def test_vectors_are_found_again_by_another_store(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 3)
    assert len(store.vectors()) == 0
    assert store.missing(keys("a", "b", "a")) == [0, 1]
    store.add(keys("a", "b"), vectors(1, 2))
    again = VectorStore(tmp_path, 3)
    assert again.missing(keys("b", "c", "c")) == [1]
    again.add(keys("c"), vectors(3))
    assert isinstance(again.vectors(), np.memmap)
    np.testing.assert_array_equal(again.vectors()[again.rows(keys("c", "a"))], vectors(3, 1))


def test_two_stores_that_write_in_turn_do_not_mix_rows(tmp_path: Path) -> None:
    one, other = VectorStore(tmp_path, 3), VectorStore(tmp_path, 3)
    one.add(keys("a"), vectors(1))
    other.add(keys("b"), vectors(2))  # it did not know of "a" when it was opened
    one.add(keys("c"), vectors(3))
    for store in (one, other, VectorStore(tmp_path, 3)):
        for text, value in (("a", 1), ("b", 2)):
            np.testing.assert_array_equal(store.vectors()[store.rows(keys(text))], vectors(value))


@pytest.mark.parametrize("cut", ["keys", "vectors"])
def test_what_an_interruption_left_is_cut(tmp_path: Path, cut: str) -> None:
    store = VectorStore(tmp_path, 3)
    store.add(keys("a", "b"), vectors(1, 2))
    path = tmp_path / cut
    content = path.read_bytes()
    # Half a vector more than there are keys; or half a key less than there are vectors.
    path.write_bytes(content + b"half a" if cut == "vectors" else content[:-7])
    again = VectorStore(tmp_path, 3)
    wanted = ["b"] if cut == "keys" else []
    assert [("a", "b")[place] for place in again.missing(keys("a", "b"))] == wanted
    again.add(keys("b", "c") if wanted else keys("c"), vectors(2, 3) if wanted else vectors(3))
    for opened in (again, VectorStore(tmp_path, 3)):
        np.testing.assert_array_equal(opened.vectors()[opened.rows(keys("a", "b", "c"))], vectors(1, 2, 3))


def test_half_precision_takes_half_the_space(tmp_path: Path) -> None:
    full, half = VectorStore(tmp_path / "full", 3), VectorStore(tmp_path / "half", 3, half=True)
    for store in (full, half):
        store.add(keys("a"), vectors(0.25))
    assert (tmp_path / "half" / "vectors").stat().st_size * 2 == (
        tmp_path / "full" / "vectors"
    ).stat().st_size
    np.testing.assert_array_equal(half.vectors()[half.rows(keys("a"))], vectors(0.25))


def test_texts_that_no_utf8_file_can_hold_have_keys_too() -> None:
    assert text_key("\ud800") != text_key("\ud801")
