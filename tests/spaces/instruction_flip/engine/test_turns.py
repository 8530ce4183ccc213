"""Turns at a model: in the order of asking."""

from __future__ import annotations

import threading
import time

import pytest
from flip.engine.turns import Turns


def test_whoever_asks_again_waits_behind_those_who_asked_before() -> None:
    turns, told = Turns(), []
    waits = threading.Event()

    def visit() -> None:
        waits.set()
        with turns:
            told.append("visitor")

    visitor = threading.Thread(target=visit)
    for number in range(50):
        with turns:
            told.append(number)
            if number == 0:
                visitor.start()
                assert waits.wait(20)
                limit = time.monotonic() + 20
                while len(turns._gates) < 2:
                    assert time.monotonic() < limit
                    time.sleep(0.001)
    visitor.join(20)
    assert told[:3] == [0, "visitor", 1]


def test_one_thread_at_a_time_and_an_error_ends_a_turn() -> None:
    turns, inside, most = Turns(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turns:
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == 1 and inside == 0
    with pytest.raises(ValueError, match="wrong"), turns:
        raise ValueError("wrong")
    with turns:
        pass
