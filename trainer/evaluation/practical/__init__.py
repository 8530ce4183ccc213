"""The practical sets as a benchmark: what people ask for at work and in daily life."""
