"""Keys in a server's words, in every spelling: nothing of them is shown or kept."""

import base64
import json
import time
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import KEY_VARIABLE
from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from dualview.dataset_builder.llm.wire.redaction import PLACEHOLDER, redact
from tests.dataset_builder.llm_server.asking import ask, request, rows
from tests.dataset_builder.llm_server.server import Behaviour

KEY = "sk-proj/S3cret+S3cret/With=Signs_1234567890-end"


def in_base64(text, before=""):
    return base64.b64encode((before + text).encode()).decode()


SPELLINGS = {
    "plain": KEY,
    "upper case": KEY.upper(),
    "escaped slashes": KEY.replace("/", "\\/"),
    "escaped twice": KEY.replace("/", "\\\\/"),
    "unicode escapes": "".join(f"\\u{ord(sign):04X}" for sign in KEY),
    "some unicode escapes": "".join(f"\\u{ord(s):04x}" if n % 3 else s for n, s in enumerate(KEY)),
    "unicode escapes in a string in a string": json.dumps("".join(f"\\u{ord(s):04x}" for s in KEY)),
    "python escapes": "".join(f"\\x{ord(sign):02x}" for sign in KEY),
    "url": urllib.parse.quote(KEY, safe=""),
    "url in lower case": urllib.parse.quote(KEY, safe="").lower(),
    "url twice": urllib.parse.quote(urllib.parse.quote(KEY, safe="")),
    "all of it as a url": "".join(f"%{ord(sign):02x}" for sign in KEY),
    "html": "".join(f"&#{ord(sign)};" for sign in KEY),
    "html in hexadecimal": "".join(f"&#x{ord(sign):X};" for sign in KEY),
    "base64": in_base64(KEY),
    "base64 after one letter": in_base64(KEY, "k"),
    "base64 of basic access": in_base64(KEY, "user:"),
    "base64 of the header": in_base64(KEY, "Bearer "),
    "url-safe base64": base64.urlsafe_b64encode(b"??" + KEY.encode()).decode(),
    "hexadecimal": KEY.encode().hex(),
    "the first part": KEY[:30],
    "the last part": KEY[-25:],
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_key_is_removed_in_every_spelling(spelling):
    shown = redact(f'{{"error": "bad key {spelling}", "code": 401}}', KEY)
    assert PLACEHOLDER in shown
    for part in (spelling[4:16], spelling[-16:-6], KEY[4:16], KEY[-16:]):
        assert part not in shown
    assert shown.startswith('{"error": "bad key ')


def test_words_stay_and_short_keys_are_not_looked_for():
    text = "an empty answer, unused, with sk-proj in it"
    assert redact(text, "unused"[:6]) == text
    assert redact(text, "EMPTY") == text
    assert redact(text, KEY) == text


@given(st.text(max_size=200))
def test_other_text_stays_as_it_is(text):
    assert redact(text, KEY) == text


@pytest.mark.parametrize("piece", ["\\", "%25", "&#0", "\\u00", "s", "sk-proj/", "%2", "\\\\u"])
def test_hostile_words_are_searched_at_once(piece):
    text = (piece * 200_000)[:200_000]
    started = time.process_time()
    redact(text, KEY)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("padding", [250, 280, 295])
def test_no_part_of_a_key_is_left_where_words_are_cut(tmp_path, monkeypatch, capsys, spelling, padding):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    reply = "x" * padding + " " + spelling
    monkeypatch.setattr("tests.dataset_builder.llm_server.server._completion", lambda *_: {"error": reply})

    async def use(client, fake):
        with pytest.raises(RequestFailedError) as error:
            await client.ask(request())
        return str(error.value)

    shown, _ = ask(tmp_path, Behaviour(), use, max_tries=1)
    kept = rows(tmp_path, "detail")[0][0]
    for place in (shown, kept, capsys.readouterr().err):
        assert len(place) < 700
        assert spelling[4:14] not in place
        assert KEY[4:14] not in place


def test_a_key_in_any_field_of_a_reply_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    token = {"token": KEY, "logprob": -0.1, "top_logprobs": [{"token": KEY, "logprob": -0.1}]}
    choice = {
        "message": {"content": f"it is {SPELLINGS['unicode escapes']} here"},
        "finish_reason": KEY,
        "logprobs": {"content": [token]},
    }
    monkeypatch.setattr(
        "tests.dataset_builder.llm_server.server._completion", lambda *_: {"model": KEY, "choices": [choice]}
    )

    async def use(client, fake):
        return await client.ask(request(top_logprobs=2))

    reply, _ = ask(tmp_path, Behaviour(), use)
    assert reply.text == f"it is {PLACEHOLDER} here"
    assert reply.finish_reason == PLACEHOLDER
    assert set(reply.logprobs[0].alternatives) == {PLACEHOLDER}
    for file in tmp_path.iterdir():
        assert b"S3cret" not in file.read_bytes()


@pytest.mark.parametrize("key", ["sk-x\r\nX-Evil: 1", "sk-secret-ünï", "sk-secret 1", "sk-\x1b[2J"])
def test_a_key_with_odd_letters_is_refused_without_repeating_it(tmp_path, monkeypatch, key):
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(InputError, match=KEY_VARIABLE) as error:
        ask(tmp_path, Behaviour(), lambda client, _: client.ask(request()))
    assert "secret" not in str(error.value)
