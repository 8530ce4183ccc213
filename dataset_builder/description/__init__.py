"""Describes what a source has: ``dualview build --describe``."""
