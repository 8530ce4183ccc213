"""Composition: what a query excludes, found by a rule and subtracted from its vector."""
