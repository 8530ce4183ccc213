"""Evaluation of retrievers that follow instructions, with intervals."""
