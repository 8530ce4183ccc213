"""A training batch: candidate sets laid out for the loss, and what the base model makes of their texts."""
