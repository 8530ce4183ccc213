"""Rules that a written instruction must meet, and what they come to for a view pair."""
