"""The loss over all views of a candidate set, and its forms."""
