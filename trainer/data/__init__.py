"""Training rows: read from a published dataset, mixed, and made into batches."""
