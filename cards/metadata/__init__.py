"""Metadata of cards: the YAML between the ``---`` lines, which the Hub and ``load_dataset`` read."""
