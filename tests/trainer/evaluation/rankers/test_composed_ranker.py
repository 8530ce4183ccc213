"""Rankings with a rule before the encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.composition.compose import compose
from dualview.trainer.composition.exclude import exclude
from dualview.trainer.evaluation.api import evaluate
from dualview.trainer.evaluation.model_names import display_name
from dualview.trainer.evaluation.rankers.composed_ranker import ComposedRanker, parse_composed
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, load_ranker, template_of
from dualview.trainer.evaluation.rankers.ranker import Request
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder

DOCUMENTS = {"bees": "Bees make honey.", "cats": "Cats hunt mice.", "rain": "Rain fills rivers."}
REQUESTS = [
    Request("bare", "animals without honey"),
    Request("excluding", "animals", "no honey and no wax", ("bees", "cats")),
    Request("plain", "animals", "those that hunt"),
    Request("again", "animals", "no honey and no wax"),
]


def test_subtracts_where_the_rule_finds_something(minilm: SentenceTransformer) -> None:
    composed = ComposedRanker(TextEncoder(minilm), alpha=0.4)
    joined = DenseRanker(TextEncoder(minilm)).rank(REQUESTS, DOCUMENTS)
    run = composed.rank(REQUESTS, DOCUMENTS)
    assert run["plain"] == pytest.approx(joined["plain"], abs=1e-6)
    passages = minilm.encode_document(list(DOCUMENTS.values()), normalize_embeddings=True)
    for key, unwanted in (("bare", ["honey"]), ("excluding", ["honey", "wax"])):
        scores = passages @ exclude("animals", unwanted, model=minilm, alpha=0.4)
        expected = dict(zip(DOCUMENTS, scores.tolist(), strict=True))
        assert run[key] == pytest.approx({docid: expected[docid] for docid in run[key]}, abs=1e-5)
    assert set(run["excluding"]) == {"bees", "cats"}


def test_a_wish_is_added_with_its_share(minilm: SentenceTransformer) -> None:
    requests = [*REQUESTS, Request("both", "animals", "those that hunt, no honey")]
    run = ComposedRanker(TextEncoder(minilm), alpha=0.4, emphasis=0.3).rank(requests, DOCUMENTS)
    passages = minilm.encode_document(list(DOCUMENTS.values()), normalize_embeddings=True)
    for request in requests[1:]:
        query = compose(request.query, request.instruction, model=minilm, alpha=0.4, emphasis=0.3)
        scores = dict(zip(DOCUMENTS, (passages @ query).tolist(), strict=True))
        found = run[request.key]
        assert found == pytest.approx({docid: scores[docid] for docid in found}, abs=1e-5)
    without = ComposedRanker(TextEncoder(minilm), alpha=0.4).rank(requests, DOCUMENTS)
    assert run["bare"] == pytest.approx(without["bare"]) and run["again"] == pytest.approx(without["again"])
    assert run["both"] != pytest.approx(without["both"], abs=1e-4)


def test_says_what_it_found(minilm: SentenceTransformer) -> None:
    ranker = ComposedRanker(TextEncoder(minilm))
    assert ranker.notes() == ()
    ranker.rank(REQUESTS, DOCUMENTS)
    (note,) = ranker.notes()
    assert note.startswith("the rule found an exclusion in 2 of 3 texts (alpha 0.2), such as ")
    assert "'animals no honey and no wax': 'animals' without 'honey', 'wax' (cues: no, no)" in note
    ranker.rank(REQUESTS[2:3], DOCUMENTS)
    assert ranker.notes() == ("the rule found an exclusion in 0 of 1 texts (alpha 0.2)",)
    ranker = ComposedRanker(TextEncoder(minilm), emphasis=0.3)
    ranker.rank(REQUESTS[2:3], DOCUMENTS)
    assert ranker.notes() == ("the rule found an exclusion in 0 of 1 texts (alpha 0.2, emphasis 0.3)",)


def test_a_query_with_an_instruction_is_left_whole_and_joined_as_in_training(
    minilm: SentenceTransformer,
) -> None:
    request = Request("q", "bread without sugar", "I have no oven, so nothing baked")
    run = ComposedRanker(TextEncoder(minilm), "{query} [SEP] {instruction}").rank([request], DOCUMENTS)
    query = exclude("bread without sugar [SEP] I have no oven", ["baked"], model=minilm)
    assert run["q"]["bees"] == pytest.approx(
        float(query @ minilm.encode_document("Bees make honey.", normalize_embeddings=True)), abs=1e-5
    )


def test_models_of_the_dot_product_keep_their_length(static_model: SentenceTransformer) -> None:
    static_model.similarity_fn_name = "dot"
    request = Request("q", "animals", "no honey")
    wanted = static_model.encode_query("animals")
    run = ComposedRanker(TextEncoder(static_model), alpha=0.0).rank([request], DOCUMENTS)
    expected = float(wanted @ static_model.encode_document("Bees make honey."))
    assert run["q"]["bees"] == pytest.approx(expected, rel=1e-4)
    assert np.linalg.norm(wanted) != pytest.approx(1, abs=1e-2)


def test_names_say_the_model_and_alpha(static_models: tuple[Path, Path]) -> None:
    assert parse_composed("composed:package:a/b") == ("package:a/b", 0.2, 0.0)
    assert parse_composed("composed@0.4:org/name") == ("org/name", 0.4, 0.0)
    assert parse_composed("composed@0.4+0.3:org/name") == ("org/name", 0.4, 0.3)
    assert parse_composed("composed") is None and parse_composed("org/composed") is None
    for name in (
        "composed@x:a",
        "composed@-1:a",
        "composed@nan:a",
        "composed@9:a",
        "composed:",
        "composed@0.4+x:a",
        "composed@0.4+9:a",
    ):
        with pytest.raises(InputError, match="write composed:MODEL, composed@ALPHA:MODEL or "):
            parse_composed(name)
    folder = static_models[0]
    assert isinstance(load_ranker(f"composed@0:{folder}", RankerOptions()), ComposedRanker)
    assert template_of(f"composed:{folder}") == template_of(str(folder))
    assert display_name(f"composed@0.4:{folder}") == f"composed@0.4:{folder.name}"
    with pytest.raises(InputError, match="leave out the token limit"):
        load_ranker(f"composed:{folder}", RankerOptions(max_tokens=8))


def test_a_report_says_how_many_queries_were_split(
    dual_view_folder: Path, static_models: tuple[Path, Path], tmp_path: Path
) -> None:
    model = str(static_models[0])
    result = evaluate(f"composed:{model}", dual_view_folder, baseline=model, out=tmp_path / "report")
    assert any("the rule found an exclusion in " in note for note in result.notes)
    assert "the rule found an exclusion in " in (tmp_path / "report" / "report.html").read_text("utf-8")
