"""Benchmarks: candidate sets, local folders in one layout, and mteb's tasks."""
