"""The writer ``endpoint`` against real servers, with tiny models of random weights that write nonsense."""

import asyncio
import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from dualview.dataset_builder.llm.conversation import Sampling
from dualview.dataset_builder.llm.messages import LlmRequest
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
from dualview.dataset_builder.schema import CandidateSet, Passage, Rejection
from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings
from tests.dataset_builder.llm_server.tiny_models import make_tiny_gguf, make_tiny_llama

pytestmark = pytest.mark.slow

SETS = [
    CandidateSet(
        set_id=f"set-{number}",
        query_id=f"set-{number}",
        query="how do I keep a sourdough starter alive",
        instruction="Only advice for daily care.",
        positive=Passage("a", "Daily", f"Feed it every day with {number} spoons of rye flour."),
        instruction_negatives=(Passage("b", "Miners", "In Alaska miners carried it under their coats."),),
    )
    for number in range(2)
]
# What leaves no choice of length, so that a random model comes to an end.
SHORT_SCHEMA = {
    "type": "object",
    "properties": {"lever": {"type": "string", "enum": ["region", "time"]}, "sure": {"type": "boolean"}},
    "required": ["lever", "sure"],
    "additionalProperties": False,
}


@contextlib.contextmanager
def running(command, log, **environment):
    """A server on a free port, once it answers; ``{port}`` in the command becomes its number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    filled = [word.replace("{port}", str(port)) for word in command]
    with log.open("w") as file:
        process = subprocess.Popen(filled, stdout=file, stderr=file, env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + 240
        while True:
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
                break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def write_sets(url, tmp_path, model, max_tokens, dialect="auto"):
    """The outcomes of the sets, the dialect that was found, and the reply to a short request."""
    run = LlmRun.open(tmp_path / "ledger.sqlite")
    settings = ClientSettings(
        base_url=url, model=model, dialect=dialect, timeout=200, concurrency=2, max_tries=2
    )
    client = open_llm_client(settings, run)
    writer = EndpointWriter(client, run, WritingSettings(), Sampling(0.7, max_tokens, seed=1), 2)

    async def write():
        try:
            outcomes = await asyncio.gather(*map(writer.write_async, SETS))
            request = LlmRequest(
                "short", "x", "short-1", (("user", "Which lever, and are you sure?"),), 400, SHORT_SCHEMA
            )
            return outcomes, await client.ask(request), client.used()
        finally:
            await writer.close()

    return asyncio.run(write()), client.dialect


def test_transformers_serve_ignores_schemas_and_everything_is_rejected(tmp_path, capsys):
    """About a minute: the server imports PyTorch and makes a few thousand tokens one by one."""
    if importlib.util.find_spec("openai") is None:
        pytest.skip(
            "the package for transformers serve is not installed: pip install 'transformers[serving]'"
        )
    make_tiny_llama(tmp_path / "model", 'Feed the starter daily; {"new_instruction": "None"} and so on.')
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(tmp_path / "model")]
    command += ["--host", "127.0.0.1", "--port", "{port}", "--device", "cpu"]
    (tmp_path / "home" / "hub").mkdir(parents=True)
    with running(command, tmp_path / "log", HF_HOME=str(tmp_path / "home"), HF_HUB_OFFLINE="1") as url:
        (outcomes, reply, used), dialect = write_sets(url, tmp_path, str(tmp_path / "model"), 64)
    assert dialect == "plain"
    assert "enforces no schema" in capsys.readouterr().err
    found = [outcome for item in outcomes for outcome in item]
    assert [type(outcome) for outcome in found] == [Rejection] * 2
    assert {outcome.reason for outcome in found} <= {"cut_off", "unreadable", "wrong_form"}
    assert reply.text
    assert used["requests"] == 5
    assert used["completion_tokens"] > 100


@pytest.mark.parametrize("dialect", ["auto", "llamacpp"])
def test_llama_server_obeys_schemas(tmp_path, capsys, dialect):
    """Some ten seconds: a random model writes until it is cut off."""
    for package in ("xllamacpp", "gguf"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed: pip install {package}")
    make_tiny_gguf(tmp_path / "tiny.gguf")
    command = [
        sys.executable,
        "-m",
        "tests.dataset_builder.llm_server.llama",
        str(tmp_path / "tiny.gguf"),
        "{port}",
    ]
    with running(command, tmp_path / "log") as url:
        (outcomes, reply, used), found = write_sets(url, tmp_path, None, 600, dialect)
    # It also speaks OpenAI's dialect, which is tried first.
    assert found == ("openai" if dialect == "auto" else "llamacpp")
    assert ("enforces schemas in OpenAI's form" in capsys.readouterr().err) == (dialect == "auto")
    answer = json.loads(reply.text)
    assert set(answer) == {"lever", "sure"}
    assert answer["lever"] in ("region", "time")
    assert isinstance(answer["sure"], bool)
    # Random strings: what comes to an end is JSON of the schema, and the rules drop what it says.
    assert all(isinstance(outcome, Rejection) for item in outcomes for outcome in item)
    assert "unreadable" not in {outcome.reason for item in outcomes for outcome in item}
    assert used["requests"] >= 1
