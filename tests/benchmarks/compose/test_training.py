"""Measures, the contrastive terms, and a training of a tiny encoder from files to figures."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch.nn.functional import normalize
from transformers import BertConfig, BertModel

from benchmarks.compose.__main__ import chosen, parse_arguments
from benchmarks.compose.configurations import Configuration, all_configurations
from benchmarks.compose.measures import ndcg_at_10, rank_targets
from benchmarks.compose.pack import write_lines
from benchmarks.compose.scene import Scene, make_scene
from benchmarks.compose.sweep import baselines, finished_names, run_one
from benchmarks.compose.table import heading, line_of
from benchmarks.compose.training import contrastive


def test_ranks_over_the_corpus_and_within_the_set() -> None:
    corpus = normalize(torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]), dim=1)
    queries = normalize(torch.tensor([[1.0, 0.0], [0.1, 1.0]]), dim=1)
    ranked = rank_targets(queries, corpus, torch.tensor([1, 2]), torch.tensor([[0, -1], [0, 1]]))
    assert ranked.rank.tolist() == [2, 1]
    assert ranked.first.tolist() == [False, True]
    assert ranked.violating.tolist() == [True, False]
    assert ranked.within.tolist() == [False, True]


def test_ndcg_of_two_relevant_passages() -> None:
    corpus = torch.eye(3)
    value = ndcg_at_10(normalize(torch.tensor([[0.9, 0.5, 0.1]]), dim=1), corpus, [[0, 2]])
    assert float(value[0]) == pytest.approx((1 + 0.5) / (1 + 1 / math.log2(3)), abs=1e-4)


def test_passages_that_nobody_judged_for_a_view_count_in_no_term() -> None:
    item = torch.tensor([0, 0, 0, 1])
    arguments = (item, torch.tensor([0]), torch.tensor([0]), torch.tensor([[1, -1]]))
    scores = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    terms = contrastive(scores, *arguments)
    assert float(terms["in_set"]) == pytest.approx(float(torch.tensor([1.0, 2.0]).logsumexp(0) - 1))
    assert float(terms["corpus"]) == pytest.approx(float(torch.tensor([1.0, 2.0, 4.0]).logsumexp(0) - 1))


def test_configurations_have_different_names_and_known_columns() -> None:
    names = [one.name for one in all_configurations()]
    assert len(names) == len(set(names))
    assert "nan" in line_of({"name": "x", "figures": {}, "seconds": 1.0})
    assert "failed" in line_of({"name": "x", "error": "no"})
    assert "PRACTICAL" in heading()


def test_failed_configurations_are_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    assert finished_names(path) == set()
    write = [{"name": "a", "figures": {}}, {"name": "b", "error": "no"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in write), encoding="utf-8")
    assert finished_names(path) == {"a"}


def test_extra_configurations_come_first_and_unknown_names_end_the_run(tmp_path: Path) -> None:
    extra = tmp_path / "extra.json"
    extra.write_text('[{"name": "mine", "alpha": 0.3, "sources": ["seeds"]}]', encoding="utf-8")
    words = ["--data", "d", "--model", "m", "--out", "o", "--extra", str(extra)]
    first = chosen(parse_arguments(words))[0]
    assert (first.name, first.alpha, first.sources) == ("mine", 0.3, ("seeds",))
    with pytest.raises(SystemExit, match="no configuration is named 'none'"):
        chosen(parse_arguments([*words, "--only", "none"]))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("compose")
    _write_model(folder / "model")
    _write_data(folder / "data")
    return make_scene(folder / "data", folder / "model", torch.device("cpu"), "validation")


@pytest.mark.parametrize(
    "settings",
    [
        Configuration("main", views=6, kept=10, compositions=4, steps=3, token_dropout=0.2),
        Configuration("compose alone", views=0, kept=10, compositions=4, steps=3),
        Configuration("both", views=8, sets=2, kept=10, compositions=0, steps=3, both_sides=True),
    ],
    ids=lambda settings: settings.name,
)
def test_trains_and_measures(scene: Scene, settings: Configuration) -> None:
    first, *others = run_one(scene, settings, test=False)
    assert len(others) == settings.both_sides
    assert 0 <= first["figures"]["practical/first"] <= 100
    assert ("compose" in first["terms"]) == bool(settings.compositions)
    assert all(value == value for value in first["terms"].values())
    again = next(run_one(scene, settings, test=False))
    assert again["figures"] == first["figures"]


def test_the_base_is_where_it_is_and_is_composed(scene: Scene) -> None:
    joined, *composed = baselines(scene)
    assert joined["figures"]["drift"] == pytest.approx(0, abs=0.01)
    assert joined["figures"]["traps/lowest"] == pytest.approx(100, abs=0.01)
    assert len(composed) == 9


def _names(number: int) -> str:
    """Names that no other number has, enough for one of a held-out split to be among them."""
    start = f"{chr(65 + number % 26)}{chr(97 + number // 26)}"
    return ", ".join(f"{start}{letter}{letter}ik" for letter in "abcdefgh")


def _write_model(folder: Path) -> None:
    words = "abcdefghijklmnopqrstuvwxyz0123456789"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words, *(f"##{letter}" for letter in words)]
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def _write_data(folder: Path) -> None:
    folder.mkdir()
    practical, seeds, attributed, views, splits = [], [], [], [], {}
    facets = []
    for number in range(6):
        split = "train" if number % 2 else "validation"
        texts = [{"title": f"T{n}", "text": f"Here set {number} has Place{n} and item{n}."} for n in range(4)]
        instructions = [
            {"target": n, "kind": kind, "lever": "x", "instruction": f"no item{n}"}
            for n, kind in enumerate(("exclusion", "inclusion", "other"))
        ]
        row = {"id": f"p-{number}", "query": f"query {number}", "texts": texts, "views": instructions}
        practical.append(row)
        splits[f"practical/p-{number}"] = split
        seeds.append(
            {
                "id": f"s-{number}",
                "query": f"seed {number}",
                "instruction": "want a",
                "paraphrase": "wish a",
                "positive": texts[0],
                "instruction_negatives": texts[1:3],
                "reversals": [{"target": 0, "instruction": "want b"}, {"target": 1, "instruction": "want c"}],
                "hard_negatives": texts[3:],
            }
        )
        for letter, text in zip("abcd", texts, strict=True):
            attributed.append({"id": f"t-{number}-{letter}", "query": f"topic {number}", **text})
        facets.append(
            {
                "query_id": f"t-{number}",
                "instructions": ["one", "two"],
                "paraphrase": "uno",
                "targets": [f"t-{number}-a", f"t-{number}-b"],
            }
        )
        for name in (f"s-{number}", f"t-{number}"):
            views.append({"id": name, "views": instructions})
            splits[name] = split
    medical = [
        {"id": f"{n}/{kind}", "focus": f"Disease{n}", "type": kind, "question": "What?", "answer": text}
        for n in range(60)
        for kind, text in (("a", f"The signs are {_names(n)}."), ("b", f"The causes are {_names(n + 200)}."))
    ]
    films = [
        {"title": f"Film{n}", "cast": [f"Actor Pair{n % 30}x"], "genres": ["Drama"], "text": text}
        for n in range(120)
        for text in (f"With Actor Pair{n % 30}x, {_names(n)}.",)
    ]
    abstracts = [
        {"_id": f"{n}", "title": "", "text": f"One {n} is. Two {n} is. Three is. {'Last words ' * 5}{n}."}
        for n in range(8)
    ]
    rows = {"practical": practical, "seeds": seeds, "attributed": attributed, "views": views}
    rows |= {"facets": facets, "medquad": medical, "movies": films}
    rows |= {"scifact-corpus": abstracts, "scifact-queries": [{"_id": "q", "text": "two"}]}
    for name, lines in rows.items():
        write_lines(folder / f"{name}.jsonl.xz", lines)
    (folder / "scifact-qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\t7\t1\n", encoding="utf-8")
    (folder / "splits.json").write_text(json.dumps(splits), encoding="utf-8")
