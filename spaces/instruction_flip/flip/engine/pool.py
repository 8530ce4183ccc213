"""Models of a server: the base, the trained one, and second models chosen by visitors."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence

from flip.engine.device import lender
from flip.engine.locations import resolve_model
from flip.engine.memory import Memory
from flip.engine.models import Encoder
from flip.engine.names import display_name
from flip.engine.roles import BASE_ROLE, SECOND_ROLE, TRAINED_ROLE
from flip.exported.model import ExportedPair
from flip.types import FlipError

logger = logging.getLogger(__name__)

#: Second models kept in memory; the least recently used one is dropped first.
KEPT_MODELS = 2
MAX_REFERENCE_CHARS = 300
#: Second models of a public Space: small, well-known SentenceTransformers.
SMALL_MODELS = (
    "sentence-transformers/all-MiniLM-L6-v2",
    "sentence-transformers/all-MiniLM-L12-v2",
    "sentence-transformers/all-mpnet-base-v2",
    "sentence-transformers/multi-qa-MiniLM-L6-cos-v1",
    "thenlper/gte-small",
)


class SecondEncoder(Encoder):
    """A model that a visitor named.

    Whatever is wrong with it, the message is the same, so that no visitor can find out which folders and
    packages the machine has; the log says more.
    """

    def _unusable(self) -> FlipError:
        return unusable(self.linked_as)


def unusable(name: str) -> FlipError:
    """Return the error for a second model that is missing or does not load."""
    return FlipError(
        f"no model folder or Hub model {name!r} can be used here. Check the name, and that it is a "
        "SentenceTransformer."
    )


class ModelPool:
    """Models of one server, each loaded on first use."""

    def __init__(self, base: str, trained: str, allowed: Sequence[str] | None) -> None:
        """Resolve the base and the trained model.

        :param allowed: second models that visitors may choose, by their short names; None for any folder or
            Hub id.
        :raises FlipError: if the base or the trained model is missing.
        """
        self._memory = Memory()
        # On a GPU that is lent, models run in another process, which loads them itself.
        exported = ExportedPair(resolve_model(base), resolve_model(trained)) if lender() is None else None
        self.base = Encoder(base, BASE_ROLE, memory=self._memory, exported=exported)
        self.trained = Encoder(trained, TRAINED_ROLE, memory=self._memory, exported=exported)
        #: Reference of each second model by its name on the page.
        self._allowed = None if allowed is None else {display_name(one): one for one in allowed}
        self._named: OrderedDict[str, Encoder] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Second models to offer; the complete list if only listed models are allowed."""
        return SMALL_MODELS if self._allowed is None else tuple(self._allowed)

    @property
    def takes_any(self) -> bool:
        """True if a second model does not have to be on the list."""
        return self._allowed is None

    def knows(self, reference: str) -> bool:
        """Return True if a model is offered or already in use, so that a link alone may load it."""
        return self._is_trained(reference) or reference in self.suggestions or reference in self._named

    def second(self, reference: str | None) -> Encoder:
        """Return the encoder to compare with the base: the trained one by default.

        :raises FlipError: if it is missing, or not on the list where only listed models are allowed.
        """
        name = (reference or "").strip()
        if not name or self._is_trained(name):
            return self.trained
        if len(name) > MAX_REFERENCE_CHARS:
            raise FlipError(
                f"The model name has {len(name):,} characters; the limit is {MAX_REFERENCE_CHARS}."
            )
        if self._allowed is not None and name not in self._allowed:
            raise FlipError(
                f"This page does not run {name!r}. Choose one of {', '.join(self._allowed)}; "
                "to use any other model, run the app yourself."
            )
        location = name if self._allowed is None else self._allowed[name]
        with self._lock:
            encoder = self._named.get(name)
            if encoder is None:
                try:
                    encoder = SecondEncoder(location, SECOND_ROLE, linked_as=name, memory=self._memory)
                except FlipError as error:
                    logger.warning("second model refused: %s", error)
                    raise unusable(name) from error
                self._named[name] = encoder
            self._named.move_to_end(name)
            while len(self._named) > KEPT_MODELS:
                self._named.popitem(last=False)
        return encoder

    def _is_trained(self, name: str) -> bool:
        # Where only listed models run, a guess of the folder's path is not confirmed.
        known = (self.trained.name, self.trained.linked_as)
        return name in known or (self.takes_any and name == self.trained.reference)

    @property
    def is_ready(self) -> bool:
        """True if the base and the trained model are in memory."""
        return self.base.is_loaded and self.trained.is_loaded

    def named(self, model: str) -> Encoder:
        """Return the encoder for an API call: ``base``, ``trained`` or a second model.

        :raises FlipError: as ``second``.
        """
        return {"base": self.base, "trained": self.trained}.get(model) or self.second(model)
