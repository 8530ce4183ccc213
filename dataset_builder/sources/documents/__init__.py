"""Reads the files that people keep text in, and cuts them into passages."""
