"""The writer `facets`: labels are true, wordings are clean, and nothing depends on luck."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.checks.pairs import check_pair, without_bad_paraphrase
from dualview.dataset_builder.schema import AttributedTopic, Passage, Rejection, ViewPair
from dualview.dataset_builder.sources import shipped
from dualview.dataset_builder.writers.facets import FacetsSettings, FacetsWriter, add_arguments
from dualview.dataset_builder.writers.facets.vocabulary import load_package_vocabulary

TABLE: Mapping[str, Any] = yaml.safe_load(
    (files("dualview.dataset_builder.writers.facets") / "attributes.yaml").read_text()
)
VOCABULARY = load_package_vocabulary()
#: Of the shipped topics.
PAIRS_A_TOPIC = 15


@pytest.fixture(scope="module")
def topics() -> list[AttributedTopic]:
    found = [item for source in shipped.open_sources("attributed") for item in source]
    assert all(isinstance(item, AttributedTopic) for item in found)
    return found


@pytest.fixture(scope="module")
def pairs(topics: Sequence[AttributedTopic]) -> list[ViewPair]:
    return [pair for topic in topics for pair in write(topic)]


@pytest.fixture(scope="module")
def values_of(topics: Sequence[AttributedTopic]) -> dict[str, Mapping[str, Any]]:
    """The attributes of each shipped passage."""
    return {
        passage.docid: attributes
        for topic in topics
        for passage, attributes in zip(topic.passages, topic.attributes, strict=True)
    }


def write(topic: AttributedTopic, **settings: Any) -> list[ViewPair]:
    written = list(FacetsWriter(VOCABULARY, **settings).write(topic))
    assert all(isinstance(outcome, ViewPair) for outcome in written)
    return written


def make_topic(*attributes: Mapping[str, Any], text: str = "A plain text, number") -> AttributedTopic:
    passages = tuple(Passage(f"t-{place}", "", f"{text} {place}.") for place in range(len(attributes)))
    return AttributedTopic("t", "some query", passages, attributes, source="own")


def names(text: str, attribute: str, value: str) -> bool:
    """Tell whether an instruction names a value by one of its wordings."""
    return any(wording.casefold() in text.casefold() for wording in TABLE[attribute]["values"][value])


def near(attribute: str, value: str) -> set[str]:
    """The value itself and those that it is never set against, by the table as it is written."""
    return {value}.union(*(pair for pair in TABLE[attribute]["overlaps"] if value in pair))


def test_the_labels_of_every_pair_are_true(
    pairs: Sequence[ViewPair], values_of: Mapping[str, Mapping[str, Any]]
) -> None:
    """By the attributes of the corpus and the table, not by what the writer says of itself."""
    with_others = 0
    for pair in pairs:
        attribute, kind = pair.set_id.split(":")[1], pair.style.split()[1]
        a, b = values_of[pair.positive.docid][attribute], values_of[pair.reversed_positive.docid][attribute]
        assert b not in near(attribute, a)
        if kind != "exclusion":
            assert names(pair.instruction, attribute, a), pair
            assert names(pair.paraphrased_instruction, attribute, a), pair
        if kind != "inclusion":
            assert names(pair.instruction, attribute, b), pair
        if kind == "exclusion":
            assert names(pair.paraphrased_instruction, attribute, b), pair
        assert names(pair.reversed_instruction, attribute, a) or names(
            pair.reversed_instruction, attribute, b
        ), pair
        for other in pair.other_instruction_negatives:
            with_others += 1
            assert values_of[other.docid][attribute] not in near(attribute, a) | near(attribute, b)
            # Both instructions name what they want: who only excludes accepts the other passages.
            assert kind != "exclusion" and names(pair.reversed_instruction, attribute, b), pair
    assert with_others > 1000


def test_doubtful_passages_are_never_set_against_a_value() -> None:
    story = {"aspect": "history", "form": "anecdote"}
    example = {"aspect": "example", "form": "prose"}
    plain = {"aspect": "limits", "form": "prose"}
    assert not [pair for pair in write(make_topic(example, story)) if pair.lever == "aspect"]
    assert [pair.lever for pair in write(make_topic(example, plain))] == ["aspect"]
    # Nor does one break both instructions: who asks for an example may take the story.
    for seed in range(30):
        for pair in write(make_topic(example, plain, story), seed=seed):
            if {pair.positive.docid, pair.reversed_positive.docid} == {"t-0", "t-1"}:
                assert not pair.other_instruction_negatives


def test_passages_that_share_a_value_of_the_pair_are_left_out() -> None:
    topic = make_topic(*({"audience": value} for value in ("beginner", "expert", "beginner", "expert")))
    assert not any(pair.other_instruction_negatives for seed in range(20) for pair in write(topic, seed=seed))


def test_every_aspect_pair_that_can_be_told_apart_is_written_once(pairs: Sequence[ViewPair]) -> None:
    aspects = [pair for pair in pairs if pair.lever == "aspect"]
    by_topic = Counter(pair.query_id for pair in aspects)
    assert max(by_topic.values()) == PAIRS_A_TOPIC
    assert sum(by_topic.values()) / len(by_topic) > 0.9 * PAIRS_A_TOPIC
    both_ways = {frozenset((pair.positive.docid, pair.reversed_positive.docid)) for pair in aspects}
    assert len(both_ways) == len(aspects)


def test_set_ids_are_unique_and_all_passages_answer(pairs: Sequence[ViewPair]) -> None:
    assert len({pair.set_id for pair in pairs}) == len(pairs)
    assert all(len(pair.answers) == 6 for pair in pairs)
    assert {pair.lever for pair in pairs} == {"aspect", "audience", "format"}


def test_the_pairs_meet_the_rules(pairs: Sequence[ViewPair]) -> None:
    for pair in pairs[::7]:
        assert check_pair(pair, original_was_written=True).accepted, pair
        assert without_bad_paraphrase(pair)[1].accepted, pair


def test_kinds_and_styles_are_spread_and_wordings_hardly_repeat(pairs: Sequence[ViewPair]) -> None:
    kinds = Counter(pair.style.split()[1] for pair in pairs)
    styles = Counter(pair.style.split()[0] for pair in pairs)
    assert set(kinds) == {"inclusion", "exclusion", "both"}
    assert all(0.36 < kinds[kind] / len(pairs) < 0.44 for kind in ("inclusion", "both"))
    assert 0.16 < kinds["exclusion"] / len(pairs) < 0.24
    assert set(styles) == {"plain", "imperative", "negation", "background", "persona", "question"}
    assert all(0.13 < count / len(pairs) < 0.21 for count in styles.values())
    texts = [
        text
        for pair in pairs
        for text in (pair.instruction, pair.reversed_instruction, pair.paraphrased_instruction)
    ]
    assert len(set(texts)) > 0.95 * len(texts)


def test_the_views_of_a_pair_name_a_value_in_different_words(
    pairs: Sequence[ViewPair], values_of: Mapping[str, Mapping[str, Any]]
) -> None:
    seen = 0
    for pair in pairs:
        attribute = pair.set_id.split(":")[1]
        for docid in (pair.positive.docid, pair.reversed_positive.docid):
            wordings = TABLE[attribute]["values"][values_of[docid][attribute]]
            once = [w for w in wordings if w.casefold() in pair.instruction.casefold()]
            again = [w for w in wordings if w.casefold() in pair.reversed_instruction.casefold()]
            if once and again:
                seen += 1
                # The longest: "the history" stands within no other wording of history, but some do.
                assert max(once, key=len) != max(again, key=len), pair
    assert seen > 1000


def test_the_same_topic_gives_the_same_pairs_whatever_came_before(topics: Sequence[AttributedTopic]) -> None:
    writer = FacetsWriter(VOCABULARY)
    late = [list(writer.write(topic)) for topic in topics[:3]][2]
    assert late == write(topics[2])
    assert write(topics[2], seed=1) != late


def test_an_unknown_attribute_and_an_unknown_value_get_plain_wordings() -> None:
    topic = make_topic(
        {"section": "Methods", "aspect": "pest-control"}, {"section": "Results", "aspect": "cost"}
    )
    for seed in range(20):
        section, aspect = sorted(write(topic, seed=seed), key=lambda pair: pair.lever, reverse=True)
        assert (section.lever, aspect.lever) == ("section", "aspect")
        both = f"{section.instruction} {section.reversed_instruction}"
        assert "section" in both and ("Methods" in both or "Results" in both)
        assert "{" not in f"{both} {aspect.instruction} {aspect.reversed_instruction}"


def test_a_passage_with_several_values_is_told_apart_by_one_that_the_other_lacks() -> None:
    topic = make_topic({"tag": ("red", "round")}, {"tag": ("round", "blue")}, {"tag": ("round",)})
    written = write(topic)
    assert [{pair.positive.docid, pair.reversed_positive.docid} for pair in written] == [{"t-0", "t-1"}]
    assert all("round" not in f"{pair.instruction} {pair.reversed_instruction}" for pair in written)


def test_a_passage_with_both_values_breaks_both_instructions_only_where_all_wordings_say_so() -> None:
    topic = make_topic({"tag": ("red",)}, {"tag": ("blue",)}, {"tag": ("red", "blue")})
    found = 0
    for seed in range(80):
        for pair in write(topic, seed=seed):
            if not pair.other_instruction_negatives:
                continue
            found += 1
            for text in (pair.instruction, pair.paraphrased_instruction):
                unwanted = next(iter(set(topic.attributes[int(pair.reversed_positive.docid[-1])]["tag"])))
                assert unwanted in text, pair
    assert found


@pytest.mark.parametrize(("given", "count"), [("3", 3), ("all", 15), ("0", 0)])
def test_the_number_of_pairs_can_be_set(topics: Sequence[AttributedTopic], given: str, count: int) -> None:
    writer = read_settings("--facet-pairs", f"aspect={given}").make()
    topic = next(t for t in topics if sum(p.lever == "aspect" for p in write(t)) == PAIRS_A_TOPIC)
    assert sum(getattr(pair, "lever", "") == "aspect" for pair in writer.write(topic)) == count


def test_the_pairs_that_are_written_are_drawn_from_all(topics: Sequence[AttributedTopic]) -> None:
    written = [write(topic, pairs={"aspect": 1, "form": 0, "audience": 0}) for topic in topics]
    places = Counter(
        "".join(sorted(found.docid[-1] for found in (pair.positive, pair.reversed_positive)))
        for (pair,) in written
    )
    assert len(places) == PAIRS_A_TOPIC and max(places.values()) < len(topics) / 5


@pytest.mark.parametrize("given", ["form", "=3", "form=", "form=-1", "form=two"])
def test_a_wrong_number_of_pairs_is_one_clear_line(given: str) -> None:
    with pytest.raises(InputError, match=r"--facet-pairs .*: is not NAME=N; write it like form=3"):
        read_settings("--facet-pairs", given)


def test_five_words_of_a_passage_are_never_said() -> None:
    """Another wording is drawn; where none is left, the pair is rejected."""
    long_ones = [
        wording
        for value in ("history", "cost")
        for wording in TABLE["aspect"]["values"][value]
        if len(wording.split()) >= 5
    ]
    topic = make_topic({"aspect": "history"}, {"aspect": "cost"}, text=" / ".join(long_ones) + " and")
    written = [outcome for seed in range(40) for outcome in FacetsWriter(VOCABULARY, seed=seed).write(topic)]
    pairs = [pair for pair in written if isinstance(pair, ViewPair)]
    assert len(pairs) > 15 and len(long_ones) > 3
    assert {outcome.reason for outcome in written if isinstance(outcome, Rejection)} <= {"copies_passage"}
    for pair in pairs:
        said = f"{pair.instruction} {pair.reversed_instruction} {pair.paraphrased_instruction}".casefold()
        assert not any(wording in said for wording in long_ones)


def test_what_cannot_be_said_in_other_words_is_rejected() -> None:
    title = "The Life and Times of Judge Roy Bean"
    topic = make_topic({"film": title}, {"film": "Other"}, text=f"{title} is a film, number")
    rejected = [
        outcome
        for seed in range(20)
        for outcome in FacetsWriter(VOCABULARY, seed=seed).write(topic)
        if isinstance(outcome, Rejection)
    ]
    assert rejected
    for outcome in rejected:
        assert outcome.reason == "copies_passage"
        assert {outcome.positive, outcome.reversed_positive} == set(topic.passages)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(("aspect", "audience", "form", "own", "a\nb")),
            st.one_of(st.sampled_from(("history", "cost", "beginner", "steps")), st.text(max_size=20)),
            max_size=4,
        ),
        min_size=2,
        max_size=5,
    ),
    st.text(max_size=40),
)
def test_wild_attributes_and_texts_give_pairs_whose_values_differ(
    attributes: list[dict[str, str]], text: str
) -> None:
    topic = make_topic(*attributes, text=text)
    of = {passage.docid: values for passage, values in zip(topic.passages, attributes, strict=True)}
    for pair in FacetsWriter(VOCABULARY).write(topic):
        name = pair.set_id.removeprefix("t:").rsplit(":", 2)[0]
        ours, theirs = of[pair.positive.docid][name], of[pair.reversed_positive.docid][name]
        assert ours != theirs
        if isinstance(pair, ViewPair):
            for other in pair.other_instruction_negatives:
                assert of[other.docid][name] not in (ours, theirs)
            assert "{" not in pair.instruction or "{" in f"{ours}{theirs}{name}"


def read_settings(*flags: str) -> FacetsSettings:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return FacetsSettings.from_arguments(parser.parse_args(flags, argparse.Namespace(seed=13)))
