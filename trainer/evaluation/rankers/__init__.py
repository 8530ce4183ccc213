"""Rankers: encoders, BM25, cross-encoders, and saved runs of any system."""
