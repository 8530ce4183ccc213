"""Printed text is one line and controls no terminal, whatever it holds."""

from __future__ import annotations

import ast
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dualview.cards.terminal import printable, write_line

ACTING = ["\n", "\r", "\x1b[2J", "\x1b]0;title\x07", "\x9b1m", "\x00", "\x85", "\u2028", "\u2029", "\u202e"]
ACTING += ["\u2066", "\ufeff", "\ud800", "\u00ad", "\b", "\x7f", "\t"]
WILD = st.one_of(st.text(), st.lists(st.sampled_from([*ACTING, "error: ", "word", " "])).map("".join))


@given(WILD)
@example("a\nerror: all fine\nb")
@example("\x1b[2J\x1b]0;title\x07")
def test_printed_text_is_one_harmless_line(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    kinds = {unicodedata.category(character) for character in shown if character not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(WILD.filter(lambda text: "\\" not in text))
def test_the_characters_can_be_read_from_the_line(text: str) -> None:
    assert ast.literal_eval('"' + printable(text).replace('"', '\\"') + '"') == text


@pytest.mark.parametrize("text", ["plain text", "é 漢字　全角", "👩‍🚀", "می‌خواهم", "C:\\new", "a\u00a0b", ""])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("acting", ACTING)
def test_a_written_line_is_one_line(acting: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_line(f"a{acting}error: b")
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1 and acting not in printed.removesuffix("\n")
