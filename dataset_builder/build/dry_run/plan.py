"""Writers and judge of a build as ``--dry-run`` needs them: their prompts, and asking about a few items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dualview.cards.terminal import write_line
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings
from dualview.dataset_builder.llm.messages import Message
from dualview.dataset_builder.schema import Item, Outcome, ViewPair, Writer
from dualview.dataset_builder.writers.endpoint import EndpointSettings
from dualview.dataset_builder.writers.endpoint.both_views import BothViews
from dualview.dataset_builder.writers.endpoint.endpoint_writer import KIND, ask_about, can_write
from dualview.dataset_builder.writers.endpoint.writing_questions import Reversal
from dualview.dataset_builder.writers.writer_protocol import PairWriter, WriterSettings


class PlannedWriters:
    """Finds the writer that takes an item, and its questions; ``endpoint`` sends no request here.

    :ivar endpoint: settings of the writer that would ask a language model, if there is one.
    """

    def __init__(self, writers: Sequence[WriterSettings]) -> None:
        self.endpoint: EndpointSettings | None = None
        self._takers: list[tuple[Callable[[Item], bool], PairWriter | None]] = []
        for settings in writers:
            if isinstance(settings, EndpointSettings):
                self.endpoint = settings
                self._takers.append((can_write, None))
                continue
            writer = settings.make()
            assert not hasattr(writer, "write_async")
            self._takers.append((writer.accepts, writer))

    def take(self, item: Item) -> bool:
        """Tell whether any writer takes an item."""
        return any(accepts(item) for accepts, _ in self._takers)

    def take_by_asking(self, item: Item) -> bool:
        """Tell whether ``endpoint`` takes an item."""
        return self.take(item) and self._writer(item) is None

    def prompts(self, item: Item) -> list[tuple[Message, ...]]:
        """The prompts of ``endpoint`` for an item that it takes."""
        prompts = [question.prompt.messages for question in self._questions(item)]
        if item.paraphrase is not None or not self._endpoint.writing.paraphrase:
            return prompts
        # A paraphrase is asked for once an item, in a prompt of about this length.
        return [*prompts, prompts[0]]

    def pairs(self, item: Item) -> list[ViewPair]:
        """The pairs of an item, which a judge reads; those that ``endpoint`` would write have no text yet."""
        writer = self._writer(item)
        if writer is None:
            return [question.draft for question in self._questions(item)]
        return _pairs(writer.write(item))

    @property
    def _endpoint(self) -> EndpointSettings:
        assert self.endpoint is not None
        return self.endpoint

    def _questions(self, item: Item) -> list[Reversal | BothViews]:
        return ask_about(item, self._endpoint.writing, Writer(KIND))

    def _writer(self, item: Item) -> PairWriter | None:
        return next(writer for accepts, writer in self._takers if accepts(item))


def ask_about_some(
    items: Sequence[Item], writers: PlannedWriters, judging: LanguageModelSettings | None
) -> None:
    """Have a few items written after all, and their pairs judged; the ledger keeps the replies.

    :raises InputError: if a server cannot be used.
    """

    async def ask(item: Item) -> None:
        if writer is not None and writers.take_by_asking(item):
            pairs = _pairs(await writer.write_async(item))
        else:
            pairs = writers.pairs(item)
        if judge is not None:
            await judge.judge_async(pairs)

    with Waiting() as waiting:
        writer = None if writers.endpoint is None else writers.endpoint.make()
        if writer is not None:
            waiting.close_at_end(writer.close)
        judge = None if judging is None else judging.make()
        if judge is not None:
            waiting.close_at_end(judge.close)
        write_line(f"Asking about {len(items)} items; their replies are kept.")
        for _ in waiting.in_order(items, ask, len(items)):
            pass


def _pairs(outcomes: Iterable[Outcome]) -> list[ViewPair]:
    return [outcome for outcome in outcomes if isinstance(outcome, ViewPair)]
