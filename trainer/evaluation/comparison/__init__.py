"""Compares models: figures, intervals and paired tests."""
