"""Say how well a retriever obeys instructions, with intervals."""
