"""The rule that splits a text at its exclusions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.writers.contrasts.wording_table import EXCLUSION, load_wordings
from dualview.trainer.composition.cue_table import MARKS, languages, load_cues
from dualview.trainer.composition.rule import split_exclusions
from dualview.trainer.composition.scopes import ScopeFinder
from dualview.trainer.composition.words import Word, read_words

_SPLITS = [
    # before, after and around
    ("guided walk no museums, no beach", "guided walk", ("museums", "beach")),
    ("bread without sugar", "bread", ("sugar",)),
    ("laptops, price aside", "laptops", ("price",)),
    ("texts that discuss prices are not relevant. laptops", "laptops", ("prices",)),
    ("Keep politics out of it. Climate change", "Climate change", ("politics",)),
    ("Information on Crete (no museums) please", "Information on Crete", ("museums",)),
    ("Is there anything on Bach that does not involve organs?", "Is there anything on Bach", ("organs",)),
    # before the query
    ("apart from Rome, cheap flights", "cheap flights", ("Rome",)),
    ("apart from Rome, Paris or Milan, cheap flights", "cheap flights", ("Rome", "Paris", "Milan")),
    ("no meat: dinner ideas", "dinner ideas", ("meat",)),
    ("Find me something other than pasta on Italian food", "Italian food", ("pasta",)),
    ("show me, without sugar, cake recipes", "cake recipes", ("sugar",)),
    # lists and several cues
    ("bread, no sugar, milk or eggs", "bread", ("sugar", "milk", "eggs")),
    ("red wine not sweet no sulphites", "red wine", ("sweet", "sulphites")),
    ("I am looking for a hotel, but not a hostel, thank you.", "I am looking for a hotel", ("hostel",)),
    # left alone
    ("week in Crete not only beaches", "week in Crete not only beaches", ()),
    ("dinner, nothing without meat", "dinner, nothing without meat", ()),
    ("do not leave out the price", "do not leave out the price", ()),
    ("nothing beats a home-made lasagne", "nothing beats a home-made lasagne", ()),
    ("no-knead bread", "no-knead bread", ()),
    ("radiator not getting hot", "radiator not getting hot", ()),
    ("why is there no sound in space", "why is there no sound in space", ()),
    ("no contest plea", "no contest plea", ()),
    ("how bread rises", "how bread rises", ()),
    ("Mice without the gene are healthy and live long.",) * 2 + ((),),
    ("These data suggest a role of glia, but not of neurons.",) * 2 + ((),),
    ("The colour of a car is unrelated to its price.",) * 2 + ((),),
    # asks for something, is not one whole sentence, or has its verb in the description
    ("The soup is for children, so nothing hot.", "The soup is for children", ("hot",)),
    ("Soups that are cheap and quick, without carrots.", "Soups that are cheap and quick", ("carrots",)),
    ("Which towns of Italy are cheap without a car?", "Which towns of Italy are cheap", ("car",)),
    ("", "", ()),
]


@pytest.mark.parametrize(("text", "wanted", "excluded"), _SPLITS)
def test_splits_a_text_at_its_exclusions(text: str, wanted: str, excluded: tuple[str, ...]) -> None:
    found = split_exclusions(text)
    assert (found.wanted, found.excluded) == (wanted, excluded)
    assert bool(found.cues) == bool(excluded)


@pytest.mark.parametrize(
    ("instruction", "wanted", "excluded"),
    [
        ("no meat, fish or eggs", "", ("meat", "fish", "eggs")),
        ("We have no oven, so nothing that is baked", " We have no oven", ("baked",)),
        ("I have no car and like trains", " I have no car and like trains", ()),
        ("Footsteps do not bother us, so skip those.", "", ("Footsteps do not bother us",)),
        ("Skip whatever comes without a lid.", "", ("comes without a lid",)),
        ("just the price", " just the price", ()),
    ],
)
def test_an_instruction_narrows_its_query(instruction: str, wanted: str, excluded: tuple[str, ...]) -> None:
    found = split_exclusions(instruction, query="a query without a cue")
    assert found.wanted == "a query without a cue" + wanted
    assert found.excluded == excluded


@pytest.mark.parametrize(
    ("language", "text", "wanted", "excluded"),
    [
        (
            "de",
            "Wanderung auf Kreta, keine Museen und keine Kirchen",
            "Wanderung auf Kreta",
            ("Museen", "Kirchen"),
        ),
        (
            "de",
            "Lass bitte Filme mit Gewalt weg. Filme für Kinder",
            "Filme für Kinder",
            ("Filme mit Gewalt",),
        ),
        ("de", "außer Rom, günstige Flüge", "günstige Flüge", ("Rom",)),
        ("de", "Filme, Horror ausgenommen", "Filme", ("Horror",)),
        ("de", "Suppe, nichts ohne Fleisch", "Suppe, nichts ohne Fleisch", ()),
        ("de", "nicht nur für Kinder: Comics", "nicht nur für Kinder: Comics", ()),
        ("de", "Ich habe kein Auto", "Ich habe kein Auto", ()),
        ("zh", "北京旅游 不要博物馆", "北京旅游", ("博物馆",)),
        ("zh", "面包食谱,不含鸡蛋和牛奶".replace(",", "\uff0c"), "面包食谱", ("鸡蛋", "牛奶")),
        ("zh", "除了寿司以外的日本料理", "日本料理", ("寿司",)),
        ("zh", "越南菜,海鲜除外".replace(",", "\uff0c"), "越南菜", ("海鲜",)),
        ("zh", "不仅适合儿童的漫画历史", "不仅适合儿童的漫画历史", ()),
        ("zh", "为什么太空没有声音", "为什么太空没有声音", ()),
        ("zh", "无人机推荐", "无人机推荐", ()),
    ],
)
def test_a_table_is_all_that_a_language_takes(
    language: str, text: str, wanted: str, excluded: tuple[str, ...]
) -> None:
    found = split_exclusions(text, language)
    assert (found.wanted, found.excluded) == (wanted, excluded)


EVERYDAY = re.compile(
    r"\b(no|not|without|except|excluding|exclude|apart|other|leave|avoid|avoiding|nothing|minus|omit|skip)\b"
)


@pytest.mark.parametrize("phrase", ["Anna Berger", "solar power"])
def test_finds_the_phrase_of_most_wordings(phrase: str) -> None:
    # The wordings of training have many more cues than the rule's table, which holds what people type.
    by_split = load_wordings("en").cues[EXCLUSION].values()
    wordings = [wording for split in by_split for wording in split if EVERYDAY.search(wording)]
    assert len(wordings) > 60
    found = 0
    for wording in wordings:
        text = wording.replace("{q}", "old harbours of Italy").replace("{t}", phrase)
        found += split_exclusions(text).excluded == (phrase,)
    assert found >= 0.8 * len(wordings)


def test_leaves_most_traps_alone() -> None:
    traps = [trap for split in load_wordings("en").kept.values() for trap in split]
    assert sum(bool(split_exclusions(trap).excluded) for trap in traps) <= 0.1 * len(traps)


def test_says_what_it_found() -> None:
    assert str(split_exclusions("bread without sugar")) == "'bread' without 'sugar' (cues: without)"
    assert str(split_exclusions("bread")) == "'bread', nothing excluded"
    assert split_exclusions("leave prices out, laptops").cues == ("leave ... out",)


# Words that open, close, cancel and continue scopes, and anything else.
_CUES = st.sampled_from(
    re.findall(
        r"\S+",
        "no not nothing without leave keep out it aside that except anything but so or and I on , . ( 3.5",
    )
)
_WILD = st.lists(st.one_of(_CUES, st.text(max_size=6)), max_size=60).map(" ".join)


@given(text=_WILD, query=st.sampled_from(["", "old harbours"]), language=st.sampled_from(languages()))
def test_whatever_is_typed_keeps_its_words(text: str, query: str, language: str) -> None:
    found = split_exclusions(text, language, query=query)
    assert found.wanted.startswith(query)
    assert all(phrase in text for phrase in found.excluded)
    assert len(found.cues) <= len(read_words(text))
    if not found.excluded:
        assert found.wanted == (f"{query} {text.strip()}".strip() if query else text)


class _Counting(Sequence[Word]):
    """Words that count how often one is looked at."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words, self.looks = words, 0

    def __len__(self) -> int:
        return len(self.words)

    @overload
    def __getitem__(self, at: int) -> Word: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Word]: ...
    def __getitem__(self, at: int | slice) -> Word | Sequence[Word]:
        self.looks += 1
        return self.words[at]

    def __iter__(self) -> Iterator[Word]:
        raise AssertionError("the words are walked along by place")


