"""``--dry-run``: what a build that asks language models will ask, cost and take."""
