"""What goes over the wire, to each kind of server; who gets a key; what probing finds."""

import asyncio
import json

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import KEY_VARIABLE, find_server, open_client
from dualview.dataset_builder.llm.dialects import DIALECTS, PLAIN, schema_arguments
from dualview.dataset_builder.llm.probe import find_dialect, find_model
from dualview.dataset_builder.llm.setup import ClientSettings, LlmRun, open_llm_client
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
WIRE = {
    "tgi": {"response_format": {"type": "json_object", "value": SCHEMA}},
    "vllm": {"structured_outputs": {"json": SCHEMA}},
    "llamacpp": {"response_format": {"type": "json_object", "schema": SCHEMA}},
    "openai": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": SCHEMA, "strict": True},
        }
    },
    PLAIN: {},
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("dualview.dataset_builder.llm.probe._PAUSE", 0.0)


def with_server(behaviour, use):
    """Run ``use(fake, url)`` while the server listens."""

    async def run():
        fake = FakeLlm(behaviour)
        url = f"http://127.0.0.1:{await fake.start()}/v1"
        try:
            return fake, await use(fake, url)
        finally:
            await fake.stop()

    return asyncio.run(run())


@pytest.mark.parametrize("dialect", WIRE)
def test_each_dialect_reaches_the_server_in_its_own_form(dialect):
    async def ask(fake, url):
        client = open_client(find_server(url, None, 5))
        await client.chat_completion(
            messages=[{"role": "user", "content": "grüße"}],
            model="some/model",
            max_tokens=10,
            temperature=0.5,
            **schema_arguments(dialect, SCHEMA),
        )
        await client.close()

    fake, _ = with_server(Behaviour(), ask)
    assert fake.bodies == [
        {
            "model": "some/model",
            "messages": [{"role": "user", "content": "grüße"}],
            "max_tokens": 10,
            "temperature": 0.5,
            "stream": False,
            **WIRE[dialect],
        }
    ]


def test_without_a_schema_no_dialect_sends_one():
    assert all(schema_arguments(dialect, None) == {} for dialect in (*DIALECTS, PLAIN))
    with pytest.raises(ValueError, match="esperanto"):
        schema_arguments("esperanto", SCHEMA)


@pytest.mark.parametrize(
    ("url", "own_key", "sent"),
    [
        ("http://127.0.0.1:8080/v1", "", "unused"),
        ("http://127.0.0.1:8080/v1", "own-secret", "own-secret"),
        ("https://llm.example.org/v1", "", "unused"),
        ("https://x.endpoints.huggingface.cloud", "", "hf_secret"),
        ("https://x.endpoints.huggingface.cloud", "own-secret", "own-secret"),
        ("https://evil-huggingface.co/v1", "", "unused"),
        ("https://huggingface.co.evil.org/v1", "", "unused"),
        ("https://router.huggingface.co/v1", "", "hf_secret"),
    ],
)
def test_the_hugging_face_token_goes_to_hugging_face_only(monkeypatch, url, own_key, sent):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv(KEY_VARIABLE, own_key)
    server = find_server(url, None, 5)
    assert server.key == sent
    assert "secret" not in repr(server)
    assert "secret" not in repr(open_client(server))


