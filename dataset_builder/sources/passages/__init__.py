"""Makes items of passages that came without queries, from folders, tables and data frames."""
