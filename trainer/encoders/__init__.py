"""Encoders: loading, freezing, adapters, and encoding in training."""
