"""Forms of a trained model that other programs load."""
