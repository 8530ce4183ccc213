"""Small candidate sets and topics, as items and as lines of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from dualview.dataset_builder.schema import CandidateSet, Passage, RecordedReversal, ViewPair, Writer


@pytest.fixture
def set_line() -> Callable[..., dict[str, Any]]:
    """Makes the object of one line: a candidate set with two instruction negatives, both with a reversal."""

    def make(number: int = 1, **fields: Any) -> dict[str, Any]:
        line: dict[str, Any] = {
            "id": f"set-{number}",
            "query": f"how to cook bean number {number}",
            "instruction": "Leave out anything that needs a pressure cooker or comes from a can.",
            "style": "negation",
            "domain": "cooking",
            "positive": {
                "title": "On the stove",
                "text": f"Soak them and simmer for an hour, bean {number}.",
            },
            "instruction_negatives": [
                {"title": "Under pressure", "text": f"A sealed pot needs 25 minutes, bean {number}."},
                {"title": "Canned", "text": f"Rinse what the tin holds and warm it, bean {number}."},
            ],
            "reversals": [
                {"target": 0, "lever": "format", "instruction": "Only a sealed pot with a valve will do."},
                {
                    "target": 1,
                    "lever": "time frame",
                    "instruction": "It must be on the table in five minutes.",
                },
            ],
            "paraphrase": "Neither tins nor pressure, please.",
            "hard_negatives": [{"title": "Beans as plants", "text": f"Sow in May, bean {number}."}],
        }
        return {name: value for name, value in {**line, **fields}.items() if value is not None}

    return make


@pytest.fixture
def topic_lines() -> Callable[..., list[dict[str, Any]]]:
    """Makes the objects of a topic's lines: three passages of different aspects, audiences and forms."""

    def make(number: int = 1) -> list[dict[str, Any]]:
        kinds = [("cost", "beginner", "prose"), ("history", "expert", "list"), ("upkeep", "expert", "steps")]
        return [
            {
                "id": f"topic-{number}-{letter}",
                "topic": f"kettle {number}",
                "query": f"kettle {number}",
                "title": f"Kettles {letter}",
                "text": f"Passage {letter} on the {aspect} of kettle {number}.",
                "attributes": {"aspect": aspect, "audience": audience, "form": form},
            }
            for letter, (aspect, audience, form) in zip("abc", kinds, strict=True)
        ]

    return make


@pytest.fixture
def write_jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Writes objects, or lines as they are, into a file of the test's own folder."""

    def write(lines: Iterable[Any], name: str = "own.jsonl") -> Path:
        path = tmp_path / name
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return path

    return write


@pytest.fixture
def candidate_set() -> Callable[..., CandidateSet]:
    """Makes a candidate set; its texts are its own unless others are given."""

    def make(number: int = 1, **fields: Any) -> CandidateSet:
        first, second = (
            Passage(f"set-{number}-{place}", "", f"text {place} of {number}") for place in (1, 2)
        )
        given: dict[str, Any] = {
            "set_id": f"set-{number}",
            "query_id": f"query-{number}",
            "query": f"query number {number}",
            "instruction": f"The original instruction of set {number}.",
            "positive": Passage(f"set-{number}-0", "", f"text 0 of {number}"),
            "instruction_negatives": (first, second),
            "source": "own",
            "license": "cc0-1.0",
            "recorded": (
                RecordedReversal(first.docid, "time", "Only what happened before the war."),
                RecordedReversal(second.docid, "region", "Nothing outside of Europe, please."),
            ),
        }
        return CandidateSet(**{**given, **fields})

    return make


@pytest.fixture
def view_pair() -> Callable[..., ViewPair]:
    """Makes a view pair that meets every rule."""

    def make(**fields: Any) -> ViewPair:
        positive = Passage(
            "a", "On the stove", "Soak the beans overnight, then simmer them for an hour or two."
        )
        other = Passage("b", "", "A pressure cooker needs twenty-five minutes at most and saves fuel.")
        given: dict[str, Any] = {
            "set_id": "set-1",
            "query_id": "query-1",
            "query": "how to cook dried beans",
            "instruction": "Leave out anything that needs a special pot.",
            "reversed_instruction": "Only what is done in under half an hour counts.",
            "positive": positive,
            "reversed_positive": other,
            "other_instruction_negatives": (),
            "hard_negatives": (Passage("h", "Growing beans", "Sow them in May."),),
            "answers": (positive, other),
            "lever": "time",
            "style": "negation",
            "writer": Writer("replay"),
            "source": "own",
            "license": "cc0-1.0",
        }
        return ViewPair(**{**given, **fields})

    return make


@pytest.fixture(scope="session")
def toy_judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a CrossEncoder that has learnt that ``only red`` is met by what is red."""
    from tests.dataset_builder.toy_judge import make_toy_judge

    return make_toy_judge(tmp_path_factory.mktemp("models") / "toy-judge")
