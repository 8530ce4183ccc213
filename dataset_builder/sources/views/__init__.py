"""Reads written views: sets of texts that come with them, and views of the items of another source."""
