"""Requests on the wire to each kind of server, and the keys that go with them."""

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import KEY_VARIABLE, find_server, open_client
from dualview.dataset_builder.llm.dialects import DIALECTS, PLAIN, schema_arguments
from tests.dataset_builder.llm_server.asking import with_server
from tests.dataset_builder.llm_server.server import Behaviour

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


@pytest.mark.parametrize("dialect", WIRE)
def test_each_dialect_reaches_the_server_in_its_own_form(dialect):
    async def ask(fake, url):
        client = open_client(find_server(url, None, 5))
        await client.complete(
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
        await client.complete(messages=[{"role": "user", "content": "x"}], model="m")
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
        ("http://host/v1#secret", None, "holds a name, a password"),
        ("http://host:99999/v1", None, "is not a URL"),
        ("http://host:0/v1", None, "is not a URL"),
        ("http:///v1", None, "is not a URL"),
        ("http://host/v1\r\nX-Evil: secret", None, "is not a URL"),
        ("http://ho st/v1", None, "is not a URL"),
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
