"""Metric Space p-MRR: loading with ``evaluate``, the same results as the evaluation, and the page."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import evaluate
import httpx
import pytest
from gradio_client import Client
from huggingface_hub import metadata_load

from dualview.cards.hub.space_upload import space_upload
from dualview.trainer.evaluation.metrics import p_mrr, p_mrr_gained_by_query

ROOT = Path(__file__).resolve().parents[3]
SPACE = ROOT / "spaces" / "p_mrr"


@pytest.fixture(scope="module")
def metric() -> evaluate.Metric:
    return evaluate.load(str(SPACE))


def ranked(scores: dict[str, float]) -> dict[str, list]:
    return {"docids": list(scores), "scores": list(scores.values())}


def test_the_example_of_the_card(metric: evaluate.Metric) -> None:
    original, changed = ranked({"a": 0.9, "b": 0.1}), ranked({"a": 0.2, "b": 0.8})
    found = metric.compute(
        predictions=[{"original": original, "changed": changed}],
        references=[{"lost": ["a"], "gained": ["b"]}],
    )
    assert found == {"p_mrr": 0.5, "p_mrr_gained": 0.5}
    assert str(found) in (SPACE / "README.md").read_text(encoding="utf-8")


def test_it_agrees_with_the_evaluation(metric: evaluate.Metric) -> None:
    source = random.Random(0)
    docids = [f"d{number}" for number in range(12)]
    runs = [
        {
            str(query): {d: float(source.randint(0, 4)) for d in source.sample(docids, 8)}
            for query in range(40)
        }
        for _ in range(2)
    ]
    lost = {str(query): source.sample(docids, source.randint(0, 3)) for query in range(40)}
    gained = {query: source.sample(docids, 1) for query in lost}
    found = metric.compute(
        predictions=[{"original": ranked(runs[0][q]), "changed": ranked(runs[1][q])} for q in lost],
        references=[{"lost": lost[q], "gained": gained[q]} for q in lost],
    )
    assert found["p_mrr"] == pytest.approx(p_mrr(*runs, lost))
    mirror = p_mrr_gained_by_query(*runs, gained)
    assert found["p_mrr_gained"] == pytest.approx(sum(mirror.values()) / 40)


def test_gained_documents_may_be_left_out(metric: evaluate.Metric) -> None:
    item = {"original": ranked({"a": 2.0, "b": 1.0}), "changed": ranked({"a": 1.0, "b": 2.0})}
    assert metric.compute(predictions=[item], references=[{"lost": ["a"]}]) == {
        "p_mrr": 0.5,
        "p_mrr_gained": None,
    }
    metric.add(prediction=item, reference={"lost": ["a"], "gained": None})
    assert metric.compute()["p_mrr"] == 0.5


@pytest.mark.parametrize(
    ("prediction", "reference", "message"),
    [
        ({}, {"gained": ["a"]}, "query 0: its reference needs 'lost'"),
        ({}, {"lost": ["a"], "gain": ["b"]}, "query 0: its reference has 'gain' beside"),
        ({}, ["a"], "query 0: its reference needs 'lost'"),
        ({"changed": None}, {"lost": ["a"]}, "its prediction needs 'changed' with 'docids' and 'scores'"),
        ({"original": {"docids": ["a"]}}, {"lost": ["a"]}, "its prediction needs 'original'"),
    ],
)
def test_what_a_query_lacks_is_named(
    metric: evaluate.Metric, prediction: dict, reference: object, message: str
) -> None:
    item = {"original": ranked({"a": 1.0}), "changed": ranked({"a": 1.0})} | prediction
    with pytest.raises(ValueError, match=message):
        metric.compute(predictions=[item], references=[reference])


def test_without_changed_documents_there_is_no_figure(metric: evaluate.Metric) -> None:
    item = {"original": ranked({"a": 1.0}), "changed": ranked({"a": 1.0})}
    found = metric.compute(predictions=[item], references=[{"lost": [], "gained": []}])
    assert found == {"p_mrr": None, "p_mrr_gained": None}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"docids": ["a", "b"], "scores": [1.0]}, "2 document ids, but 1 scores"),
        ({"docids": ["a", "a"], "scores": [1.0, 2.0]}, "twice"),
        ({"docids": ["a"], "scores": [float("nan")]}, "not a number"),
    ],
)
def test_runs_that_are_none_are_refused(metric: evaluate.Metric, broken: dict, message: str) -> None:
    item = {"original": broken, "changed": ranked({"a": 1.0})}
    with pytest.raises(ValueError, match=message):
        metric.compute(predictions=[item], references=[{"lost": ["a"], "gained": []}])


def test_the_arithmetic_is_one_file_and_goes_along_when_published(tmp_path: Path) -> None:
    source = ROOT / "trainer" / "evaluation" / "metrics" / "ranks.py"
    assert (SPACE / "ranks.py").resolve() == source
    upload = space_upload(SPACE, "org/p_mrr")
    names = {file.path for file in upload.files}
    shared = {"calls.py", "no_uploads.py", "ranks.py"}
    assert {"README.md", "app.py", "p_mrr.py", "pasted.py", "plot.py", "requirements.txt"} | shared == names
    # The published files work without the checkout.
    for file in upload.files:
        content = file.source if isinstance(file.source, bytes) else file.source.read_bytes()
        target = tmp_path / "p_mrr" / file.path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
    assert not any((tmp_path / "p_mrr" / name).is_symlink() for name in shared)
    alone = evaluate.load(str(tmp_path / "p_mrr"))
    item = {"original": ranked({"a": 2.0, "b": 1.0}), "changed": ranked({"a": 1.0, "b": 2.0})}
    assert alone.compute(predictions=[item], references=[{"lost": ["a"], "gained": []}])["p_mrr"] == 0.5


def test_the_card_says_what_the_hub_needs() -> None:
    metadata = metadata_load(SPACE / "README.md")
    assert metadata is not None
    assert metadata["tags"] == ["evaluate", "metric"] and metadata["sdk"] == "gradio"
    assert f"gradio=={metadata['sdk_version']}" in (SPACE / "requirements.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def app() -> Iterator[ModuleType]:
    """Module of the page, imported with its own folder on the path and removed afterwards."""
    names = ("app", "calls", "no_uploads", "pasted", "plot", "ranks")
    saved = {name: sys.modules.pop(name, None) for name in names}
    sys.path.insert(0, str(SPACE))
    try:
        import app as module

        yield module
    finally:
        sys.path.remove(str(SPACE))
        for name in names:
            sys.modules.pop(name, None)
            if saved[name] is not None:
                sys.modules[name] = saved[name]
        shutil.rmtree(SPACE / "__pycache__", ignore_errors=True)


def test_pasted_runs_are_measured(app: ModuleType) -> None:
    before = "q1 Q0 a 1 0.9 x\nq1 Q0 b 2 0.5 x\n\nq2 a 0.3\nq2 b 0.2"
    after = "q1 Q0 b 1 0.9 x\nq1 Q0 a 2 0.5 x\nq2 a 0.3\nq2 b 0.2"
    text, rows = app.measure(before, after, "q1 a\nq2 a\nq1 a")
    assert text == "## p-MRR 25.00\n\nover 2 queries"
    assert rows == [["q1", "a", 1, 2, 50.0], ["q2", "a", 1, 1, 0.0]]


@pytest.mark.parametrize("mark", ["\ufeff", "\ufeff\ufeff", "\r\n\ufeff"])
def test_marks_and_line_ends_of_files_change_nothing(app: ModuleType, mark: str) -> None:
    before, after = "q1 a 3\nq1 b 2\nq1 c 1", "q1 a 1\nq1 b 3\nq1 c 2"
    plain = app.measure(before, after, "q1 a")
    pasted = [mark + text.replace("\n", "\r\n") for text in (before, after, "q1 a")]
    assert app.measure(*pasted) == plain and "66.67" in plain[0]


def test_documents_in_neither_run_are_counted(app: ModuleType) -> None:
    text, _ = app.measure("q1 a 1", "q1 a 1", "q1 a\nq1 nothing")
    assert "In neither run, and counted behind the last rank: 1 of these documents." in text


def test_the_plot_has_a_line_for_each_document(app: ModuleType) -> None:
    rows = [["q", "<b>", 1, 9, 88.9], ["q", "x" * 30, 2, 1, -50.0], ["q", "same", 3, 3, 0.0]]
    plot = app.slope_plot(rows)
    assert plot.count("<line ") == 3 and "&lt;b&gt;" in plot and "<b>" not in plot
    assert "rank 9" in plot and "q same: 3 to 3" in plot
    assert app.slope_plot([]) == ""
    assert "The first 60 of 100 documents" in app.slope_plot(rows[:1] * 100)


@pytest.mark.parametrize(
    ("before", "after", "changed", "message"),
    [
        ("q a 1 2", "q a 1", "q a", "original run, line 1: has 4 fields"),
        ("q a 1", "q a high", "q a", "changed run, line 1: the score &#x27;high&#x27; is not a number"),
        ("q a 1\nq a 2", "q a 1", "q a", "line 2: document &#x27;a&#x27; occurs twice"),
        ("", "q a 1", "q a", "original run: is empty"),
        ("q a 1", "q a 1", "", "changed documents: is empty"),
        ("q a 1", "q a 1", "q", "changed documents, line 1"),
        ("q a 1", "r a 1", "q a", "missing from the changed run"),
        ("q a 1", "q <script>x</script> 1 y", "q a", "has 4 fields"),
        ("q a <b>", "q a 1", "q a", "&lt;b&gt;"),
        ("q\0 \0a\0 \x001\0", "q a 1", "q a", "original run: has null characters, like UTF-16"),
        ("q a 1", "q a 1" + " " * 10_000_001, "q a", "changed run: has 10,000,006 characters"),
        ("q a 1", 5, "q a", "changed run: must be text"),
        ("q a 1", "q a 1", None, "changed documents: must be text"),
    ],
)
def test_what_cannot_be_measured_is_said(
    app: ModuleType, before: str, after: str, changed: str, message: str
) -> None:
    text, rows = app.measure(before, after, changed)
    assert text.startswith("**Cannot compute p-MRR.**") and message in text and rows == []


def test_the_page_is_built_with_a_working_example(app: ModuleType) -> None:
    page = app.build_page()
    boxes = [block.value for block in page.blocks.values() if type(block).__name__ == "Textbox"]
    text, rows = app.measure(*boxes)
    assert text.startswith("## p-MRR 8.33")
    assert rows == [["q1", "stove", 1, 3, 66.67], ["q2", "oars", 2, 1, -50.0]]
    # Its result is there before anything is pressed.
    values = [block.value for block in page.blocks.values() if hasattr(block, "value")]
    assert text in values and app.slope_plot(rows) in values


def test_the_endpoint_answers_and_stores_no_uploads(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    env = {
        **os.environ,
        "TMPDIR": str(tmp_path),
        "PYTHONUNBUFFERED": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
    }
    command = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", port]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=SPACE, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/"
    try:
        limit = time.monotonic() + 120
        while "Running on" not in (tmp_path / "log").read_text():
            assert process.poll() is None and time.monotonic() < limit, (tmp_path / "log").read_text()
            time.sleep(0.2)
        client = Client(url, verbose=False)
        run = "q a 2\nq b 1"
        text, rows = client.predict(before=run, after="q a 1\nq b 2", changed="q a", api_name="/measure")
        assert text.startswith("## p-MRR 50.00") and rows == [["q", "a", 1, 2, 50.0]]
        assert "must be text" in client.predict(1, run, "q a", api_name="/measure")[0]
        endpoint = client.view_api(return_format="dict")["named_endpoints"]
        assert sorted(endpoint) == ["/measure"]
        assert endpoint["/measure"]["returns"][0]["python_type"]["type"] == "str"
        asked = httpx.post(f"{url}gradio_api/call/measure", json={"data": []}).json()
        told = httpx.get(f"{url}gradio_api/call/measure/{asked['event_id']}").text
        assert "takes the values before, after, changed" in told
        assert (
            httpx.post(f"{url}gradio_api/upload", files={"files": ("mine.txt", b"secret text")}).json() == []
        )
    finally:
        process.kill()
        process.wait(timeout=30)
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert not list(tmp_path.rglob("mine.txt"))
