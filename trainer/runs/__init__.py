"""One training run: put together, watched, kept and published."""
