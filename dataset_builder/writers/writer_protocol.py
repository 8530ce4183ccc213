"""Protocols of the writers: they turn an item of a source into view pairs.

An item that a writer cannot write comes back as a :class:`~dualview.dataset_builder.schema.Rejection`, so
that a build counts and publishes it; a writer raises only errors that stop the whole build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeAlias, cast, runtime_checkable

from dualview.cards.errors import InputError
from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.schema import Item, Outcome, Writer


class PairWriter(Protocol):
    """Writes instructions at once, without waiting for an answer.

    The same item gives the same outcomes in the same order in every build: random choices come from the seed
    and the item's id, never from a generator that runs through the build.
    """

    kind: str

    def accepts(self, item: Item) -> bool:
        """Tell whether the writer can write for an item, such as a set without recorded reversals."""
        ...

    def write(self, item: Item) -> Iterator[Outcome]:
        """The view pairs of an item and what could not be written, in a fixed order."""
        ...

    def describe(self) -> Writer:
        """The writer as card and recipe name it."""
        ...


@runtime_checkable
class AsyncPairWriter(Protocol):
    """Writes instructions by asking elsewhere; several items wait for their answers at once.

    A writer that checks its pairs by the rules itself, to have them corrected, has ``checks_pairs = True``:
    they are not checked a second time.

    :ivar concurrency: number of items that may wait at once; outcomes are published in the source's order.
    """

    kind: str
    concurrency: int

    def accepts(self, item: Item) -> bool:
        """Tell whether the writer can write for an item."""
        ...

    async def write_async(self, item: Item) -> Sequence[Outcome]:
        """The view pairs of an item and what could not be written, in a fixed order."""
        ...

    async def close(self) -> None:
        """Give back connections; called once, also after an error or Ctrl-C."""
        ...

    def describe(self) -> Writer:
        """The writer as card and recipe name it."""
        ...


class WriterBeside(Protocol):
    """A writer with pairs for items that another one takes, such as written views beside attributes."""

    def write_beside(self, item: Item) -> Iterator[Outcome]:
        """The pairs of an item that are written whichever writer takes it, in a fixed order."""
        ...


class SplitWriter(Protocol):
    """A writer whose words depend on the split, so that held-out ones are new to a model."""

    def write_in_split(self, item: Item, split: str) -> Iterator[Outcome]:
        """The view pairs of an item of a split, in place of :meth:`PairWriter.write`."""
        ...


@runtime_checkable
class CorpusWriter(Protocol):
    """A writer that needs to know the whole corpus, which is read once before anything is written.

    :ivar corpus: what it works with.
    """

    corpus: Corpus

    def use_corpus(self, corpus: Corpus) -> None:
        """Take what was learned of the corpus."""
        ...


@runtime_checkable
class CountingWriter(Protocol):
    """A writer that counts for its recipe, also the pairs of others of its kind elsewhere."""

    def tally(self) -> Counter[str]:
        """The counts so far."""
        ...

    def add_tally(self, tally: Counter[str]) -> None:
        """Add the counts of another."""
        ...


AnyWriter: TypeAlias = PairWriter | AsyncPairWriter


class WriterSettings(Protocol):
    """All that one writer needs, as data that can be sent to another machine."""

    def make(self) -> AnyWriter:
        """Make the writer.

        :raises InputError: if it cannot be set up.
        """
        ...


def write_beside(item: Item, writers: Sequence[AnyWriter]) -> Iterator[Outcome]:
    """The pairs of an item that are written whichever writer takes it."""
    for writer in writers:
        # `isinstance` with a protocol would take longer than the writing.
        if hasattr(writer, "write_beside"):
            yield from cast(WriterBeside, writer).write_beside(item)


def choose_writer(item: Item, writers: Sequence[AnyWriter]) -> AnyWriter:
    """The first writer that accepts the item.

    :raises InputError: if none does.
    """
    for writer in writers:
        if writer.accepts(item):
            return writer
    given = ", ".join(writer.kind for writer in writers)
    raise InputError(
        f"{item.source}: none of the writers ({given}) takes {item.label}; "
        f"add --writer {item.suggested_writer}"
    )
