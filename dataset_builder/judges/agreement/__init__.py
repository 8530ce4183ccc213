"""Agreement of a judge with known labels: how far it can be trusted, and from which answers on."""
