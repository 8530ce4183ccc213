"""Parts that all commands share: the parser, its help, and running a command to its exit code."""
