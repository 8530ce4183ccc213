"""Queries with phrases in a wording, without any passage: the config ``compositions``."""
