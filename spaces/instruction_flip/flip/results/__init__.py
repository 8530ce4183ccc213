"""Results of comparisons: counts, the pair to open on, and the recording."""
