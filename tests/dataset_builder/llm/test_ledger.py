"""The ledger: what was answered is kept, whoever dies."""

import multiprocessing
import os
import signal
import sqlite3
import time

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.ledger import Ledger, Spent, ledger_path, read_ledger
from dualview.dataset_builder.llm.messages import LlmFailure, LlmReply, LlmRequest, TokenChoice

REQUEST = LlmRequest("reversal", "set-1 > p1", "reversal-1", (("user", "hello"),), 100, temperature=0.7)
REPLY = LlmReply(
    "an answer with \u202e and \0 in it",
    "stop",
    prompt_tokens=70,
    completion_tokens=30,
    seconds=1.5,
    attempts=2,
    cost=0.25,
    logprobs=(TokenChoice("yes", {"yes": -0.1, "no": -2.5}),),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "run.ledger.sqlite"


def test_a_reply_comes_back_as_it_was_recorded(path):
    with Ledger(path) as ledger:
        assert ledger.find("k") is None
        ledger.record_reply("k", REQUEST, "m", REPLY, "written")
        assert ledger.find("k") == REPLY
    with Ledger(path) as ledger:
        assert ledger.find("k") == REPLY
        assert ledger.spent() == Spent(1, 100, 0.25)
    with read_ledger(path) as db:
        row = dict(
            zip(
                ("task", "subject", "prompt_version", "model", "parameters", "outcome"),
                db.execute(
                    "SELECT task, subject, prompt_version, model, parameters, outcome FROM requests"
                ).fetchone(),
                strict=True,
            )
        )
    assert row == {
        "task": "reversal",
        "subject": "set-1 > p1",
        "prompt_version": "reversal-1",
        "model": "m",
        "parameters": '{"max_tokens": 100, "temperature": 0.7}',
        "outcome": "written",
    }


def test_a_failure_is_no_reply_and_gives_way_to_one(path):
    with Ledger(path) as ledger:
        ledger.record_failure("k", REQUEST, "m", LlmFailure("timeout", "no reply", 8))
        assert ledger.find("k") is None
        assert ledger.spent() == Spent(0, 0, 0.0)
        ledger.record_reply("k", REQUEST, "m", REPLY, "written")
        assert ledger.find("k") == REPLY


def test_other_keys_stay_beside_each_other(path):
    with Ledger(path) as ledger:
        for model in ("old", "new"):
            ledger.record_reply(REQUEST.key(model), REQUEST, model, REPLY, "written")
        assert ledger.find(REQUEST.key("old")) == ledger.find(REQUEST.key("new")) == REPLY
        assert ledger.spent().requests == 2


def test_facts_are_kept(path):
    with Ledger(path) as ledger:
        assert ledger.recall("dialect") is None
        ledger.remember("dialect", "tgi")
        ledger.remember("dialect", "vllm")
    with Ledger(path) as ledger:
        assert ledger.recall("dialect") == "vllm"


def test_only_one_writes_and_others_may_read(path):
    with Ledger(path) as ledger:
        ledger.record_reply("k", REQUEST, "m", REPLY, "written")
        with pytest.raises(InputError, match="another build is writing"):
            Ledger(path)
        with read_ledger(path) as db:
            assert db.execute("SELECT count(*) FROM requests").fetchone() == (1,)
            with pytest.raises(sqlite3.OperationalError):
                db.execute("DELETE FROM requests")
    Ledger(path).close()


def test_the_ledger_lies_beside_the_folder(tmp_path):
    assert ledger_path(tmp_path / "out" / "set") == tmp_path / "out" / "set.ledger.sqlite"
    assert ledger_path(tmp_path / "out" / "set" / "..").name == "out.ledger.sqlite"


def _record_for_ever(path, pipe):
    ledger = Ledger(path)
    for number in range(10**9):
        ledger.record_reply(str(number), REQUEST, "m", REPLY, "written")
        pipe.send(number)


def test_what_was_recorded_survives_kill_9(path):
    receive, send = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_record_for_ever, args=(path, send))
    process.start()
    receive.recv()
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    send.close()
    recorded = 0
    try:
        while True:
            recorded = receive.recv()
    except EOFError:
        pass
    assert recorded > 10
    with Ledger(path) as ledger:  # the lock went with the process
        assert all(ledger.find(str(number)) == REPLY for number in range(recorded + 1))
