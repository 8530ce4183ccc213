"""Connections to model servers: HTTP transport, proxies, and redaction of keys."""
