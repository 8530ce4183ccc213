"""llama.cpp's own server, from the package xllamacpp: ``python -m … MODEL.gguf PORT``."""

from __future__ import annotations

import argparse
import sys
import threading


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("port", type=int)
    parser.add_argument("--context", type=int, default=32768, help="tokens of all slots together")
    parser.add_argument("--slots", type=int, default=2, help="requests answered at once")
    # On a busy machine, threads that wait for each other take very long.
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = args.model
    params.port = args.port
    params.n_ctx = args.context
    params.n_parallel = args.slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = args.threads
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
