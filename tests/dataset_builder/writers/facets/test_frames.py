"""The shipped tables: every sentence with every wording is plain, whole English as far as rules can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import pytest
import yaml

from dualview.dataset_builder.writers.facets.corpora import load_corpus_table
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.frames import KINDS, READINGS, Frame, Frames, Noun, load_frames
from dualview.dataset_builder.writers.facets.vocabulary import load_package_vocabulary

TABLE: Mapping[str, Any] = yaml.safe_load(
    (files("dualview.dataset_builder.writers.facets") / "attributes.yaml").read_text()
)
FRAMES: Mapping[str, Any] = yaml.safe_load(
    (files("dualview.dataset_builder.writers.facets") / "frames.yaml").read_text()
)
STYLES = ["plain", "imperative", "negation", "background", "persona", "question"]
SLIPS = re.compile(
    r"  | [,.;:?]|[,.;:]{2}|\?\.|[\[\]<>{}|]|^[^A-Z0-9]|\s$|[^.?]$"
    r"|\b(?!is\b)(\w+) \1\b"  # "what it is is beside the point" is right
    r"|\b[Aa] (?=[aeio]\w)(?!one)\w+|\b[Aa]n (?![aeiouh])\w+"
    r"|(?<!go )\b(?:on|about|for|as) (?:on|about|for|as)\b"
)


def said_by(frame: Frame, x: str, y: str) -> set[str]:
    """Texts of a frame in many draws: with all its own words."""
    return {frame.write(Draw(x, y, str(number)), x, y) for number in range(40)}


def all_wordings(reading: str) -> Iterator[str]:
    for entry in TABLE.values():
        if entry["reads"] == reading:
            for wordings in entry.get("values", {}).values():
                yield from wordings


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_is_clean_with_every_wording(reading: str, kind: str) -> None:
    noun = Noun("a film", "films")
    wordings = list(all_wordings(reading)) or [
        "made before 1940",
        "with Greta Garbo",
        f"of {9}",
    ]
    for frame in load_frames(reading, kind, noun):
        for place, wording in enumerate(wordings):
            other = wordings[place - 1]
            text = frame.write(Draw(frame.style, wording), wording, other)
            assert not SLIPS.search(text), (text, SLIPS.search(text))
            assert len(re.findall(r"[.?](?:\s|$)", text)) <= 2, text
            assert len(text.split()) <= 45, text
        for text in said_by(frame, wordings[0], wordings[-1]):
            assert not SLIPS.search(text), (text, SLIPS.search(text))


@pytest.mark.parametrize("reading", READINGS)
def test_each_kind_says_its_side_and_no_other(reading: str) -> None:
    for kind in KINDS:
        for frame in load_frames(reading, kind, Noun()):
            for text in said_by(frame, "WANTED", "UNWANTED"):
                assert ("WANTED" in text.replace("UNWANTED", "")) == (kind != "exclusion"), text
                assert ("UNWANTED" in text) == (kind != "inclusion"), text


def test_each_kind_has_all_styles_and_many_frames() -> None:
    for reading in READINGS:
        assert list(FRAMES[reading]) == list(KINDS)
        for kind in KINDS:
            assert list(FRAMES[reading][kind]) == STYLES
            frames = list(load_frames(reading, kind, Noun()))
            assert len(frames) == len({frame.parts for frame in frames}) >= 15


def test_there_are_thousands_of_sentences() -> None:
    """So that a test split does not hold what training has shown: the wordings come on top."""
    counts = [sum(frame.count() for frame in load_frames("about", kind, Noun())) for kind in KINDS]
    assert min(counts) > 1000, counts


def test_a_style_can_be_left_out() -> None:
    frames = load_frames("about", "both", Noun())
    drawn = {frames.draw(Draw(str(number)), other_than="plain").style for number in range(200)}
    assert drawn == set(STYLES) - {"plain"}
    assert {frames.draw(Draw(str(number))).style for number in range(200)} == set(STYLES)


def test_a_frame_draws_its_words_from_the_table() -> None:
    frame = Frame("plain", ("I ", ("want", "need"), " ", 0, ", not ", 3, "."))
    assert frame.count() == 2
    assert said_by(frame, "the price", "its past") == {
        "I want the price, not Its past.",
        "I need the price, not Its past.",
    }


def test_frames_without_the_style_are_no_frames() -> None:
    only = Frames(((Frame("plain", ("x",)),),))
    assert only.draw(Draw("a")).style == "plain"


@pytest.mark.parametrize("name", [name for name in TABLE if "values" in TABLE[name]])
def test_each_value_has_enough_wordings_of_its_own(name: str) -> None:
    """Two values with one wording could not be told apart."""
    seen: dict[str, str] = {}
    for value, wordings in TABLE[name]["values"].items():
        assert len(wordings) >= 8, value
        for wording in wordings:
            assert seen.setdefault(wording.casefold(), value) == value and wording == wording.strip()
        assert len(set(wordings)) == len(wordings), value


def test_the_table_knows_all_shipped_values() -> None:
    import json

    folder = files("dualview.dataset_builder") / "seeds" / "attributed"
    for file in folder.iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            for name, value in json.loads(line)["attributes"].items():
                assert value in TABLE[name]["values"], (name, value)


def test_overlaps_and_doubts_name_known_values() -> None:
    for name, entry in TABLE.items():
        for group in entry.get("overlaps", []):
            assert set(group) <= set(entry["values"]), (name, group)
        for value, others in entry.get("doubtful", {}).items():
            assert value in entry["values"]
            for other, values in others.items():
                assert set(values) <= set(TABLE[other]["values"])


@pytest.mark.parametrize("name", ["medquad", "movies"])
def test_the_wordings_of_the_shipped_corpora_fit_their_frames(name: str) -> None:
    table = yaml.safe_load((files("dualview.dataset_builder.writers.facets") / f"{name}.yaml").read_text())
    noun = Noun(**table.get("noun", {}))
    for entry in table["attributes"].values():
        given = [
            *entry.get("values", {}).values(),
            *entry.get("numbers", {}).values(),
            entry.get("templates", []),
        ]
        wordings = [
            wording.replace("{value}", "1984").replace("{low}", "1980").replace("{high}", "1989")
            for group in given
            for wording in group
        ]
        assert len(wordings) > 5
        for kind in KINDS:
            for frame in load_frames(entry["reads"], kind, noun):
                for place, wording in enumerate(wordings):
                    text = frame.write(Draw(wording, frame.style), wording, wordings[place - 1])
                    assert not SLIPS.search(text), (text, SLIPS.search(text))
        if entry["reads"] == "that":
            # After "a film" and after "films": no verb may have a number.
            assert not [
                w for w in wordings if re.search(r"\b(?:that|which) (?:is|has|was|are|have)\b|\bits\b", w)
            ]
    assert load_corpus_table(name).attributes.keys() == table["attributes"].keys()


def test_draws_depend_on_the_names_alone() -> None:
    one, same, other = Draw("a", "b"), Draw("a", "b"), Draw("ab", "")
    drawn = [one.below(1000) for _ in range(20)]
    assert drawn == [same.below(1000) for _ in range(20)] != [other.below(1000) for _ in range(20)]
    assert all(Draw(str(number)).another(3, 5) != 3 for number in range(50))
    assert Draw("a").another(0, 1) == 0


def test_the_vocabulary_makes_an_unknown_attribute_once() -> None:
    vocabulary = load_package_vocabulary()
    assert vocabulary.attribute("own name") is vocabulary.attribute("own name")
    assert load_corpus_table("movies").vocabulary.attribute("own name") is None
