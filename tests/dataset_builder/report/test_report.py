"""The report: figures that add up, in a table and on a page where nothing acts."""

import base64
import html
import re
import sqlite3
import xml.etree.ElementTree as ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.messages import LlmFailure, LlmReply, LlmRequest

HOSTILE = "<script>alert(1)</script> $x^2 \x1b[31mred \u202e & \" '"


def reply(text="fine", seconds=1.0, cost=0.25):
    return LlmReply(text, "stop", 100, 20, seconds=seconds, attempts=2, cost=cost, cached_tokens=60)


def fill_ledger(path):
    """Sets written at once, after the second try, declined and failed; one by an old prompt too; a judge."""
    with Ledger(path) as ledger:

        def add(subject, outcome, task="reversal", version="v2", text="fine", **more):
            request = LlmRequest(task, subject, version, (("user", f"{task} {subject}"),), 100)
            ledger.record_reply(request.key("m"), request, "m", reply(text, **more), outcome)

        add("a", "written", seconds=1.0)
        add("b", "unreadable", text=f"talk {HOSTILE}", seconds=2.0)
        add("b", "written", task="reversal+repair", seconds=3.0)
        add("c", "declined", seconds=4.0)
        add("e", "too_long", seconds=2.0)
        add("e", "copies_passage", task="reversal+rewrite", seconds=2.0)
        add("a", "written", version="v1")
        add("a", "replied", task="judge", version="j1", cost=None)
        failed = LlmRequest("reversal", "d", "v2", (("user", "d"),), 100)
        ledger.record_failure(failed.key("m"), failed, "m", LlmFailure("timeout", "no reply", 8))


def write_dataset(folder, reasons=("declined", "too_long", "too_long")):
    (folder / "data" / "rejected").mkdir(parents=True)
    counts = {reason: reasons.count(reason) for reason in reasons}
    (folder / "statistics.json").write_text(
        f'{{"yields": {{"read": 9, "accepted": 6, "rejected": 3}}, "rejected_by_reason": {counts},'.replace(
            "'", '"'
        )
        + '"levers": {"region": 4, "<script>$y$": 2}, "styles": {"plain": 6},'
        + '"instructions_by_source_and_kind": {"b": {"exclusion": 3, "other": 0},'
        + '"<i>": {"exclusion": 0, "other": 0}}}'
    )
    rows = [
        {
            "set_id": f"set-{place}",
            "query": "which one",
            "instruction": HOSTILE,
            "reversed_instruction": None,
            "reason": reason,
            "detail": f"detail {place}",
        }
        for place, reason in enumerate(reasons)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "data" / "rejected" / "train-00000-of-00001.parquet")


