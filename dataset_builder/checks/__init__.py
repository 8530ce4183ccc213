"""Rules that a written instruction must meet, applied to view pairs."""
