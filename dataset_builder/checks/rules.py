"""The rules that a written instruction must meet, one function a rule.

A rule returns its finding, for a reader, or None when it is met. The names of the rules are the reasons in
the config ``rejected``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from dualview.dataset_builder.checks.copying import find_copied_run
from dualview.dataset_builder.checks.languages import differ_in_language
from dualview.dataset_builder.checks.rewording import means_the_same
from dualview.dataset_builder.checks.sentences import count_sentences
from dualview.dataset_builder.checks.task_talk import find_task_talk
from dualview.dataset_builder.checks.written import CheckResult, Written

MAX_SENTENCES = 2
MAX_WORDS = 80
MAX_CHARACTERS = 800
MIN_LETTERS = 4
TRIVIAL_REWORDING = "trivial_rewording"


def find_emptiness(written: Written) -> str | None:
    """Nothing, or nothing to read."""
    return None if any(map(str.isalnum, written.text)) else "there is no word in it"


def find_unwritable(written: Written) -> str | None:
    """Characters that no text file should hold."""
    if written.text.isascii() and written.text.isprintable():
        return None
    for character in written.text:
        if unicodedata.category(character) == "Cs" or (character < " " and character not in "\t\n\r"):
            return f"holds the character U+{ord(character):04X}"
    return None


def find_shortness(written: Written) -> str | None:
    """Too few words to distinguish passages."""
    if len(written.text.split()) > 1:
        return None
    letters = sum(map(str.isalnum, written.text))
    east_asian = re.search("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", written.text)
    if letters < (MIN_LETTERS if east_asian else 12):
        return f"has {letters} letters"
    return None


def find_length(written: Written) -> str | None:
    """More text than people write, and than an encoder should spend on it."""
    words = len(written.text.split())
    if words > MAX_WORDS:
        return f"has {words} words; at most {MAX_WORDS}"
    if len(written.text) > MAX_CHARACTERS:
        return f"has {len(written.text)} characters; at most {MAX_CHARACTERS}"
    return None


def find_many_sentences(written: Written) -> str | None:
    """More than two sentences."""
    sentences = count_sentences(written.text)
    return f"has {sentences} sentences; at most {MAX_SENTENCES}" if sentences > MAX_SENTENCES else None


def find_copy(written: Written) -> str | None:
    """Five consecutive words of a passage."""
    run = find_copied_run(written.text, [passage.text for passage in written.passages], written.query)
    return f"a passage says '{run}'" if run else None


def find_trivial_rewording(written: Written) -> str | None:
    """The original instruction once more."""
    if written.original is not None and means_the_same(written.text, written.original):
        return "says what the original instruction says"
    return None


def find_other_language(written: Written) -> str | None:
    """Another language than the query's or, if that is too short, than the original instruction's."""
    for reference in (written.query, written.original or ""):
        if found := differ_in_language(written.text, reference):
            return found
    return None


#: The reason in ``rejected`` -> the rule, in the order in which they are asked.
RULES: Mapping[str, Callable[[Written], str | None]] = {
    "empty": find_emptiness,
    "unwritable_character": find_unwritable,
    "too_short": find_shortness,
    "too_long": find_length,
    "too_many_sentences": find_many_sentences,
    "talks_of_the_task": find_task_talk,
    "copies_passage": find_copy,
    "other_language": find_other_language,
    TRIVIAL_REWORDING: find_trivial_rewording,
}


def check_instruction(written: Written) -> CheckResult:
    """Check an instruction by all rules; the first that it breaks is the reason."""
    for reason, rule in RULES.items():
        if (detail := rule(written)) is not None:
            return CheckResult(False, reason, detail)
    return CheckResult(True)