@pytest.mark.parametrize(
    "part",
    [
        "keep ",
        "leave keep ",
        "no ",
        "no x, ",
        "without that ",
        "not only ",
        "aside ",
        "x or , ",
        "I do ",
        "a",
        "(no) ",
        "that is ",
    ],
)
@pytest.mark.parametrize("follows", [True, False])
def test_the_work_grows_with_the_length_alone(part: str, follows: bool) -> None:
    for text in (part * 500, "no " + part * 500, "show me something other than " + part * 500):
        words = _Counting(read_words(text))
        ScopeFinder(words, load_cues("en"), follows).find()
        assert words.looks <= 60 * len(words) + 60


def test_a_very_long_text_is_split() -> None:
    found = split_exclusions("no x, " * 10_000 + "\u2019." * 10_000, query="q")
    assert found.excluded == ("x",)


def test_names_the_languages_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose from de, en, zh"):
        split_exclusions("x", "xx")
    own = tmp_path / "la.yaml"
    own.write_text("exclude: [sine]\n", encoding="utf-8")
    assert split_exclusions("panis sine sale", own).excluded == ("sale",)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("[", "cannot be read"),
        ("- a", "needs at least the list 'exclude'"),
        ("exclude: [a]\nexlude: [b]", "no list is named 'exlude'"),
        ("exclude: a", "'exclude' must be a list of phrases"),
        ("exclude: [a]\naround: [b]", "'around' must be a list of lists"),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, table: str, problem: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(InputError, match=problem) as caught:
        split_exclusions("x", path)
    assert str(path) in str(caught.value)


def test_every_phrase_of_a_table_is_in_one_list_alone() -> None:
    for path in (Path(load_cues.__code__.co_filename).parent / "cues").glob("*.yaml"):
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        phrases = [phrase for name in MARKS for phrase in rows.get(name, ())]
        twice = sorted({phrase for phrase in phrases if phrases.count(phrase) > 1})
        assert not twice, (path.name, twice)
