"""What ranks documents for a request: encoders, BM25, cross-encoders, and saved runs of any system."""
