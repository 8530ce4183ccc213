"""llama.cpp's own server, from the package xllamacpp: ``python -m … MODEL.gguf PORT``."""

from __future__ import annotations

import sys
import threading


def main(model: str, port: str) -> None:
    """Serve until the process is ended."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.port = int(port)
    params.n_ctx = 32768
    params.n_parallel = 2
    # On a busy machine, threads that wait for each other take very long.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
