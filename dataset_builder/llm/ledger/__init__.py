"""The ledger: a journal of every request to a language model and its reply."""

from dualview.dataset_builder.llm.ledger.journal import Ledger, Spent
from dualview.dataset_builder.llm.ledger.reading import SUFFIX, ledger_path, read_fact, read_ledger

__all__ = ["SUFFIX", "Ledger", "Spent", "ledger_path", "read_fact", "read_ledger"]
