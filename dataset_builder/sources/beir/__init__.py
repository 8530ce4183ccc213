"""The source ``beir``: a folder in BEIR's layout."""
