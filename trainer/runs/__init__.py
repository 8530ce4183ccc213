"""Training runs: assembly, log, folder, card and publishing."""
