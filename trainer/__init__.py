"""Train and evaluate retrievers that follow instructions, on a published dual-view dataset."""
