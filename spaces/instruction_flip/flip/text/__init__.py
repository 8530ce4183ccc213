"""Text input: examples, pasted text, uploaded files, and the opposite of an instruction."""
