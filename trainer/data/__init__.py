"""Training rows: loading from a published dataset, weights and mixtures."""
