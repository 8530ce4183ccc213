"""Loss over all views of a candidate set, and its cached and Matryoshka forms."""
