"""Replies of language models: from a server's response to the fields of an answer."""
