"""Writes a dataset's folder: rows, Parquet shards, upload."""
