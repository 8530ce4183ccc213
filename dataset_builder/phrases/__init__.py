"""Finds phrases in passages, and proves that a passage mentions one in no form."""
