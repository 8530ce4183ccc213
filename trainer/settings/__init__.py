"""Settings of a training run: fields, checks, recipes and flags."""
