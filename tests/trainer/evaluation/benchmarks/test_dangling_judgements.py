"""Judgements of documents and queries that a folder lacks, and files in the forms that people bring."""

from __future__ import annotations

import codecs
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.__main__ import main
from dualview.trainer.evaluation.api import Evaluation, evaluate
from dualview.trainer.evaluation.benchmarks.folders.local import read_benchmark
from tests.trainer.evaluation.benchmark_folders import followir

HEADING = "query-id\tcorpus-id\tscore\n"
LINES = "q0\td0\t1\nq1\td1\t1\n"
RUN = "".join(f"q{query} Q0 d{place} 1 {9 - place} x\n" for query in (0, 1) for place in range(4))


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    path = tmp_path / "a.run"
    path.write_text(RUN, encoding="utf-8")
    return path


def measure(folder: Path, run: Path, strict: bool = False) -> Evaluation:
    return evaluate(f"run:{run}", benchmarks=[folder], strict=strict)


def ndcg(result: Evaluation) -> float:
    return next(one.comparison.model.value for one in result.figures if one.metric == "ndcg_at_10")


def test_absent_documents_count_as_never_found(plain: Path, run_file: Path) -> None:
    assert ndcg(measure(plain, run_file)) == pytest.approx((1 + 0.6309297535714575) / 2)
    (plain / "qrels.tsv").write_text(f"{HEADING}{LINES}q1\tgone\t1\nq1\tgone too\t1\n")
    result = measure(plain, run_file)
    # As BEIR and mteb do: three documents are relevant to q1, and one of them is found, on rank 2.
    ideal = 1 + 0.6309297535714575 + 0.5
    assert ndcg(result) == pytest.approx((1 + 0.6309297535714575 / ideal) / 2)
    assert result.notes == (
        "plain: qrels.tsv: 2 judgements of documents that the corpus lacks, such as 'gone'; they count as "
        "documents that are never found, as in BEIR and mteb",
    )
    with pytest.raises(InputError, match=r"qrels\.tsv, line 4: unknown document 'gone'; add it"):
        measure(plain, run_file, strict=True)


def test_absent_queries_are_left_out(plain: Path, run_file: Path) -> None:
    before = ndcg(measure(plain, run_file))
    (plain / "qrels.tsv").write_text(f"{HEADING}{LINES}q9\td1\t1\n")
    result = measure(plain, run_file)
    assert ndcg(result) == before
    assert result.notes == (
        "plain: qrels.tsv: 1 judgement of queries that the folder lacks, such as 'q9'; left out",
    )
    with pytest.raises(InputError, match="line 4: unknown query 'q9'; add it to the queries or remove"):
        measure(plain, run_file, strict=True)


def test_notes_reach_screen_report_and_results(
    plain: Path, run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (plain / "qrels.tsv").write_text(f"{HEADING}{LINES}q9\td1\t1\n")
    out = tmp_path / "report"
    flags = ["--model", f"run:{run_file}", "--baseline", f"run:{run_file}", "--benchmark", str(plain)]
    assert main([*flags, "--out", str(out)]) == 0
    note = "1 judgement of queries that the folder lacks, such as "
    assert f"Note: plain: qrels.tsv: {note}'q9'; left out\n" in capsys.readouterr().err
    assert note in (out / "report.md").read_text() and note in (out / "report.html").read_text()
    assert note in json.loads((out / "results.json").read_text())["notes"][0]
    assert main([*flags, "--strict", "--out", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()


def test_kinds_that_compare_documents_leave_absent_ones_out(tmp_path: Path) -> None:
    folder = followir(tmp_path)
    before = read_benchmark(folder.path)
    folder.qrels("qrels/original", "q a 1\nq b 1\nq c 0\nq z 1\n")
    benchmark = read_benchmark(folder.path)
    run = {request.key: {docid: -float(i) for i, docid in enumerate("abcd")} for request in before.requests()}
    assert {k: f.values for k, f in benchmark.figures(run).items()} == {
        k: f.values for k, f in before.figures(run).items()
    }
    assert benchmark.notes == (
        "qrels/original.tsv: 1 judgement of documents that the corpus lacks, such as 'z'; left out",
    )


def test_queries_without_a_text_are_left_out_and_counted(plain: Path, run_file: Path) -> None:
    queries = [{"_id": "q0", "text": "who makes honey"}, {"_id": "q1", "text": None}]
    (plain / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query in queries))
    result = measure(plain, run_file)
    assert ndcg(result) == 1 and result.figures[0].comparison.queries == 1
    assert result.notes == ("plain: 1 judged query has no text, such as 'q1'; left out",)


@pytest.mark.parametrize(
    "qrels",
    [
        LINES,
        LINES.replace("\t1\n", "\t1.0\n"),
        "query_id\tdoc_id\trelevance\n" + LINES,
        HEADING + LINES + "\n\n",
        HEADING + LINES + "q0\td0\t1\n",
    ],
    ids=["no heading", "score 1.0", "other heading", "blank lines", "a pair twice"],
)
def test_judgements_that_mean_the_same(plain: Path, run_file: Path, qrels: str) -> None:
    before = ndcg(measure(plain, run_file))
    (plain / "qrels.tsv").write_text(qrels)
    assert ndcg(measure(plain, run_file)) == before


def test_a_first_line_of_a_known_query_is_no_heading(plain: Path) -> None:
    (plain / "qrels.tsv").write_text("q0\td0\tyes\nq1\td1\t1\n")
    with pytest.raises(InputError, match="line 1: needs query id, document id and a whole number"):
        read_benchmark(plain)


@pytest.mark.parametrize(
    "form",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: ("\n" + text.replace("\n", "\n\n")).encode(),
        lambda text: gzip.compress(text.encode()),
    ],
    ids=["mark", "utf-16", "crlf", "blank lines", "gzip"],
)
def test_the_form_of_the_files_changes_no_figure(
    plain: Path, run_file: Path, form: Callable[[str], bytes]
) -> None:
    (plain / "benchmark.json").write_text('{"kind": "retrieval"}\n')
    before = measure(plain, run_file)
    for path in (run_file, *plain.iterdir()):
        path.write_bytes(form(path.read_text(encoding="utf-8")))
    assert [one.values for one in measure(plain, run_file).figures] == [one.values for one in before.figures]


def test_blank_lines_count_in_line_numbers(plain: Path, run_file: Path) -> None:
    run_file.write_text(f"\n\n{RUN}oops\n")
    with pytest.raises(InputError, match=r"a\.run, line 11: has 1 fields"):
        measure(plain, run_file)
