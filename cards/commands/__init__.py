"""Commands that publish models and Spaces and edit published cards."""
