"""Tables and examples of cards, as Markdown."""
