"""Runs a build: source, writer, rules, judge, rows, card."""
