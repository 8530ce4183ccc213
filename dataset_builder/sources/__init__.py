"""Reads candidate sets, topics and queries from where people have them."""
