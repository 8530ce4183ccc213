"""Writes instructions: replay, facets, contrasts and endpoint behind one protocol."""
