from __future__ import annotations

import contextlib
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import model_index_to_eval_results
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import CardError
from dualview.cards.metadata.model_metadata import model_card_data
from dualview.cards.model_card import (
    Example,
    ModelFacts,
    load_facts,
    render_model_card,
    save_facts,
    write_model_card,
)
from dualview.cards.model_facts import without_local_paths
from dualview.cards.readme import BY_HAND_END, BY_HAND_START
from dualview.cards.text import Markdown

EMPTY_BY_HAND = Markdown(f"{BY_HAND_START}\n{BY_HAND_END}")


def snippet(card: str) -> str:
    return card.split("```python\n")[1].split("\n```\n")[0]


def test_golden(tmp_path: Path, model_facts: ModelFacts, golden: Callable[[str, str], None]) -> None:
    path = write_model_card(tmp_path, model_facts)
    golden("model_card.md", path.read_text(encoding="utf-8"))
    golden("eval_results.yaml", (tmp_path / ".eval_results" / "dualview.yaml").read_text(encoding="utf-8"))


def test_metadata_reads_back(tmp_path: Path, model_facts: ModelFacts) -> None:
    data = ModelCard.load(write_model_card(tmp_path, model_facts)).data
    assert data.base_model == "sentence-transformers/all-MiniLM-L6-v2"
    assert data.library_name == "sentence-transformers"
    assert data.pipeline_tag == "sentence-similarity"
    assert {"sentence-transformers", "feature-extraction"} <= set(data.tags)
    assert data.license == "apache-2.0"
    assert data.datasets is None  # a local path names no repository


def test_model_index_round_trip(tmp_path: Path, model_facts: ModelFacts) -> None:
    path = write_model_card(tmp_path, model_facts)
    written = model_card_data(model_facts).eval_results
    metadata = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
    name, read = model_index_to_eval_results(metadata["model-index"])
    assert name == model_facts.model_name
    assert read == written == ModelCard.load(path).data.eval_results
    assert [result.metric_value for result in read] == [0.4123, 0.648]


