"""Encoders: loaded, frozen or adapted, and what they make of texts."""
