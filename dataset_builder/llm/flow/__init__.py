"""The flow of requests: how many are in flight, on which server, and how long each may take."""
