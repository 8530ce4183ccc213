"""The writer ``contrasts``: instructions about what one passage mentions and another does not.

It finds names, years, terms and titles of one passage that another passage of the same query mentions in no
form, or values on the two sides of a limit, and writes an instruction for each of the two. Their words come
from a table of wordings for each language (``wordings/``), drawn by a hash of the passages' ids.
"""

from __future__ import annotations

from dualview.dataset_builder.writers.contrasts.contrasts_settings import ContrastsSettings, add_arguments
from dualview.dataset_builder.writers.contrasts.contrasts_writer import ContrastsWriter

__all__ = ["ContrastsSettings", "ContrastsWriter", "add_arguments"]
