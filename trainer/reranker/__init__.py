"""Training of a reranker: a CrossEncoder that reads an instructed query and a passage together."""
