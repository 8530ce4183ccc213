"""Shipped examples, examples of a published dataset, and the corpus of their passages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flip import ship_examples
from flip.engine.corpus import Corpus
from flip.text.examples import load_examples, load_sets, load_shipped, subjects
from flip.types import FlipError, Passage
from flip_making import make_example


def document(docid: str) -> dict[str, str]:
    return {"docid": docid, "title": f"title {docid}", "text": f"text {docid}"}


def row(set_id: str, reversed_docid: str, lever: str, others: list[str], **more: object) -> dict[str, object]:
    return {
        "set_id": set_id,
        "query": f"query {set_id}",
        "instruction": "the original\x00 one",
        "reversed_instruction": f"want {reversed_docid}",
        "positive": document("a"),
        "reversed_positive": document(reversed_docid),
        "other_instruction_negatives": [document(docid) for docid in others],
        "hard_negatives": [document("h")],
        "lever": lever,
        "domain": None,
        "source": "seeds",
        "kind": "inclusion",
        "reversed_kind": "inclusion",
        "writer": {"kind": "replay"},
    } | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        row("three", "b", "region", ["c"]),
        row("three", "c", "time", ["b"]),
        row("two", "b", "region", [], domain="food")
        | {"kind": "both", "reversed_kind": "both", "writer": {"kind": "facets"}},
    ]
    data = tmp_path / "data" / "dual_view"
    data.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows[:1]), data / "test-00000-of-00002.parquet")
    pq.write_table(pa.Table.from_pylist(rows[1:]), data / "test-00001-of-00002.parquet")
    return tmp_path


def test_the_shipped_examples_are_whole() -> None:
    examples = load_examples(None)
    assert len(examples) >= 24
    assert len({example.set_id for example in examples}) == len(examples)
    for example in examples:
        assert example.labelled
        wanted = [view.wanted for view in example.views]
        assert len(set(wanted)) == len(wanted) >= 2
        assert all(docid and example.passage(docid).text for docid in wanted)
        assert len(example.views) == 2 and len(example.passages) >= 2
    assert len({example.query for example in examples}) == len(examples)
    assert len(subjects(examples)) > 5
    kinds = [example.views[0].kind for example in examples]
    # Opposites first, then the other kinds, which are harder.
    assert kinds == sorted(kinds, key=["opposite", "inclusion", "exclusion"].index)
    assert kinds.count("opposite") > 40


def test_no_shipped_example_is_trained_on() -> None:
    """Compare with the splits of the builder; if they change, run flip.ship_examples again."""
    from itertools import chain

    from dualview.dataset_builder.build.build_settings import BuildSettings
    from dualview.dataset_builder.sources.shipped import open_sources
    from dualview.dataset_builder.splits.plan import SplitShares, plan_splits

    sources = open_sources()
    plan = plan_splits(chain.from_iterable(sources), SplitShares(), BuildSettings.seed)
    splits = {placed.item.query: placed.split for placed in plan.place(chain.from_iterable(sources))}
    assert {splits[example.query] for example in load_examples(None)} == {"test"}


def test_examples_are_shipped_from_a_dataset(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = folder / "examples.json"
    monkeypatch.setattr(ship_examples, "SHIPPED", shipped)
    assert ship_examples.main([str(folder)]) == 0
    two, three = load_shipped(shipped)
    # The pair by rule is one of opposites; of the set with three instructions, a pair is taken.
    assert (two.set_id, three.set_id) == ("two", "three")
    assert [view.kind for view in two.views] == ["opposite"] * 2
    assert [view.wanted for view in three.views] == ["b", "c"] and len(three.passages) == 4
    before = shipped.read_bytes()
    assert ship_examples.main([str(folder)]) == 0
    assert shipped.read_bytes() == before


def test_what_cannot_be_shipped_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ship_examples.main([str(folder / "nothing")]) == 2
    told = capsys.readouterr().err
    assert "no dataset folder" in told and told.count("\n") == 1


def test_one_card_a_query_with_the_plainest_pair(folder: Path) -> None:
    two, three = load_examples(str(folder))
    assert [example.set_id for example in (two, three)] == ["two", "three"]
    assert [view.instruction for view in three.views] == ["want b", "want c"]


def test_rows_of_one_set_are_one_example(folder: Path) -> None:
    three, two = load_sets(str(folder))
    assert [(view.instruction, view.wanted, view.lever) for view in three.views] == [
        ("the original one", "a", ""),
        ("want b", "b", "region"),
        ("want c", "c", "time"),
    ]
    assert [passage.docid for passage in three.passages] == ["a", "b", "c", "h"]
    assert (two.domain, three.domain) == ("food", "other")


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", "a/b/c"])
def test_a_missing_dataset_is_told(name: str) -> None:
    with pytest.raises(FlipError, match="no dataset folder"):
        load_examples(name)


def test_a_dataset_without_the_right_shards_is_told(tmp_path: Path, folder: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FlipError, match="has no data/dual_view/test-"):
        load_examples(str(empty))
    shard = folder / "data" / "dual_view" / "test-00000-of-00002.parquet"
    shard.write_bytes(b"PAR1 no more")
    with pytest.raises(FlipError, match="cannot read test-00000-of-00002"):
        load_examples(str(folder))
    pq.write_table(pa.table({"set_id": ["x"], "query": ["q"]}), shard)
    with pytest.raises(FlipError, match="lacks the column 'instruction'"):
        load_examples(str(folder))


def test_a_corpus_holds_every_passage_once() -> None:
    one = make_example(3)
    two = replace(make_example(4), set_id="set-2", query="other query")
    same_id = replace(
        make_example(2), passages=(Passage("d0", "another", "text"), Passage("d9", "more", "text"))
    )
    corpus = Corpus([one, two, same_id])
    assert [passage.docid for passage in corpus.passages] == ["d0", "d1", "d2", "d3", "d0~2", "d9"]
    assert len(Corpus([one, two], limit=2).passages) == 2


def test_a_search_knows_the_labels_of_an_example() -> None:
    corpus = Corpus([make_example(3), replace(make_example(4), set_id="set-2", query="other query")])
    known = corpus.ask(" query ", "instruction a", "instruction b")
    assert [view.wanted for view in known.views] == ["d0", "d1"]
    assert known.kind == "search"
    assert len(known.passages) == 4
    for query, first, second in [
        ("new", "instruction a", "instruction b"),
        ("query", "instruction a", "new"),
    ]:
        assert not corpus.ask(query, first, second).labelled
    with pytest.raises(FlipError, match="Both instructions are the same"):
        corpus.ask("query", "a", "a")
