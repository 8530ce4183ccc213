"""Converters from published files to the layout of local benchmarks."""
