"""Reads and writes repositories on the Hugging Face Hub."""
