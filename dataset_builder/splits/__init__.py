"""Splits a dataset by query, so that no query and no passage crosses a split."""
