"""The ledger's file: ours or another program's, whole or damaged, on a full disk, and who may read it."""

import os
import sqlite3

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.ledger import Ledger, read_ledger
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
    cached_tokens=40,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "run.ledger.sqlite"


def test_what_is_no_ledger_is_refused(tmp_path):
    path = tmp_path / "text.sqlite"
    path.write_text("a diary, and no data base at all " * 100)
    for use in (Ledger, lambda it: read_ledger(it).__enter__()):
        with pytest.raises(InputError, match="is not a ledger"):
            use(path)
    with pytest.raises(InputError, match="no such ledger"):
        read_ledger(tmp_path / "none").__enter__()
    with pytest.raises(InputError, match="cannot be made"):
        Ledger(path / "below a file")
    with pytest.raises(InputError, match="is not a file"):
        Ledger(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["text.sqlite"]


@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE notes (text)",),
        ("CREATE TABLE requests (url TEXT)", "CREATE TABLE facts (name TEXT)"),
        ("PRAGMA application_id = 77", f"CREATE TABLE requests ({'key TEXT, reply TEXT'})"),
        ("PRAGMA user_version = 1", "CREATE TABLE a (b)", "DROP TABLE a"),
    ],
)
def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path, journal, statements):
    path = tmp_path / "notes.sqlite"
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA journal_mode = {journal}")
    for statement in statements:
        db.execute(statement)
    db.commit()
    for _ in range(2):  # while the program has it open, and afterwards
        before = {file: file.read_bytes() for file in tmp_path.iterdir() if "-shm" not in file.name}
        with pytest.raises(InputError, match="is the database of another program, and is left as it is"):
            Ledger(path)
        assert {file: file.read_bytes() for file in before} == before
        assert not list(tmp_path.glob("*.dualview-lock"))
        db.close()


def test_files_with_a_name_like_ours_are_left_as_they_are(tmp_path):
    (tmp_path / "poetry.lock").write_text("precious")
    (tmp_path / "poetry.dualview-lock").write_text("also precious")
    with Ledger(tmp_path / "poetry") as ledger:
        ledger.record_reply("k", REQUEST, "m", REPLY, "written")
    assert (tmp_path / "poetry.lock").read_text() == "precious"
    assert (tmp_path / "poetry.dualview-lock").read_text() == "also precious"


def test_only_the_owner_may_read_it(path):
    before = os.umask(0o022)
    try:
        with Ledger(path) as ledger:
            ledger.record_reply("k", REQUEST, "m", REPLY, "written")
            files = list(path.parent.iterdir())
            assert len(files) >= 3
            assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    finally:
        os.umask(before)


def test_an_empty_file_and_a_link_become_a_ledger(tmp_path):
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to("real")
    with Ledger(tmp_path / "link") as ledger:
        ledger.record_reply("k", REQUEST, "m", REPLY, "written")
    assert (tmp_path / "link").is_symlink()
    with Ledger(tmp_path / "real") as ledger:
        assert ledger.find("k") == REPLY


def test_a_ledger_of_the_first_format_goes_on(path):
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    columns = (
        "key TEXT PRIMARY KEY, task TEXT NOT NULL, subject TEXT NOT NULL, prompt_version TEXT NOT NULL, "
        "model TEXT NOT NULL, parameters TEXT NOT NULL, outcome TEXT NOT NULL, reply TEXT, "
        "finish_reason TEXT, logprobs TEXT, prompt_tokens INTEGER NOT NULL DEFAULT 0, "
        "completion_tokens INTEGER NOT NULL DEFAULT 0, cost REAL, "
        "seconds REAL NOT NULL DEFAULT 0, attempts INTEGER NOT NULL, answered_at REAL NOT NULL"
    )
    db.execute(f"CREATE TABLE requests ({columns})")
    db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    db.execute("PRAGMA user_version = 1")
    for key, reply in (("k", "old"), ("empty", "")):
        db.execute(
            "INSERT INTO requests VALUES (?, 't', 's', 'v', 'm', '{}', 'written', ?, 'stop', NULL, 1, 2, "
            "NULL, 0, 1, 0)",
            (key, reply),
        )
    db.commit()
    # As a process leaves it that was killed: everything is in the log.
    for _ in range(2):
        with Ledger(path) as ledger:
            assert ledger.find("k").text == "old"
            assert ledger.find("empty") is None
            ledger.record_failure("f", REQUEST, "m", LlmFailure("refused", "too long", 1, 5, 6, 0.5))
            ledger.record_reply("new", REQUEST, "m", REPLY, "written")
            assert ledger.find("new") == REPLY
    with read_ledger(path) as reading:
        assert reading.execute("SELECT detail FROM requests WHERE key = 'f'").fetchone() == ("too long",)
    db.close()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("reply = x'ff00fe'", "the reply to 'set-1 > p1' cannot be read"),
        ("reply = 'another'", "the reply to 'set-1 > p1' cannot be read"),
        ("logprobs = '{bad'", "the reply to 'set-1 > p1' cannot be read"),
        ("logprobs = '[[1, 2]]'", "the reply to 'set-1 > p1' cannot be read"),
        ("finish_reason = 5, prompt_tokens = 'x'", "the reply to 'set-1 > p1' cannot be read"),
    ],
)
def test_a_damaged_row_is_named(path, damage, words):
    with Ledger(path) as ledger:
        ledger.record_reply("k", REQUEST, "m", REPLY, "written")
        ledger._db.execute(f"UPDATE requests SET {damage}")
    with Ledger(path) as ledger, pytest.raises(InputError, match=words) as error:
        ledger.find("k")
    assert "\n" not in str(error.value)
    assert "--ledger" in str(error.value)


def test_damaged_pages_are_found_before_anything_is_asked(path):
    with Ledger(path) as ledger:
        for number in range(50):
            ledger.record_reply(str(number), REQUEST, "m", REPLY, "written")
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * 200 + whole[8392:])
    with pytest.raises(InputError, match="damaged one"):
        Ledger(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="damaged one"):
        Ledger(path)


def test_a_ledger_that_another_program_has_locked_is_named_as_in_use(path, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: connect(*args, **more, timeout=0.1))
    Ledger(path).close()
    db = connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    with pytest.raises(InputError, match=r"another program has locked it.*database is locked"):
        Ledger(path)
    db.execute("ROLLBACK")
    with Ledger(path) as ledger:
        ledger._db.execute("PRAGMA busy_timeout = 100")
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="another program has locked it"):
            ledger.record_reply("k", REQUEST, "m", REPLY, "written")
    db.close()


def test_a_full_disk_is_named(path):
    Ledger(path).close()
    with Ledger(path) as ledger:
        (pages,) = ledger._db.execute("PRAGMA page_count").fetchone()
        ledger._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(InputError, match="the disk is full, so nothing more is asked"):
            for number in range(1000):
                ledger.record_reply(str(number), REQUEST, "m", REPLY, "written")


def test_a_newer_ledger_is_left_alone(path):
    Ledger(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match="newer version"):
        Ledger(path)
