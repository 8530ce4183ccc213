"""Pairs of the writer: labels that the words prove, wordings of the split, and other answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from dualview.dataset_builder.checks.pairs import check_pair
from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.schema import AnswerSet, Passage, Rejection, ViewPair
from dualview.dataset_builder.writers.contrasts import ContrastsWriter
from dualview.dataset_builder.writers.contrasts.wording_table import load_wordings

Make = Callable[..., Any]
MANY = 40


def place(number: int, letter: str) -> str:
    """A name that begins like no other one: the first letters of a name are a form of it."""
    return f"{letter.upper()}{chr(97 + number % 26)}{chr(97 + number // 26)}{letter}ia"


def items(answer_set: Make) -> list[AnswerSet]:
    """Sets with different names, enough for every kind of view."""
    made = []
    for n in range(MANY):
        texts = [
            f"The old harbour of {place(n, x)} was drawn by Anna {place(n, y)}. She, {place(n, y)}, left "
            f"{place(n, x)}."
            for x, y in ("kb", "mc", "qd")
        ]
        found = answer_set(texts)
        passages = tuple(Passage(f"{n}-{one.docid}", one.title, one.text) for one in found.answers)
        made.append(AnswerSet(f"set-{n}", f"set-{n}", found.query, passages, source="own"))
    return made


def mentions(text: str, phrase: str) -> int:
    return len(re.findall(re.escape(phrase), text, re.IGNORECASE))


def test_a_pair_says_what_the_counts_of_its_evidence_prove(answer_set: Make, write: Make) -> None:
    pairs: list[ViewPair] = write(*items(answer_set))
    assert len(pairs) > MANY
    for pair in pairs:
        assert pair.evidence is not None and pair.evidence.kind == "mentions"
        assert {pair.kind, pair.reversed_kind} <= {"exclusion", "inclusion", "both"}
        said = f"{pair.instruction} {pair.reversed_instruction}".casefold()
        for mention in pair.evidence.mentions:
            assert mention.phrase.casefold() in said
            assert mention.positive == mentions(pair.positive.text, mention.phrase)
            assert mention.reversed_positive == mentions(pair.reversed_positive.text, mention.phrase)
            assert (mention.positive == 0) != (mention.reversed_positive == 0)
        for kind, text, wanted, other in (
            (pair.kind, pair.instruction, pair.positive, pair.reversed_positive),
            (pair.reversed_kind, pair.reversed_instruction, pair.reversed_positive, pair.positive),
        ):
            named = [m.phrase for m in pair.evidence.mentions if m.phrase.casefold() in text.casefold()]
            has = [bool(mentions(wanted.text, phrase)) for phrase in named]
            assert {"exclusion": not any(has), "inclusion": all(has), "both": len(set(has)) == 2}[kind]
            assert all(
                mentions(other.text, phrase) for phrase, own in zip(named, has, strict=True) if not own
            )
    kinds = [kind for pair in pairs for kind in (pair.kind, pair.reversed_kind)]
    assert 0.35 < kinds.count("exclusion") / len(kinds) < 0.75 and "both" in kinds


def test_pairs_pass_the_rules_and_have_passages_that_break_both_instructions(
    answer_set: Make, write: Make
) -> None:
    pairs: list[ViewPair] = write(*items(answer_set))
    results = [check_pair(pair, original_was_written=True) for pair in pairs]
    assert sum(result.accepted for result in results) > 0.97 * len(results)
    assert all(len(pair.answers) == 3 for pair in pairs)
    others = [pair for pair in pairs if pair.other_instruction_negatives]
    assert others
    for pair in others:
        (other,) = pair.other_instruction_negatives
        assert other not in (pair.positive, pair.reversed_positive)
        # It lacks what both ask for: an exclusion would accept it.
        assert {pair.kind, pair.reversed_kind} <= {"inclusion", "both"}


def test_wordings_and_phrases_are_those_of_the_split(answer_set: Make, write: Make) -> None:
    phrases: dict[str, set[str]] = {}
    for split in ("train", "validation", "test"):
        pairs: list[ViewPair] = write(*items(answer_set), split=split)
        assert pairs
        table = load_wordings("en")
        patterns = [
            re.escape(cue).replace(r"\{t\}", ".+").replace(r"\{u\}", ".+")
            for kind in table.cues
            for cue in table.behind_query(kind, split)
        ]
        for pair in pairs:
            for text in (pair.instruction, pair.reversed_instruction):
                assert any(re.fullmatch(pattern, text) for pattern in patterns), text
        found = {m.phrase for pair in pairs for m in pair.evidence.mentions} if pairs else set()  # type: ignore[union-attr]
        phrases[split] = found
    assert phrases["train"].isdisjoint(phrases["test"] | phrases["validation"])


def test_the_same_seed_gives_the_same_pairs(answer_set: Make, write: Make) -> None:
    made = items(answer_set)
    assert write(*made) == write(*made)
    assert write(*made) != write(*made, seed=2)
    assert all(len(write(one, most=2)) <= 2 for one in made[:5])


@pytest.mark.parametrize(
    ("texts", "query"),
    [
        (["The harbour of Genoa is old. Genoa it is.", "In GENOA's harbour all is old."], "old harbour"),
        (["Genoa is old, Genoa is in Italy.", "It is old."], "harbour of Genoa in Italy"),
        (["It is old.", "It is as old as that."], "age"),
    ],
)
def test_what_cannot_be_told_apart_is_rejected_with_the_reason(
    answer_set: Make, texts: list[str], query: str
) -> None:
    corpus = Corpus({"own": "en"})
    (item,) = corpus.learn([answer_set(texts, query)])
    (outcome,) = ContrastsWriter(1, 6, corpus).write(item)
    assert isinstance(outcome, Rejection) and outcome.reason == "no_contrast"


def test_a_candidate_answers_where_it_has_every_word_of_the_query(answer_set: Make, write: Make) -> None:
    first, second, third = (f"The old harbour of Town{x} is Town{x}." for x in "ABC")
    item = answer_set([first], candidates=[second.replace("old ", ""), third])
    pairs: list[ViewPair] = [pair for seed in range(9) for pair in write(item, seed=seed)]
    assert pairs
    assert {pair.positive.docid for pair in pairs} | {pair.reversed_positive.docid for pair in pairs} == {
        "p0",
        "p2",
    }


def test_years_and_amounts_are_compared(answer_set: Make, write: Make) -> None:
    texts = ["A film of 1931 about boots. It is old.", "A film of 1987 about boots. It is new."]
    pairs: list[ViewPair] = [
        pair for seed in range(30) for pair in write(answer_set(texts, "film"), seed=seed)
    ]
    ranges = [pair for pair in pairs if pair.evidence and pair.evidence.kind == "values"]
    assert ranges
    for pair in ranges:
        assert pair.lever == "time"
        early = "1931" in pair.positive.text
        below = pair.instruction if early else pair.reversed_instruction
        above = pair.reversed_instruction if early else pair.instruction
        assert re.search(r"before|older", below) or "on" in below or "after" in below
        (limit,) = re.findall(r"\d{4}", below)
        assert 1931 < int(limit) < 1987 and limit in re.findall(r"\d{4}", above)


@pytest.mark.parametrize("language", ["de", "ru", "eo"])
def test_other_languages_need_a_table_at_most(answer_set: Make, write: Make, language: str) -> None:
    texts = ["Anna Berger, Genoa. Anna Berger, Genoa.", "Paul Sander, Rostock. Paul Sander, Rostock."]
    pairs: list[ViewPair] = [
        pair for seed in range(5) for pair in write(answer_set(texts, "x"), seed=seed, language=language)
    ]
    assert pairs
    cues = load_wordings(language).cues
    assert cues != load_wordings("en").cues


def test_it_takes_every_item_with_two_passages(candidate_set: Make, answer_set: Make) -> None:
    writer = ContrastsWriter()
    assert writer.accepts(candidate_set()) and writer.accepts(answer_set())
    assert not writer.accepts(answer_set(["one text"]))
    others = ContrastsWriter(instructed=False)
    assert others.accepts(answer_set()) and not others.accepts(candidate_set())
