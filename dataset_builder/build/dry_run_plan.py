"""The writers and the judge of a build as ``--dry-run`` needs them: what they would ask, and asking some."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from dualview.dataset_builder import judges
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL
from dualview.dataset_builder.judges.language_model import LanguageModelJudge
from dualview.dataset_builder.llm.messages import Message
from dualview.dataset_builder.schema import Item, ViewPair, Writer
from dualview.dataset_builder.writers.endpoint import make_writer
from dualview.dataset_builder.writers.endpoint.endpoint_writer import (
    KIND,
    WritingSettings,
    ask_about,
    can_write,
)
from dualview.dataset_builder.writers.endpoint.writing_questions import BothViews, Reversal
from dualview.dataset_builder.writers.writer_protocol import PairWriter, make_writers


class PlannedWriters:
    """Says which writer takes an item, and what there is to ask about it; ``endpoint`` asks nothing here."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._settings = WritingSettings.from_arguments(args)
        self._takers: list[tuple[Callable[[Item], bool], PairWriter | None]] = []
        for kind in dict.fromkeys(args.writer):
            writer = None if kind == KIND else make_writers([kind], args)[0]
            assert not hasattr(writer, "write_async")
            self._takers.append((can_write, None) if writer is None else (writer.accepts, writer))

    def take(self, item: Item) -> bool:
        """Whether any writer takes an item."""
        return any(accepts(item) for accepts, _ in self._takers)

    def take_by_asking(self, item: Item) -> bool:
        """Whether it is ``endpoint`` that takes an item."""
        return self.take(item) and self._writer(item) is None

    def prompts(self, item: Item) -> list[tuple[Message, ...]]:
        """What ``endpoint`` is to ask about an item that it takes."""
        prompts = [question.prompt.messages for question in self._questions(item)]
        has_one = item.paraphrase is not None
        # A paraphrase is asked for once an item, in a prompt of about this length.
        return prompts if has_one or not self._settings.paraphrase else [*prompts, prompts[0]]

    def pairs(self, item: Item) -> list[ViewPair]:
        """The pairs of an item, which a judge reads; what ``endpoint`` is still to write has no text yet."""
        writer = self._writer(item)
        if writer is None:
            return [question.draft for question in self._questions(item)]
        return [outcome for outcome in writer.write(item) if isinstance(outcome, ViewPair)]

    def _questions(self, item: Item) -> list[Reversal | BothViews]:
        return ask_about(item, self._settings, Writer(KIND))

    def _writer(self, item: Item) -> PairWriter | None:
        return next(writer for accepts, writer in self._takers if accepts(item))


def ask_about_some(items: Sequence[Item], writers: PlannedWriters, args: argparse.Namespace) -> None:
    """Have a few items written after all, and what came of them judged; the ledger keeps the replies.

    :raises InputError: if the server or the judge's cannot be used.
    """

    async def ask(item: Item) -> None:
        if writers.take_by_asking(item):
            assert writer is not None
            pairs = [outcome for outcome in await writer.write_async(item) if isinstance(outcome, ViewPair)]
        else:
            pairs = writers.pairs(item)
        if isinstance(judge, LanguageModelJudge):
            await judge.judge_async(pairs)

    with Waiting() as waiting:
        writer = make_writer(args) if KIND in args.writer else None
        if writer is not None:
            waiting.close_at_end(writer.close)
        judge = judges.make_judge(args) if args.judge == LANGUAGE_MODEL else None
        if isinstance(judge, LanguageModelJudge):
            waiting.close_at_end(judge.close)
        sys.stderr.write(f"Asking about {len(items)} items; their replies are kept.\n")
        for _ in waiting.in_order(items, ask, len(items)):
            pass
