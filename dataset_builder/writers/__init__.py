"""Writes instructions: replay, facets and endpoint behind one protocol."""
