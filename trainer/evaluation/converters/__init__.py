"""From the files that others publish to the layout of local benchmarks."""
