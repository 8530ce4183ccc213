"""Encoders that find their model, load it on first use and cache its vectors."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from flip.engine.device import Side, encode_texts, lender, load, passages_key
from flip.engine.locations import resolve_model
from flip.engine.memory import Memory
from flip.engine.missing import is_on_this_machine, why_missing
from flip.engine.names import display_name, known_name
from flip.engine.roles import BASE_ROLE, TRAINED_ROLE
from flip.engine.template import fill, stored_template
from flip.engine.turns import Turns
from flip.exported.model import ExportedModel, ExportedPair
from flip.types import FlipError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

#: Called with the number of encoded texts and their total.
Progress = Callable[[int, int], None]

#: Seconds until a model that did not load is tried again.
RETRY_SECONDS = 60.0
#: The variable of a Space that names the model of each role.
SETTINGS = {BASE_ROLE: "DUALVIEW_BASE", TRAINED_ROLE: "DUALVIEW_MODEL"}
#: Texts encoded in one turn, before another thread may use the model: few, so that nobody waits long. On a
#: CPU larger batches are no faster; a GPU that is lent anew for each turn gets all that a visitor may send.
TURN = 8 if lender() is None else 200


class Encoder:
    """A SentenceTransformer that loads on first use and encodes no text twice.

    Thread-safe: cached vectors are returned at once; threads that need the model take turns, each of
    ``TURN`` texts.
    """

    def __init__(
        self,
        reference: str,
        role: str = "Model",
        linked_as: str | None = None,
        memory: Memory | None = None,
        exported: ExportedPair | None = None,
    ) -> None:
        """Resolve the model's location; nothing is loaded yet.

        :param role: its name on the page, such as "Base model".
        :param linked_as: its name in links; by default the short name, which reveals no folder.
        :param memory: shared with other models, so that models with the same passage encoder share vectors.
        :param exported: encoders that stand for the model if they have its location.
        :raises FlipError: as ``resolve_model``.
        """
        self.reference = reference
        self._location = resolve_model(reference)
        self.name = known_name(reference, self._location)
        self.role = role
        self.linked_as = linked_as or display_name(reference)
        #: What went wrong last, and until when nobody tries again.
        self._failure: tuple[FlipError, float] | None = None
        self._template: str | None = None
        self._memory = memory if memory is not None else Memory()
        self._turn = Turns()
        self._exported = exported
        # A reference that keeps the model loaded.
        self._model: SentenceTransformer | ExportedModel | None = None
        self._passages = ""

    def encode(self, texts: Sequence[str], side: Side, progress: Progress | None = None) -> np.ndarray:
        """Return unit vectors, shape ``(len(texts), dim)``.

        :raises FlipError: if the model cannot be loaded or returns values that are not finite.
        """
        encoder = self._encoder_key(side)
        keys = [hashlib.sha256(f"{encoder}\0{text}".encode()).digest() for text in texts]
        known = self._memory.recall(keys)
        # Texts of similar length in one turn need little padding.
        waiting = sorted(
            {key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items(),
            key=lambda item: len(item[1]),
        )
        for start in range(0, len(waiting), TURN):
            if progress is not None:
                progress(start, len(waiting))
            known |= self._take_turn(dict(waiting[start : start + TURN]), side)
        return np.stack([known[key] for key in keys])

    def cuts(self, texts: Sequence[str]) -> tuple[int, list[int | None]]:
        """Find where the model stops reading long texts.

        :return: the number of tokens that it reads, and for each text the number of characters that these
            are, None if it reads the whole text.
        :raises FlipError: if the model cannot be loaded.
        """
        with self._plain_errors():
            model = self._load()
            limit = int(model.max_seq_length or 0)
            if not limit:
                return 0, [None] * len(texts)
            if isinstance(model, ExportedModel):
                return limit, model.ends(texts)
            read = model.tokenizer(list(texts), truncation=True, max_length=limit).encodings
        return limit, [
            max((end for _, end in one.offsets), default=0) if one.overflowing else None for one in read
        ]

    @property
    def is_loaded(self) -> bool:
        """True if the model is in memory."""
        return self._model is not None

    def join(self, query: str, instruction: str) -> str:
        """Return query and instruction as one text, in the template of the model's training."""
        if self._template is None:
            self._template = stored_template(self._location)
        return fill(self._template, query, instruction)

    def _encoder_key(self, side: Side) -> str:
        """Return the cache key of one side's encoder; models with equal passage encoders share theirs."""
        if side == "query":
            return f"query of {self._location}"
        if not self._passages:
            with self._plain_errors():
                model = self._load()
                known = model.passages_key if isinstance(model, ExportedModel) else passages_key(model)
                self._passages = f"passage of {known}"
        return self._passages

    def _take_turn(self, texts: dict[bytes, str], side: Side) -> dict[bytes, np.ndarray]:
        with self._turn:
            # Another thread may have encoded the same texts in the meantime.
            known = self._memory.recall(texts)
            new = {key: text for key, text in texts.items() if key not in known}
            if new:
                known.update(zip(new, self._compute(list(new.values()), side), strict=True))
        self._memory.keep(known)
        return known

    def _compute(self, texts: list[str], side: Side) -> np.ndarray:
        with self._plain_errors():
            model = self._load()
            if isinstance(model, ExportedModel):
                vectors = model.encode(texts, side)
            else:
                vectors = encode_texts(self._location, texts, side)
        if not np.isfinite(vectors).all():
            raise FlipError(f"the model {self.name} returned values that are not finite; use another model")
        return vectors

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn errors of the model into a FlipError that does not reveal its folder.

        After an error nobody waits for the Hub again for a while.
        """
        if self._failure is not None and time.monotonic() < self._failure[1]:
            raise self._failure[0]
        try:
            yield
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError) as error:
            found = self._unusable()
            self._failure = found, time.monotonic() + RETRY_SECONDS
            logger.warning("%s (%s)", found, type(error).__name__)
            raise found from error

    def _load(self) -> SentenceTransformer | ExportedModel:
        if self._model is None and self._exported is not None:
            self._model = self._exported.get(self._location)
        if self._model is None:
            if not is_on_this_machine(self._location) and (why := self._missing()):
                # Asked first, as the libraries try for half a minute and fill the log.
                raise OSError(why)
            self._model = load(self._location)
        return self._model

    def _missing(self) -> str:
        return why_missing(self._location, SETTINGS.get(self.role, "the name"))

    def _unusable(self) -> FlipError:
        why = "" if is_on_this_machine(self._location) else self._missing()
        return FlipError(
            why
            or f"Could not run the model {self.name}: check that it is a SentenceTransformer you may read."
        )
