"""Training rows: read from a published dataset, weighted and mixed."""