def report(capsys, *arguments):
    assert main(["report", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def table(text, title):
    """The rows of a table of the terminal, as lists of cells."""
    lines = text.split(f"\n{title}\n")[1].split("\n\n")[0].splitlines()
    return [re.split(r"\s{2,}", line.strip()) for line in lines[2:]]


def test_a_run_at_work_is_told_from_its_ledger(tmp_path, capsys):
    fill_ledger(tmp_path / "run.ledger.sqlite")
    text = report(capsys, tmp_path / "run")
    assert text.startswith("run (not finished)\n")
    # The failure is no reply yet, but it is what came of asking.
    assert table(text, "Yield so far") == [["asked about", "6"], ["written", "3"], ["without", "3"]]
    assert table(text, "Requests") == [
        ["reversal", "v2", "m", "5", "1", "3.20", "400", "80", "1.0000", "2.00", "2.00"],
        ["reversal+repair", "v2", "m", "1", "0", "2.00", "100", "20", "0.2500", "3.00", "3.00"],
        ["reversal+rewrite", "v2", "m", "1", "0", "2.00", "100", "20", "0.2500", "2.00", "2.00"],
        ["reversal", "v1", "m", "1", "0", "2.00", "100", "20", "0.2500", "1.00", "1.00"],
        ["judge", "j1", "m", "1", "0", "2.00", "100", "20", "unknown", "1.00", "1.00"],
    ]
    assert dict(table(text, "Use and speed")[:5]) == {
        "replies": "8",
        "tokens in prompts": "800",
        "of these from the server's cache": "480 (60%)",
        "tokens in replies": "160",
        "cost": "1.7500",
    }
    assert {row[0]: row[1] for row in table(text, "First tries")} == {
        "written": "2", "declined": "1", "timeout": "1", "too_long": "1", "unreadable": "1"
    }  # fmt: skip
    assert table(text, "Second tries: another form") == [["written", "1", "100.0%"]]
    assert table(text, "Second tries: another instruction") == [["copies_passage", "1", "100.0%"]]
    reasons = {row[0] for row in table(text, "Reasons for rejection")}
    assert reasons == {"declined", "timeout", "copies_passage"}
    assert (tmp_path / "run.report.html").is_file()
    # A ledger may be named itself.
    assert report(capsys, tmp_path / "run.ledger.sqlite") == text


def test_a_finished_dataset_is_told_from_its_statistics(tmp_path, capsys):
    fill_ledger(tmp_path / "elsewhere.sqlite")
    write_dataset(tmp_path / "run")
    text = report(capsys, tmp_path / "run", "--ledger", tmp_path / "elsewhere.sqlite", "--examples", 1)
    assert text.startswith("run\n")
    assert table(text, "Yield") == [["read", "9"], ["accepted", "6"], ["rejected", "3"]]
    assert table(text, "Reasons for rejection") == [["declined", "1", "33.3%"], ["too_long", "2", "66.7%"]]
    assert table(text, "Levers")[0] == ["region", "4", "66.7%"]
    assert table(text, "Kinds of the instructions") == [["b", "3"], ["<i>", "0"]]
    assert table(text, "Styles") == [["plain", "6", "100.0%"]]
    assert "too_long, set-1" in text
    assert "too_long, set-2" not in text
    assert "detail: detail 1" in text
    assert "Requests" in text


def test_a_dataset_without_a_ledger_has_a_report_too(tmp_path, capsys):
    write_dataset(tmp_path / "run")
    text = report(capsys, tmp_path / "run", "--html", tmp_path / "page.html")
    assert "Requests" not in text
    assert "<svg" not in (tmp_path / "page.html").read_text()
    assert not list(tmp_path.glob(".*"))


def test_nothing_on_the_page_or_the_terminal_acts(tmp_path, capsys):
    fill_ledger(tmp_path / "run.ledger.sqlite")
    write_dataset(tmp_path / "run")
    for run in (tmp_path / "run", tmp_path / "run.ledger.sqlite"):
        text = report(capsys, run)
        assert "\x1b" not in text
        assert "\u202e" not in text
        page = (tmp_path / "run.report.html").read_text()
        assert "<script" not in page
        assert html.escape("<script>alert(1)</script>") in page
        # On a phone, where cells stand below each other, each says what it is.
        assert '<td data-name="reason">' in page
        assert "default-src 'none'" in page
        assert set(re.findall(r"""\b(?:src|href)=(.{6})""", page)) == {'"data:'}
        images = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
        assert len(images) >= 3
        for image in images:
            names = {
                element.tag.rpartition("}")[2]
                for element in ElementTree.fromstring(base64.b64decode(image)).iter()
            }
            assert "script" not in names


def test_the_same_run_gives_the_same_page(tmp_path, capsys):
    fill_ledger(tmp_path / "run.ledger.sqlite")
    write_dataset(tmp_path / "run")
    pages = []
    for _ in range(2):
        report(capsys, tmp_path / "run")
        pages.append((tmp_path / "run.report.html").read_bytes())
    assert pages[0] == pages[1]


def test_many_levers_are_cut_in_the_table(tmp_path, capsys):
    write_dataset(tmp_path / "run")
    path = tmp_path / "run" / "statistics.json"
    levers = ", ".join(f'"lever {number}": 2' for number in range(40))
    path.write_text(re.sub(r'"levers": {[^}]*}', f'"levers": {{{levers}}}', path.read_text()))
    rows = table(report(capsys, tmp_path / "run"), "Levers")
    assert len(rows) == 26
    assert rows[-1] == ["15 more", "30", "37.5%"]


@pytest.mark.parametrize("make", ["nothing", "broken", "text", "unwritable"])
def test_what_is_no_run_is_one_line(tmp_path, capsys, make):
    run, more = tmp_path / "run", []
    if make == "broken":
        write_dataset(run)
        (run / "statistics.json").write_text('{"yields": 5}')
    elif make == "text":
        run.write_text("no ledger at all " * 100)
    elif make == "unwritable":
        fill_ledger(tmp_path / "run.ledger.sqlite")
        more = ["--html", str(tmp_path / "no" / "such" / "folder" / "page.html")]
    assert main(["report", str(run), *more]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert not list(tmp_path.glob("*.html"))


def test_a_report_can_be_made_while_a_build_writes(tmp_path, capsys):
    path = tmp_path / "run.ledger.sqlite"
    fill_ledger(path)
    with Ledger(path) as ledger:
        request = LlmRequest("reversal", "new", "v2", (("user", "new"),), 100)
        ledger.record_reply(request.key("m"), request, "m", reply(), "written")
        assert ["asked about", "7"] in table(report(capsys, tmp_path / "run"), "Yield so far")
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