def test_the_key_is_what_the_server_gets(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")

    async def ask(fake, url):
        client = open_client(find_server(url, None, 5))
        await client.chat_completion(messages=[{"role": "user", "content": "x"}], model="m")
        await client.close()

    fake, _ = with_server(Behaviour(), ask)
    assert fake.headers[0]["authorization"] == "bearer unused"
    monkeypatch.setenv(KEY_VARIABLE, "own-secret")
    fake, _ = with_server(Behaviour(key="own-secret"), ask)
    assert len(fake.bodies) == 1


@pytest.mark.parametrize(
    ("base_url", "provider", "says"),
    [
        (None, None, "give --base-url, or --provider"),
        ("http://a/v1", "groq", "give --base-url, or --provider"),
        ("localhost:8080", None, "is not a URL"),
        ("ftp://host/v1", None, "is not a URL"),
        ("http://[::1/v1", None, "is not a URL"),
        ("http://me:secret@host/v1", None, "holds a name, a password"),
        ("http://host/v1?key=secret", None, "holds a name, a password"),
        (None, "groq", "HF_HUB_OFFLINE"),
    ],
)
def test_a_server_that_cannot_be_asked_is_one_line(base_url, provider, says):
    with pytest.raises(InputError, match=says) as error:
        find_server(base_url, provider, 5)
    assert "secret" not in str(error.value)


def test_a_provider_needs_a_token(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.is_offline_mode", lambda: False)
    with pytest.raises(InputError, match="no token for the provider groq"):
        find_server(None, "groq", 5)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert find_server(None, "groq", 5).key == "hf_secret"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_probing_finds_the_dialect_that_is_obeyed(dialect):
    async def probe(fake, url):
        return await find_dialect(find_server(url, None, 5), "m")

    _, found = with_server(Behaviour(enforces=(dialect,)), probe)
    assert found == dialect
    # As a server does that takes other forms for an error, and one that stumbles first.
    others = tuple(other for other in DIALECTS if other != dialect)
    fails = ["429", "503", "cut"]
    _, found = with_server(Behaviour(enforces=(dialect,), refuses=others, fails=fails), probe)
    assert found == dialect


def test_a_server_that_obeys_no_schema_is_plain():
    async def probe(fake, url):
        return await find_dialect(find_server(url, None, 5), "m")

    assert with_server(Behaviour(enforces=()), probe)[1] == PLAIN
    assert with_server(Behaviour(enforces=(), refuses=DIALECTS), probe)[1] == PLAIN


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (Behaviour(key="other"), "does not accept the API key"),
        (Behaviour(status=404), "knows no such model or address"),
        (Behaviour(status=400), "answers no request"),
    ],
)
def test_a_server_that_cannot_be_used_is_found_out_at_once(behaviour, says, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "my-own-secret")

    async def probe(fake, url):
        return await find_dialect(find_server(url, None, 5), "m")

    with pytest.raises(InputError, match=says) as error:
        with_server(behaviour, probe)
    assert "secret" not in str(error.value)


def test_nobody_there_is_one_line():
    server = find_server("http://127.0.0.1:9/v1", None, 5)
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/v1 does not answer"):
        asyncio.run(find_dialect(server, "m"))
    with pytest.raises(InputError, match="--model"):
        asyncio.run(find_model(server))


def test_the_model_is_the_first_listed():
    async def find(fake, url):
        return await find_model(find_server(url.removesuffix("/v1"), None, 5))

    assert with_server(Behaviour(models=("a/b", "c")), find)[1] == "a/b"
    with pytest.raises(InputError, match="lists no model"):
        with_server(Behaviour(models=()), find)


def test_what_probing_found_is_recorded_and_not_asked_again(tmp_path, capsys):
    def open_one(url):
        run = LlmRun.open(tmp_path / "l.sqlite")
        open_llm_client(ClientSettings(base_url=url), run)
        run.close()

    async def probe_twice(fake, url):
        await asyncio.to_thread(open_one, url)
        asked = len(fake.bodies)
        await asyncio.to_thread(open_one, url)
        return asked

    fake, asked = with_server(Behaviour(enforces=("vllm",)), probe_twice)
    assert len(fake.bodies) == asked == 3
    said = capsys.readouterr().err
    assert said.count("enforces schemas in vLLM's form (--dialect vllm)") == 2
    assert "has the model fake-model" in said
    run = LlmRun.open(tmp_path / "l.sqlite")
    facts = dict(run.ledger._db.execute("SELECT name, value FROM facts"))
    run.close()
    assert [(json.loads(name)[0], value) for name, value in facts.items()] == [("dialect", "vllm")]
