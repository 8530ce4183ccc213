"""The paper's comparison at a small scale, with the controls that it lacks: see benchmarks/README.md."""
