"""The writer ``facets``: instructions from attributes, without a model.

Two passages that answer the same query and differ in an attribute give both instructions: one asks for the
first value, its reversal for the second. Their words come from a table of wordings (``attributes.yaml``, or a
table of the user) and a table of sentences (``frames.yaml``), drawn by a hash of the passages' ids.
"""

from __future__ import annotations

from dualview.dataset_builder.writers.facets.facets_settings import FacetsSettings, add_arguments
from dualview.dataset_builder.writers.facets.facets_writer import FacetsWriter

__all__ = ["FacetsSettings", "FacetsWriter", "add_arguments"]
