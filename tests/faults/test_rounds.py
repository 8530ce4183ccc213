"""Rounds with faults drawn by fixed seeds: nothing lost, nothing leaked, nothing mistaken.

Twenty rounds of each kind belong to the default run, two hundred to `make test-all`.
"""

from __future__ import annotations

import asyncio
import base64
import random
import shutil
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import KEY_VARIABLE
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.messages import LlmReply
from tests.faults.asking import KEY, ask_all, name_of, question, start_asking
from tests.faults.corrupting import corrupt
from tests.faults.drawing import draw_behaviour, listening

SEEDS = [*range(20), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(20, 200))]
COUNT = 24
# Why a question may go without an answer, even after all tries.
GIVEN_UP = {"broken_reply", "connection", "cut_off", "empty_reply", "rate_limit", "server_error", "timeout"}
SPELLINGS = (KEY, KEY.replace("/", "\\/"), base64.b64encode(KEY.encode()).decode()[:-4])


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def in_ledger(path: Path) -> dict[str, tuple[str | None, str]]:
    """Reply and outcome for each subject in a ledger."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT subject, reply, outcome FROM requests").fetchall()
    return {subject: (reply, outcome) for subject, reply, outcome in rows}


def check_replies(found: Mapping[int, LlmReply | str], path: Path) -> None:
    kept = in_ledger(path)
    assert len(found) == len(kept) == COUNT
    for number, reply in found.items():
        text, outcome = kept[f"set {number}"]
        if isinstance(reply, str):
            assert reply in GIVEN_UP
            assert (text, outcome) == (None, reply)
        else:
            assert name_of(question(number)) in reply.text
            assert text == reply.text


@pytest.mark.parametrize("seed", SEEDS)
def test_every_reply_belongs_to_its_request(seed: int, tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    path = tmp_path / "l.sqlite"
    with listening(draw_behaviour(random.Random(seed))) as (fake, url):
        found = asyncio.run(ask_all(url, path, COUNT))
        check_replies(found, path)
        answered = [number for number, reply in found.items() if isinstance(reply, LlmReply)]
        assert len(answered) > COUNT / 2
        # Nothing that was answered is asked again.
        came = dict(fake.came)
        again = asyncio.run(ask_all(url, path, COUNT))
        assert all(again[number] == found[number] for number in answered)
        assert all(
            fake.came[name_of(question(number))] == came[name_of(question(number))] for number in answered
        )
    shown = "".join(capfd.readouterr())
    assert "Traceback" not in shown
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not [spelling for spelling in SPELLINGS if spelling in shown or spelling.encode() in stored]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_loses_nothing_that_was_kept(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = tmp_path / "l.sqlite"
    with listening(draw_behaviour(chance)) as (fake, url):
        known: dict[str, int] = {}
        for _ in range(2):
            wanted = fake.came.total() + chance.randint(1, COUNT // 2)
            process = start_asking(url, path, COUNT)
            end = time.monotonic() + 20
            while process.is_alive() and fake.came.total() < wanted and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.02))
            process.kill()
            process.join()
            kept = [n for n in range(COUNT) if (in_ledger(path).get(f"set {n}") or (None,))[0]]
            for number in kept:
                known.setdefault(name_of(question(number)), fake.came[name_of(question(number))])
        found = asyncio.run(ask_all(url, path, COUNT))
        check_replies(found, path)
        assert {name: fake.came[name] for name in known} == known


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[int, LlmReply]]:
    """A ledger with all answers, and these."""
    path = tmp_path_factory.mktemp("whole") / "l.sqlite"
    with listening(draw_behaviour(random.Random(0))) as (fake, url):
        fake.behaviour.faults, fake.behaviour.forms, fake.behaviour.bad = 0.0, ("text",), 0.0
        found = asyncio.run(ask_all(url, path, 5 * COUNT))
    return path, {number: reply for number, reply in found.items() if isinstance(reply, LlmReply)}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_ledger_is_named_and_gives_no_wrong_reply(
    seed: int, tmp_path: Path, whole: tuple[Path, Mapping[int, LlmReply]]
) -> None:
    path = tmp_path / "l.sqlite"
    shutil.copy(whole[0], path)
    kind = corrupt(path, random.Random(seed))
    try:
        with Ledger(path) as ledger:
            ledger.spent()
            for number, reply in whole[1].items():
                try:
                    found = ledger.find(question(number).key("m"))
                except InputError as error:
                    assert str(path) in str(error)
                    continue
                assert found is None or found.text == reply.text, kind
            ledger.remember("still", "writable")
    except InputError as error:
        assert str(error).startswith(f"{path}: "), kind
        assert "\n" not in str(error), kind
