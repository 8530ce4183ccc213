"""A training step on a GPU, beside MultipleNegativesRankingLoss: see benchmarks/README.md."""
