"""Turns retrieval data into a dual-view dataset: instructions under which the relevance labels swap."""
