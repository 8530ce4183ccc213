"""What is found out about servers: their models, their dialects, their speed."""
