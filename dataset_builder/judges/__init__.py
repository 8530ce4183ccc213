"""Judges say whether the labels of a view pair really swap."""
