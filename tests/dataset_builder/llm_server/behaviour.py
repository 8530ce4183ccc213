"""The behaviour of the loopback server: how fast, how reliable, and in which forms it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.dataset_builder.llm_server.faults import FAULTS


@dataclass
class Behaviour:
    """The behaviour of a server.

    :param latency: seconds until a reply, give or take ``jitter``.
    :param faults: share of the requests that are not answered, by one of ``kinds``.
    :param bad: share of the answers that are no use.
    :param enforces: dialects in which it obeys a schema; the others it ignores.
    :param refuses: dialects that are an error for it.
    :param key: the API key it wants; None for any.
    :param status: answers everything with it.
    :param fails: kinds of fault with which the first requests end, in order.
    :param says: texts to answer with, in order, and their finish reasons; after them, what it says otherwise.
    :param retry_after: what it sends with status 429.
    :param usage: whether it counts tokens; an object to send in the place of its counts.
    :param forms: forms of its messages, see :mod:`tests.dataset_builder.llm_server.forms`; one is drawn.
    :param twice: share of the replies that it sends again on the same connection, ``later`` seconds after.
    :param loading: seconds from its start for which it answers everything with status 503.
    :param redirect: where it redirects all requests for an answer to.
    :param work: seconds of work for a reply, shared among all requests in flight.
    :param slots: what it tells of itself as llama.cpp's server does; None to know no such address.
    """

    latency: float = 0.0
    jitter: float = 0.0
    faults: float = 0.0
    kinds: tuple[str, ...] = FAULTS
    bad: float = 0.0
    enforces: tuple[str, ...] = ("openai",)
    refuses: tuple[str, ...] = ()
    key: str | None = None
    status: int | None = None
    fails: list[str] = field(default_factory=list)
    says: list[tuple[str, str]] = field(default_factory=list)
    retry_after: str = "0"
    usage: bool | dict = True
    forms: tuple[str, ...] = ("text",)
    twice: float = 0.0
    later: float = 0.02
    loading: float = 0.0
    redirect: str | None = None
    work: float = 0.0
    slots: int | None = None
    models: tuple[str, ...] = ("fake-model",)