def test_results_file_reads_back(tmp_path: Path, model_facts: ModelFacts) -> None:
    from huggingface_hub import parse_eval_result_entries

    write_model_card(tmp_path, model_facts)
    path = tmp_path / ".eval_results" / "dualview.yaml"
    entries = parse_eval_result_entries(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert [(entry.dataset_id, entry.task_id, entry.value) for entry in entries] == [
        ("runs-quickstart-dataset", "test-attributed-pairs-flip_accuracy", 0.4123),
        ("BeIR/scifact", "test-ndcg_at_10", 0.648),
    ]
    write_model_card(tmp_path, replace(model_facts, results=()))
    assert not path.exists()


def test_a_difference_whose_interval_holds_zero_is_none(model_facts: ModelFacts) -> None:
    rows = [
        line for line in render_model_card(model_facts, EMPTY_BY_HAND).split("\n") if line.startswith("| ")
    ]
    flip, ndcg = (next(row for row in rows if name in row) for name in ("Flip accuracy", "nDCG"))
    assert "| 11.5 | 41.2 (38.0 to 44.5) | **+29.7** (+26.0 to +33.0) |" in flip
    assert "| 64.9 | 64.8 (60.0 to 69.0) | no difference (-1.2 to +1.0) |" in ndcg


@pytest.mark.parametrize(
    ("low", "high", "differs"), [(0.0, 0.1, False), (-0.1, 0.0, False), (-0.2, -0.1, True)]
)
def test_zero_at_the_end_of_an_interval_is_in_it(
    model_facts: ModelFacts, low: float, high: float, differs: bool
) -> None:
    assert replace(model_facts.results[0], difference_low=low, difference_high=high).differs is differs


def test_without_results_the_card_claims_none(tmp_path: Path, model_facts: ModelFacts) -> None:
    path = write_model_card(tmp_path, replace(model_facts, results=(), eval_command=None))
    data = ModelCard.load(path).data
    assert data.eval_results is None and data.metrics is None and data.model_name is None
    assert "## Results" not in path.read_text(encoding="utf-8")


def test_the_snippet_runs_as_it_stands(tmp_path: Path, model_facts: ModelFacts, minilm_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for entry in minilm_path.iterdir():
        (folder / entry.name).symlink_to(entry)
    (folder / "README.md").unlink(missing_ok=True)
    card = write_model_card(folder, model_facts).read_text(encoding="utf-8")
    printed, scope = io.StringIO(), {}
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(snippet(card), "README.md", "exec"), scope)
    finally:
        os.chdir(before)
    lines = printed.getvalue().splitlines()
    assert len(lines) == 2 and all(len(json.loads(line)) == 2 for line in lines)
    assert scope["passages"] == list(model_facts.example.passages)
    model = SentenceTransformer(str(minilm_path), device="cpu")
    example = model_facts.example
    queries = model.encode(
        [f"{example.query} {example.instruction}", f"{example.query} {example.reversed_instruction}"]
    )
    expected = model.similarity(queries, model.encode(list(example.passages)))
    assert scope["scores"].cpu().numpy() == pytest.approx(expected.numpy(), abs=1e-5)


def test_the_snippet_names_a_published_model(model_facts: ModelFacts) -> None:
    card = render_model_card(replace(model_facts, model_name="org/dualview-305m"), EMPTY_BY_HAND)
    assert 'SentenceTransformer("org/dualview-305m")' in snippet(card)


def test_a_model_of_two_sides_says_how_passages_are_encoded(tmp_path: Path, model_facts: ModelFacts) -> None:
    kept = replace(model_facts, hyperparameters={**model_facts.hyperparameters, "frozen_documents": True})
    said = "an existing index of its vectors works with this model"
    assert said in write_model_card(tmp_path, kept).read_text(encoding="utf-8")
    assert model_card_data(kept).to_dict().get("widget") is None
    assert said not in write_model_card(tmp_path, model_facts).read_text(encoding="utf-8")
    assert model_card_data(model_facts).to_dict()["widget"]


def test_published_dataset_is_linked(model_facts: ModelFacts) -> None:
    facts = replace(model_facts, dataset_name="org/dualview-ifir")
    assert model_card_data(facts).datasets == ["org/dualview-ifir"]
    assert "(https://huggingface.co/datasets/org/dualview-ifir)" in render_model_card(facts, EMPTY_BY_HAND)


def test_no_path_of_this_machine_is_published(tmp_path: Path, model_facts: ModelFacts) -> None:
    home = "/srv/me/work"
    local = replace(
        model_facts,
        model_name=f"{home}/model",
        base_model=f"{home}/my-base",
        dataset_name=f"{home}/one, {home}/two",
        loss={"teacher": f"{home}/teacher"},
        hyperparameters={"negatives": Path(home, "negatives"), "more": [f"{home}/a", {"b": f"{home}/b"}]},
        results=tuple(replace(result, dataset=f"{home}/two") for result in model_facts.results),
        train_command=f"dualview train --model {home}/my-base --dataset {home}/one --out ~/runs",
        eval_command=f"dualview evaluate --model {home}/runs/model",
    )
    save_facts(tmp_path, local)
    card = write_model_card(tmp_path, local).read_text(encoding="utf-8")
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or home not in path.read_text(encoding="utf-8"), path
    for name in ("my-base", "one, two", "teacher", "negatives", "--out runs"):
        assert name in card
    assert load_facts(tmp_path) == without_local_paths(local)


def test_the_card_names_the_release_that_loads_the_model(model_facts: ModelFacts) -> None:
    two_sided = replace(model_facts, hyperparameters={"frozen_documents": True})
    for facts in (model_facts, two_sided):
        # encode_query and the Router came with it.
        assert 'pip install "sentence-transformers>=5.0"\n' in render_model_card(facts, EMPTY_BY_HAND)


def test_the_card_says_where_the_query_side_is(model_facts: ModelFacts) -> None:
    local = replace(model_facts, model_name="a-name", hyperparameters={"frozen_documents": True})
    assert "in the folder `query` of this model" in render_model_card(local, EMPTY_BY_HAND)
    on_the_hub = render_model_card(replace(local, model_name="org/a-name"), EMPTY_BY_HAND)
    assert "[org/a-name-query](https://huggingface.co/org/a-name-query)" in on_the_hub


def test_citation_of_the_method_stands_once(model_facts: ModelFacts) -> None:
    loss_citation = "@misc{x, eprint = {2604.18845}}"
    card = render_model_card(replace(model_facts, loss_citation=loss_citation), EMPTY_BY_HAND)
    assert loss_citation in card
    assert card.count("2604.18845") == 1
    assert render_model_card(model_facts, EMPTY_BY_HAND).count("eprint = {2604.18845}") == 1


WILD = st.text(st.sampled_from(list("-`|<>{}%![]()\\*_#&;:\"'\n\r\t a1\x85\u2028")), max_size=30) | st.text(
    max_size=10
)


def skeleton(card: str) -> list[str]:
    body = card.split("\n---\n", 1)[1].split("\n")
    return [line.split(" ")[0] for line in body if line[:1] in "#`<|-" and line]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wild=WILD)
