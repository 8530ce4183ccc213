"""Models, their vectors, and the rankings and figures made of them."""
