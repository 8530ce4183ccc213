"""Rankers: encoders, BM25, cross-encoders and saved runs answer the same requests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import CrossEncoder, SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.metrics import ranking
from dualview.trainer.evaluation.rankers.bm25_ranker import BM25Ranker
from dualview.trainer.evaluation.rankers.cross_encoder_ranker import CrossEncoderRanker
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, load_ranker
from dualview.trainer.evaluation.rankers.ranker import Request, request_key
from dualview.trainer.evaluation.rankers.run_file import RunFileRanker, read_run, write_run
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder, model_key
from dualview.trainer.evaluation.rankers.top_scores import best_of_blocks, best_of_row

DOCUMENTS = {
    "bees": "Honey bees\nBees make honey from nectar.",
    "cats": "Cats\nCats hunt mice at night.",
    "rain": "Rain\nRain fills the rivers.",
    "bread": "Bread\nBakers knead dough for bread.",
}
REQUESTS = [
    Request("whole", "who makes honey"),
    Request("instructed", "animals", "Only those that hunt.", ("bees", "cats")),
]


def test_keys_hold_no_white_space_and_tell_views_from_names() -> None:
    assert request_key("kidney stones", "a view") == "kidney%20stones@a%20view"
    assert request_key("q@1") != request_key("q", "1")


def test_an_encoder_ranks_as_its_similarities_say(minilm: SentenceTransformer) -> None:
    run = DenseRanker(TextEncoder(minilm)).rank(REQUESTS, DOCUMENTS)
    assert set(run["whole"]) == set(DOCUMENTS) and ranking(run["whole"])[0] == "bees"
    assert set(run["instructed"]) == {"bees", "cats"}
    query = minilm.encode_query("animals Only those that hunt.")
    for docid in ("bees", "cats"):
        similarity = float(minilm.similarity(query, minilm.encode_document(DOCUMENTS[docid])))
        assert run["instructed"][docid] == pytest.approx(similarity, abs=1e-5)


def test_the_template_joins_query_and_instruction(static_model: SentenceTransformer) -> None:
    encoder = TextEncoder(static_model)
    joined = DenseRanker(encoder, "{query}: {instruction}").rank([REQUESTS[1]], DOCUMENTS)
    plain = DenseRanker(encoder).rank(
        [Request("instructed", "animals: Only those that hunt.", "", ("bees", "cats"))], DOCUMENTS
    )
    assert joined == plain


def test_prompts_of_the_model_are_honoured(static_model: SentenceTransformer) -> None:
    plain = DenseRanker(TextEncoder(static_model)).rank(REQUESTS[:1], DOCUMENTS)
    static_model.prompts = {"query": "find honey honey ", "document": "rain "}
    prompted = DenseRanker(TextEncoder(static_model)).rank(REQUESTS[:1], DOCUMENTS)
    assert prompted != plain


def test_models_compared_by_distance_are_refused(static_model: SentenceTransformer) -> None:
    static_model.similarity_fn_name = "euclidean"
    with pytest.raises(InputError, match="only cosine and dot"):
        TextEncoder(static_model)


def test_each_text_is_encoded_once_and_found_again(
    static_model: SentenceTransformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    original = SentenceTransformer.encode_document

    def counting(self: SentenceTransformer, texts: list[str], **options: object) -> np.ndarray:
        encoded.extend(texts)
        return original(self, texts, **options)

    monkeypatch.setattr(SentenceTransformer, "encode_document", counting)
    texts = ["a longer text about rain", "bees", "a longer text about rain", "cats hunt"]
    first = TextEncoder(static_model, tmp_path).encode_documents(texts)
    assert encoded == ["a longer text about rain", "cats hunt", "bees"]  # longest first
    again = TextEncoder(static_model, tmp_path).encode_documents([*texts, "new"])
    assert encoded[3:] == ["new"]
    expected = static_model.encode(texts, normalize_embeddings=True)
    for found in (first.take(slice(None)), again.take(slice(0, 4))):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    half = TextEncoder(static_model, tmp_path, half=True).encode_documents(texts)
    assert half.vectors.dtype == np.float16
    np.testing.assert_allclose(half.take(slice(None)), expected, atol=1e-3)
    # Queries have prompts of their own: they never share vectors with documents.
    assert len(TextEncoder(static_model, tmp_path).encode_queries(["bees"]).vectors) == 1


def test_bfloat16_gives_vectors_of_its_own_near_the_others(
    minilm: SentenceTransformer, tmp_path: Path
) -> None:
    texts = list(DOCUMENTS.values())
    exact = TextEncoder(minilm, tmp_path).encode_documents(texts).take(slice(None))
    rounded = TextEncoder(minilm, tmp_path, bf16=True).encode_documents(texts).take(slice(None))
    assert 1e-5 < np.abs(exact - rounded).max() < 0.02
    assert (exact * rounded).sum(axis=1).min() > 0.999
    # Nothing that was stored in one format is taken for the other.
    again = TextEncoder(minilm, tmp_path).encode_documents(texts).take(slice(None))
    np.testing.assert_array_equal(exact, again)
    assert len(list(tmp_path.iterdir())) == 2


def test_the_key_of_a_model_changes_with_whatever_changes_its_vectors(
    static_model: SentenceTransformer, fresh_minilm: SentenceTransformer
) -> None:
    before = model_key(static_model, "query")
    assert model_key(static_model, "query") == before
    static_model.prompts = {"query": "query: "}
    prompted = model_key(static_model, "query")
    assert prompted != before
    weights = static_model[0].embedding.weight
    weights.data[0, 0] += 1
    assert model_key(static_model, "query") not in (before, prompted)
    long = model_key(fresh_minilm, "query")
    fresh_minilm.max_seq_length = 16
    assert model_key(fresh_minilm, "query") != long


def test_the_best_of_a_corpus_do_not_depend_on_blocks_or_order() -> None:
    source = np.random.default_rng(0)
    docids = np.array([f"d{number}" for number in range(200)], dtype=object)
    scores = source.integers(0, 20, size=(3, 200)).astype(float)  # many ties
    expected = [best_of_row(docids, row, 10) for row in scores]
    for row, best in zip(scores, expected, strict=True):
        everything = dict(zip(docids.tolist(), row.tolist(), strict=True))
        assert list(best) == ranking(everything)[:10]
    order = source.permutation(200)
    blocks = [
        (docids[order[start : start + 30]], scores[:, order[start : start + 30]])
        for start in range(0, 200, 30)
    ]
    assert best_of_blocks(iter(blocks), 3, 10) == expected


def test_bm25_knows_words() -> None:
    run = BM25Ranker().rank([*REQUESTS, Request("stop words", "the and of")], DOCUMENTS)
    assert ranking(run["whole"])[0] == "bees"
    assert run["instructed"] == {"bees": 0.0, "cats": pytest.approx(run["instructed"]["cats"])}
    assert run["instructed"]["cats"] > 0  # "hunt"
    assert set(run["stop words"].values()) == {0.0}


@pytest.fixture(scope="module")
def cross_encoder(minilm_path: Path) -> CrossEncoder:
    """The packaged encoder with a new, random head: it knows nothing, but works as any cross-encoder does."""
    return CrossEncoder(str(minilm_path), num_labels=1, max_length=48, device="cpu")


def test_a_cross_encoder_reads_pairs_and_reranks_what_bm25_finds(cross_encoder: CrossEncoder) -> None:
    ranker = CrossEncoderRanker(cross_encoder, BM25Ranker(depth=2))
    run = ranker.rank(REQUESTS, DOCUMENTS)
    assert len(run["whole"]) == 2 and "bees" in run["whole"]
    pair = ("animals Only those that hunt.", DOCUMENTS["cats"])
    assert run["instructed"]["cats"] == pytest.approx(float(cross_encoder.predict([pair])[0]), abs=1e-5)
    rounded = CrossEncoderRanker(cross_encoder, BM25Ranker(depth=2), bf16=True).rank(REQUESTS, DOCUMENTS)
    assert rounded["instructed"]["cats"] == pytest.approx(run["instructed"]["cats"], abs=0.05)
    assert rounded["instructed"] != run["instructed"]


def test_a_saved_run_gives_the_same_rankings(tmp_path: Path) -> None:
    run = BM25Ranker().rank(REQUESTS, DOCUMENTS)
    path = tmp_path / "runs" / "bm25.trec"
    write_run(path, run, "bm25 of today")
    assert read_run(path) == run
    assert path.read_text().splitlines()[0].split()[:4] == ["whole", "Q0", "bees", "1"]
    assert RunFileRanker(path).rank(REQUESTS, DOCUMENTS) == run
    # Candidates that a run left out stay out.
    write_run(path, {"whole": run["whole"], "instructed": {"bees": 1.0, "rain": 2.0}}, "other")
    assert RunFileRanker(path).rank(REQUESTS, DOCUMENTS)["instructed"] == {"bees": 1.0}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("whole Q0 bees 1 0.5 x\nwhole bees 1", "line 2: has 3 fields"),
        ("whole Q0 bees 1 high x", "line 1: the score 'high' is not a number"),
        ("whole Q0 bees 1 nan x", "line 1: the score 'nan' is not a number"),
        ("whole Q0 bees 1 2 x\n\nwhole Q0 bees 2 1 x", "line 3: document 'bees' is there twice"),
        ("", "is empty"),
        ("whole Q0 bees 1 2 x", "lacks the query 'instructed'"),
        ("whole Q0 bees 1 2 x\ninstructed Q0 dogs 1 2 x", "ranks 'dogs', which the benchmark does not have"),
        (b"a\xff", "line 1: is not UTF-8"),
    ],
)
def test_a_run_that_does_not_fit_is_refused(tmp_path: Path, lines: str | bytes, message: str) -> None:
    path = tmp_path / "run.trec"
    path.write_bytes(lines if isinstance(lines, bytes) else lines.encode())
    with pytest.raises(InputError, match=message) as caught:
        RunFileRanker(path).rank(REQUESTS, DOCUMENTS)
    assert str(path) in str(caught.value)


def test_a_document_id_that_a_run_cannot_carry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="white space"):
        write_run(tmp_path / "run.trec", {"q": {"two words": 1.0}}, "x")
    assert not (tmp_path / "run.trec").exists()


def test_rankers_by_name(static_models: tuple[Path, Path], minilm_path: Path, tmp_path: Path) -> None:
    short = RankerOptions(max_tokens=32)
    assert isinstance(load_ranker(f"cross-encoder:{minilm_path}", short), CrossEncoderRanker)
    with pytest.raises(InputError, match="leave out the token limit"):
        load_ranker(str(static_models[0]), short)
    options = RankerOptions(cache=tmp_path)
    assert isinstance(load_ranker("bm25", options), BM25Ranker)
    assert isinstance(load_ranker(str(static_models[0]), options), DenseRanker)
    for name in (f"run:{tmp_path}/none.trec", f"cross-encoder:{tmp_path}/none", str(tmp_path / "none")):
        with pytest.raises(InputError):
            load_ranker(name, options)


def test_what_is_optional_is_left_out_by_those_that_it_would_cost_much(
    cross_encoder: CrossEncoder, static_model: SentenceTransformer, tmp_path: Path
) -> None:
    requests = [*REQUESTS, Request("more", "animals", "Only those that hunt.", depth=2, optional=True)]
    by_words = BM25Ranker().rank(requests, DOCUMENTS)
    by_vectors = DenseRanker(TextEncoder(static_model)).rank(requests, DOCUMENTS)
    for run in (by_words, by_vectors):
        assert len(run["more"]) == 2 and len(run["whole"]) == len(DOCUMENTS)
        assert len(run["instructed"]) == 2
    assert by_words["more"]["cats"] == by_words["instructed"]["cats"]
    read = CrossEncoderRanker(cross_encoder, BM25Ranker()).rank(requests, DOCUMENTS)
    assert set(read) == {"whole", "instructed"}
    write_run(tmp_path / "run.trec", read, "x")
    assert set(RunFileRanker(tmp_path / "run.trec").rank(requests, DOCUMENTS)) == set(read)


def test_unjudged_passages_of_the_query_are_left_out_of_the_search_for_an_instructed_one() -> None:
    passages = [
        {"docid": docid, "title": "", "text": docid} for docid in ("want", "other", "unjudged", "hard")
    ]
    want, other, unjudged, hard = passages
    row = {"query_id": "q", "set_id": "s", "query": "?", "source": "x"}
    row |= {
        "instruction": "this",
        "reversed_instruction": "that",
        "positive": want,
        "reversed_positive": other,
    }
    row |= {"other_instruction_negatives": [unjudged], "hard_negatives": [hard]}
    benchmark = benchmark_from_rows([row])
    order = ["unjudged", "hard", "want", "other"]
    run = {
        request.key: {docid: -float(order.index(docid)) for docid in order}
        for request in benchmark.requests()
    }
    found = benchmark.figures(run)["x"].values["instructed_ndcg_at_10"]
    # Without the unjudged one they are on ranks 2 and 3.
    assert found == pytest.approx([1 / np.log2(3), 1 / np.log2(4)])


def test_a_part_of_the_corpus_is_ranked_alone(
    cross_encoder: CrossEncoder, static_model: SentenceTransformer, tmp_path: Path
) -> None:
    part = tuple(sorted(DOCUMENTS)[1:])
    asked = {"corpus": part, "optional": True, "reranked": 2}
    requests = [*REQUESTS, Request("part", "who makes honey", **asked)]
    for ranker in (BM25Ranker(), DenseRanker(TextEncoder(static_model))):
        run = ranker.rank(requests, DOCUMENTS)
        kept = {docid: score for docid, score in run["whole"].items() if docid in part}
        assert run["part"] == pytest.approx(kept)
        assert list(run["part"]) == ranking(run["part"])
    read = CrossEncoderRanker(cross_encoder, BM25Ranker()).rank(requests, DOCUMENTS)
    assert len(read["part"]) == 2 and set(read["part"]) <= set(part)
    write_run(tmp_path / "run.trec", {**read, "part": dict.fromkeys(DOCUMENTS, 1.0)}, "x")
    assert set(RunFileRanker(tmp_path / "run.trec").rank(requests, DOCUMENTS)["part"]) == set(part)


def test_a_pair_that_several_requests_rank_is_read_once(
    cross_encoder: CrossEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    predict = cross_encoder.predict

    def counted(pairs: list[tuple[str, str]], **options: object) -> np.ndarray:
        read.append(len(pairs))
        return predict(pairs, **options)

    monkeypatch.setattr(cross_encoder, "predict", counted)
    named = ("bees", "cats")
    requests = [Request("a", "who?", "", named), Request("b", "who?", "", tuple(reversed(named)))]
    run = CrossEncoderRanker(cross_encoder, BM25Ranker()).rank(requests, DOCUMENTS)
    assert read == [2] and run["a"] == run["b"] and set(run["a"]) == set(named)
