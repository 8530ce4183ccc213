"""Benchmarks in folders of files: their layout, views and figures."""
