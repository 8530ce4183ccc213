"""Named endpoints of the demo, called with gradio_client."""

from __future__ import annotations

import re

import httpx
import pytest
from flip_visiting import SPACE, Server
from gradio_client import Client
from gradio_client.exceptions import AppError

PASSAGES = [
    "Cake with eggs\nWhisk three eggs.",
    "Cake without eggs\nUse oil and vinegar.",
    "Ovens in Pompeii.",
]


@pytest.fixture(scope="module")
def client(server: Server) -> Client:
    return Client(server.url, verbose=False)


def test_only_what_is_documented_is_offered(client: Client) -> None:
    api = client.view_api(return_format="dict")
    assert sorted(api["named_endpoints"]) == ["/flip", "/rank", "/search"]
    rank = api["named_endpoints"]["/rank"]
    assert [(one["parameter_name"], one["python_type"]["type"]) for one in rank["parameters"]] == [
        ("query", "str"),
        ("instruction", "str"),
        ("passages", "list[str]"),
        ("model", "str"),
    ]
    for endpoint in api["named_endpoints"].values():
        assert len(endpoint["description"]) > 40
    results = {name: one["returns"][0]["python_type"]["type"] for name, one in api["named_endpoints"].items()}
    assert results["/rank"] == "list[dict(rank: int, passage: int, score: float, title: str)]"
    assert "ranks_a: list[int]" in results["/flip"] and "p_mrr: None | float" in results["/flip"]
    assert "top_a: list[dict(rank: int, docid: str" in results["/search"]


def test_rank(client: Client) -> None:
    ranked = client.predict("cake", "without eggs", PASSAGES, api_name="/rank")
    assert [item["rank"] for item in ranked] == [1, 2, 3]
    assert sorted(item["passage"] for item in ranked) == [1, 2, 3]
    assert ranked[0]["score"] > ranked[2]["score"]
    assert {item["title"] for item in ranked} == {"Cake with eggs", "Cake without eggs", ""}
    bare = client.predict("cake", "", PASSAGES, "base", api_name="/rank")
    assert bare != ranked


def test_flip(client: Client) -> None:
    reply = client.predict("cake", "with eggs", "without eggs", PASSAGES, 1, 2, api_name="/flip")
    assert set(reply) == {"base", "second"}
    for told in reply.values():
        assert sorted(told["ranks_a"]) == sorted(told["ranks_b"]) == [1, 2, 3]
        assert told["flip"] == (told["obeys_a"] and told["obeys_b"])
        assert told["obeys_a"] == (told["ranks_a"][0] == 1)
        assert -1 < told["p_mrr"] < 1
        assert told["words"]
    same = client.predict("cake", "with", "without", PASSAGES, model="base", api_name="/flip")
    assert same["base"] == same["second"]
    assert same["base"]["flip"] is None


def test_search(client: Client) -> None:
    reply = client.predict("why is the sky blue", "for children", "with wavelengths", api_name="/search")
    assert reply["passages"] > 100
    assert [item["rank"] for item in reply["top_a"]] == list(range(1, 11))
    first = reply["top_a"][0]
    by_docid = {item["docid"]: item for item in reply["top_b"]}
    if first["docid"] in by_docid:
        assert by_docid[first["docid"]]["other_rank"] == 1
    assert "New in the top 10:" in reply["words"] or "Nothing moved" in reply["words"]


@pytest.mark.parametrize(
    ("arguments", "endpoint", "message"),
    [
        (("", "a", PASSAGES), "/rank", "The query is empty"),
        (("q", "a", ["one"]), "/rank", "only one passage"),
        (("q", "a", PASSAGES, "no/such/folder"), "/rank", "No model folder"),
        (("q", "a", [1, 2]), "/rank", "The value passages must be a list of texts; item 1 is a number"),
        (("q", "a", "one"), "/rank", "The value passages must be a list of texts; this call has a text"),
        ((7, "a", PASSAGES), "/rank", "The value query must be a text"),
        (("q", None, PASSAGES), "/rank", "The value instruction must be a text"),
        (("q", "a", PASSAGES, 7), "/rank", "The value model must be a text"),
        (("q", "a", "b", PASSAGES, "1", 2), "/flip", "The value wanted_a must be a whole number"),
        (("q", "a", ["b"]), "/search", "The value instruction_b must be a text"),
        (("q", "a", "a", PASSAGES), "/flip", "Both instructions are the same"),
        (("q", "a", "b", PASSAGES, 9, 1), "/flip", "whole number from 1 to 3"),
        (("q" * 2000, "a", "b"), "/search", "2,000 characters; the limit is 1,000"),
    ],
)
def test_errors_are_plain(client: Client, arguments: tuple, endpoint: str, message: str) -> None:
    with pytest.raises(AppError, match=message):
        client.predict(*arguments, api_name=endpoint)


def test_missing_last_values_get_their_defaults(server: Server) -> None:
    def rank(*values: object) -> str:
        asked = httpx.post(f"{server.url}gradio_api/call/rank", json={"data": values}).json()
        return httpx.get(f"{server.url}gradio_api/call/rank/{asked['event_id']}", timeout=60).text

    assert rank("cake", "", PASSAGES) == rank("cake", "", PASSAGES, "trained")
    assert "rank takes the values query, instruction, passages, model" in rank("cake")
    assert "this call has 5" in rank("cake", "", PASSAGES, "trained", "more")


WRONG_CALLS = [
    ("call/nothing", {"data": []}),
    ("call/v2/nothing", {}),
    ("call/v2/rank", {"query": "q"}),
    ("call/v2/rank", {"query": "q", "instruction": "", "passages": PASSAGES, "nothing": 1}),
    ("queue/join", {"data": [], "fn_index": 9999, "session_hash": "wrong"}),
    ("call/own", {"data": [1]}),
    ("call/rank", {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "", [], ""]}),
    ("run/predict", {"data": [None] * 9, "fn_index": 0, "session_hash": "wrong"}),
]


@pytest.mark.parametrize(("path", "body"), WRONG_CALLS)
def test_wrong_calls_leave_no_traceback(server: Server, path: str, body: dict) -> None:
    before = len(server.lines)
    reply = httpx.post(f"{server.url}gradio_api/{path}", json=body, timeout=60)
    if reply.status_code == 200:
        name = path.rpartition("/")[2]
        text = httpx.get(f"{server.url}gradio_api/call/{name}/{reply.json()['event_id']}", timeout=60).text
    else:
        text = reply.text
    assert re.search(r'"error": ?"[A-Za-z][^"]{20,}', text), text
    told = "".join(server.lines[before:])
    assert "Traceback" not in told and "/etc/passwd" not in told


def test_the_calls_of_the_readme_work(client: Client) -> None:
    """Run the code of the README with the client of the test server."""
    text = (SPACE / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code is not None
    told: list[object] = []
    scope = {"Client": lambda address: client, "print": told.append}
    exec(code[1].replace("from gradio_client import Client\n", ""), scope)
    assert len(told) >= 3
    assert all(told)