def test_hostile_text_changes_nothing_but_itself(model_facts: ModelFacts, wild: str) -> None:
    def filled(text: str) -> ModelFacts:
        return replace(
            model_facts,
            model_name=f"x{text}",
            dataset_name=f"{text}/a/b",
            loss={"x": text, f"y{text}": 1},
            hyperparameters={f"x{text}": text},
            mixture={text: 1},
            hardware=f"x{text}",
            limits=(f"x{text}",),
            results=(replace(model_facts.results[0], dataset=f"{text}/a/b", subset=text, metric_name=text),),
            example=Example(query=text, instruction=text, reversed_instruction=text, passages=(text,)),
        )

    shown = render_model_card(filled(wild), EMPTY_BY_HAND)
    assert skeleton(shown) == skeleton(render_model_card(filled("x"), EMPTY_BY_HAND))
    assert (
        ModelCard(shown).data.eval_results == model_card_data(without_local_paths(filled(wild))).eval_results
    )
    compile(snippet(shown), "README.md", "exec")
    example = re.search(r"^query = .*$", snippet(shown), re.MULTILINE)
    scope: dict[str, str] = {}
    assert example is not None
    exec(example.group(), scope)
    assert scope["query"] == wild


def test_what_a_person_wrote_is_kept(tmp_path: Path, model_facts: ModelFacts) -> None:
    path = write_model_card(tmp_path, model_facts)
    mine = f"{BY_HAND_START}\nAsk *me*.\n{BY_HAND_END}"
    path.write_text(path.read_text(encoding="utf-8").replace(EMPTY_BY_HAND, mine), encoding="utf-8")
    text = write_model_card(tmp_path, replace(model_facts, hardware="one GPU")).read_text(encoding="utf-8")
    assert mine in text and "one GPU" in text


def test_facts_round_trip(tmp_path: Path, model_facts: ModelFacts) -> None:
    assert save_facts(tmp_path, model_facts) == tmp_path / "dualview_facts.json"
    assert load_facts(tmp_path) == model_facts
    # A second program may use the file without this package.
    assert json.loads((tmp_path / "dualview_facts.json").read_text("utf-8")) == json.loads(
        json.dumps(asdict(model_facts))
    )


def test_facts_name_what_json_cannot_hold(tmp_path: Path, model_facts: ModelFacts) -> None:
    save_facts(tmp_path, replace(model_facts, loss={"path": Path("x")}))
    assert load_facts(tmp_path).loss == {"path": "x"}


def test_facts_refuse_what_is_not_a_number(tmp_path: Path, model_facts: ModelFacts) -> None:
    with pytest.raises(CardError, match="not a finite number"):
        save_facts(tmp_path, replace(model_facts, train_seconds=float("nan")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "not found"),
        ("{", "cannot be read"),
        ("[]", "not an object"),
        ("{}", "'base_license' is missing"),
    ],
)
def test_bad_facts_give_one_line(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "dualview_facts.json").write_text(content)
    with pytest.raises(CardError, match=message) as error:
        load_facts(tmp_path)
    assert "\n" not in str(error.value) and "dualview_facts.json" in str(error.value)


def test_an_unknown_field_is_named(tmp_path: Path, model_facts: ModelFacts) -> None:
    path = save_facts(tmp_path, model_facts)
    stored = json.loads(path.read_text("utf-8"))
    stored["results"][0]["p_value"] = 0.1
    path.write_text(json.dumps(stored))
    with pytest.raises(CardError, match="'p_value' is not known"):
        load_facts(tmp_path)
