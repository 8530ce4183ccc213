"""Training batches: candidate sets laid out for the loss, and the base model's vectors of their texts."""
