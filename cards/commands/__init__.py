"""Commands that publish models and Spaces and change published cards."""
