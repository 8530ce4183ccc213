"""Tasks of mteb, replayed from rankings that are already made."""
