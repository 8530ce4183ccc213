"""Asks language models: client, pacing, budget and the ledger of every request and reply."""
