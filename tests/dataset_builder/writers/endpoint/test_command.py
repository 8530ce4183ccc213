"""The writer ``endpoint`` on the command line: estimates, budgets, and mistakes as one line each."""

import asyncio
import json
import re
import threading

import pytest

from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.api import build_dataset
from dualview.dataset_builder.judges.language_model import logprobs_fact
from dualview.dataset_builder.llm.conversation import Sampling
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

SETS = 12


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "sets.jsonl"
    rows = [
        {
            "id": f"set-{number}",
            "query": f"what is the use of tool number {number}",
            "instruction": "Only texts that tell of its price in the shops of the city.",
            "positive": {"title": "Price", "text": f"Tool {number} costs nine crowns at the market."},
            "instruction_negatives": [
                {"title": "Past", "text": f"Tool {number} was known in the mines {age} years ago."}
                for age in (100, 300)
            ],
        }
        for number in range(SETS)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture
def serve():
    """Starts servers in a thread of their own; each is given as its object and its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    started = []

    def start(**behaviour):
        fake = FakeLlm(Behaviour(**behaviour))
        port = asyncio.run_coroutine_threadsafe(fake.start(), loop).result()
        started.append(fake)
        return fake, f"http://127.0.0.1:{port}/v1"

    yield start
    for fake in started:
        asyncio.run_coroutine_threadsafe(fake.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def build(source, tmp_path, capsys):
    """Runs a build and gives its exit code, its standard output and what it said."""

    def run(*more):
        code = main(
            ["build", "--source", str(source), "--writer", "endpoint", "--out", str(tmp_path / "set"), *more]
        )
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def estimate(text):
    return dict(line.split(None, 1) for line in text.splitlines())


def test_a_dry_run_estimates_and_asks_nothing(build, tmp_path):
    code, out, _ = build(
        "--base-url", "http://127.0.0.1:9/v1", "--dry-run", "--model", "m", "--prices", "1/2"
    )
    found = estimate(out)
    assert code == 0
    assert (found["items"], found["requests"]) == ("12", "12")
    prompt, reply = (int(number.replace(",", "")) for number in re.findall(r"[\d,]+(?= in)", found["tokens"]))
    assert 12 * 800 < prompt < 12 * 2400
    assert reply == 12 * 250
    assert float(found["cost"]) == pytest.approx((prompt + 2 * reply) / 1e6, abs=0.01)
    assert found["based"] == "on  a guess: there are no replies yet"
    assert found["time"].startswith("unknown (no reply was timed yet, and --dry-run-ask 5")
    assert [path.name for path in tmp_path.iterdir()] == ["sets.jsonl"]
    # More is asked, and slower.
    more = estimate(build("--dry-run", "--reversals", "all", "--paraphrase", "--requests-per-minute", "6")[1])
    assert more["requests"] == "36"
    assert more["cost"] == "unknown: add --prices"
    assert more["time"].startswith("at least 6 min (no reply was timed yet")
    assert " h (" in estimate(build("--dry-run", "--tokens-per-minute", "100")[1])["time"]


def test_a_dry_run_measures_a_sample_whose_replies_the_build_uses(build, serve):
    fake, url = serve(latency=0.05, bad=0.5)
    common = ("--base-url", url, "--dialect", "openai", "--prices", "10/20")
    found = estimate(build(*common, "--dry-run", "--dry-run-ask", "4")[1])
    asked = fake.came.total()
    assert 4 <= asked <= 8
    assert found["based"] == f"on  the ledger's {asked} replies"
    assert build(*common)[0] == 0
    assert set(fake.came.values()) == {1}
    assert len(fake.came) >= 12


def test_a_dry_run_counts_what_a_judge_asks(build):
    common = ("--dry-run", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--judge", "llm")
    found = estimate(build(*common, "--prices", "1/2")[1])
    # Two views of three passages each, in three votes; a set's other reversal shares the original view.
    assert found["requests"] == "84, 12 to write and 72 to judge"
    assert found["judge"] == "3 votes a view: the server may give no probabilities"
    alone = estimate(build(*common[:-2], "--prices", "1/2")[1])
    tokens, fewer = (re.findall(r"[\d,]+(?= in)", lines["tokens"])[0] for lines in (found, alone))
    assert int(tokens.replace(",", "")) > int(fewer.replace(",", "")) + 72 * 100
    every = estimate(build(*common, "--reversals", "all", "--judge-votes", "5")[1])
    assert every["requests"] == "204, 24 to write and 180 to judge"
    # One limit a minute for both, where they ask one server; each its own, where they ask two.
    limited = (*common, "--requests-per-minute", "12")
    assert estimate(build(*limited)[1])["time"].startswith("at least 7 min")
    apart = estimate(build(*limited, "--judge-base-url", "http://127.0.0.1:8/v1")[1])
    assert apart["time"].startswith("at least 6 min")


def test_a_dry_run_counts_a_judge_as_the_ledger_knows_it(build, serve, tmp_path):
    fake, url = serve()
    common = ("--base-url", url, "--dialect", "openai", "--model", "m", "--judge", "llm", "--dry-run")
    found = estimate(build(*common, "--dry-run-ask", "2")[1])
    # Two items are written, and each view of three passages is asked about passage by passage.
    asked = fake.came.total()
    assert asked == 2 + 2 * 6
    assert found["based"] == f"on  the ledger's {asked} replies"
    assert found["requests"] == "84, 12 to write and 72 to judge"
    assert found["judge"] == "one question a passage: the server gives probabilities"
    with Ledger(tmp_path / "set.ledger.sqlite") as ledger:
        ledger.remember(logprobs_fact(url, "m"), "no")
    found = estimate(build(*common, "--judge-votes", "2")[1])
    assert found["requests"] == "60, 12 to write and 48 to judge"
    assert found["judge"] == "2 votes a view: the server gives no probabilities"
    assert fake.came.total() == asked


def test_a_dry_run_counts_a_judge_of_what_another_writer_writes(tmp_path, capsys):
    seeds = ("build", "--source", "seeds:sets", "--out", str(tmp_path / "x"), "--dry-run")
    assert main([*seeds, "--judge", "llm", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"]) == 0
    found = estimate(capsys.readouterr().out)
    # 450 sets of three passages with two reversals: three views, in three votes.
    assert (found["items"], found["requests"]) == ("450", "4,050, 0 to write and 4,050 to judge")
    assert list(tmp_path.iterdir()) == []


def test_a_budget_stops_a_build_and_what_was_paid_for_can_be_built(build, serve, tmp_path):
    fake, url = serve()
    common = (
        "--base-url",
        url,
        "--dialect",
        "openai",
        "--model",
        "m",
        "--prices",
        "100/100",
        "--concurrency",
        "2",
    )
    code, _, said = build(*common, "--budget", "1.3")
    assert code == 2
    assert "the budget does not allow one more request" in said
    assert "Traceback" not in said
    assert not (tmp_path / "set").exists()
    asked = fake.came.total()
    assert 2 <= asked < 12
    code, _, said = build(*common, "--ledger-only")
    assert code == 0
    recipe = json.loads((tmp_path / "set" / "recipe.json").read_text())
    assert recipe["writers"][0]["used"]["requests"] == asked
    assert recipe["writers"][0]["items_without_a_reply"] == 12 - asked
    assert 0 < recipe["writers"][0]["used"]["cost"] <= 1.3
    assert fake.came.total() == asked
    # Without the limit it goes on where it was.
    assert build(*common, "--overwrite")[0] == 0
    assert set(fake.came.values()) == {1}
    assert len(fake.came) == 12


def test_how_a_server_was_reached_is_in_no_recipe(build, serve, tmp_path):
    _, url = serve()
    assert build("--base-url", url, "--requests-per-minute", "60000", "--timeout", "7")[0] == 0
    recipe = (tmp_path / "set" / "recipe.json").read_text()
    assert "127.0.0.1" not in recipe
    arguments = json.loads(recipe)["arguments"]
    assert arguments["temperature"] == 0.7
    assert not {"base_url", "timeout", "requests_per_minute", "ledger", "dry_run"} & set(arguments)
    writer = json.loads(recipe)["writers"][0]
    assert (writer["kind"], writer["model"]) == ("endpoint", "fake-model")
    assert set(writer["prompts"]) == {"reversal", "both_views"}
    assert "127.0.0.1" not in (tmp_path / "set" / "README.md").read_text()


def test_a_build_without_a_judge_says_so_everywhere(build, serve, tmp_path):
    _, url = serve()
    code, _, said = build("--base-url", url, "--dialect", "openai")
    assert code == 0
    assert "No judge checks what the language model writes" in said
    assert "--judge self" in said
    statistics = json.loads((tmp_path / "set" / "statistics.json").read_text())
    assert statistics["judge"] is None
    accepted = statistics["yields"]["accepted"]
    assert statistics["pairs_of_a_language_model_that_no_judge_checked"] == accepted > 0
    card = (tmp_path / "set" / "README.md").read_text()
    assert f"wrote the instructions of {accepted} rows, and no judge has checked" in card


def test_the_writer_s_own_model_judges_on_the_same_servers(build, serve, tmp_path):
    one, two = serve(), serve()
    more = [word for _, url in (one, two) for word in ("--base-url", url)]
    # Whatever this server says is "yes" with the same probability: a margin of nothing accepts all.
    code, _, said = build(*more, "--dialect", "openai", "--judge", "self", "--judge-margin", "0")
    assert code == 0
    assert "No judge" not in said
    statistics = json.loads((tmp_path / "set" / "statistics.json").read_text())
    assert statistics["judge"] == "fake-model"
    assert statistics["pairs_of_a_language_model_that_no_judge_checked"] == 0
    recipe = json.loads((tmp_path / "set" / "recipe.json").read_text())
    assert recipe["judge"]["is_the_writer"] and recipe["judge"]["margin"] == 0
    assert "the writer's own model" in (tmp_path / "set" / "README.md").read_text()
    # 12 reversals, and 12 sets of 2 views of 3 passages, spread over both.
    assert sum(fake.answered.total() for fake, _ in (one, two)) == 12 + 12 * 2 * 3
    assert min(fake.answered.total() for fake, _ in (one, two)) > 10


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "give --base-url, or --provider and --model"),
        (("--base-url", "http://127.0.0.1:9/v1"), "start it, or check --base-url"),
        (("--base-url", "http://127.0.0.1:9/v1", "--model", "m"), "does not answer"),
        (("--base-url", "here", "--model", "m"), "is not a URL"),
        (
            ("--base-url", "http://a/v1", "--dialect", "tgi", "--model", "m", "--budget", "1"),
            "needs --prices",
        ),
        (("--base-url", "http://a/v1", "--ledger-only"), "name the model of the replies with --model"),
        (("--base-url", "http://a/v1", "--model", "m", "--ledger", "/dev/null/x"), "cannot be made"),
        (("--provider", "groq"), "HF_HUB_OFFLINE"),
    ],
)
def test_mistakes_are_one_line(build, tmp_path, monkeypatch, more, says):
    monkeypatch.setattr("dualview.dataset_builder.llm.servers.waiting._PAUSE", 0.0)
    code, out, said = build(*more)
    assert code == 2
    assert out == ""
    (error,) = [line for line in said.splitlines() if line.startswith("error: ")]
    assert says in error
    assert not (tmp_path / "set").exists()


def test_a_dry_run_is_for_language_models(source, tmp_path, capsys):
    code = main(
        ["build", "--source", str(source), "--writer", "replay", "--out", str(tmp_path / "x"), "--dry-run"]
    )
    assert code == 2
    assert "add --writer endpoint or --judge llm" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flag", ["--concurrency", "--budget", "--max-tokens", "--timeout", "--requests-per-minute"]
)
@pytest.mark.parametrize("value", ["0", "-1", "nan", "many", ""])
def test_impossible_numbers_are_usage_errors(build, capsys, flag, value):
    with pytest.raises(SystemExit):
        build(flag, value)
    assert flag in capsys.readouterr().err


def test_a_writer_that_a_notebook_makes_builds_there(source, serve, tmp_path):
    _, url = serve()

    async def cell():
        run = LlmRun.open(tmp_path / "ledger.sqlite")
        client = open_llm_client(ClientSettings(base_url=url), run)
        writer = EndpointWriter(client, run, WritingSettings(), Sampling(0.7, 300), 4)
        return build_dataset(source, out=tmp_path / "out", writers=[writer])

    made = asyncio.run(cell())
    assert made.yields["accepted"] > 0
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.spent().requests >= SETS
