"""A reverse proxy that serves a page under a path prefix, as a company's front server does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

#: Headers that say how one connection works, not what is sent.
_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


@dataclass
class Proxy:
    """A running proxy.

    :param strays: paths that were asked for outside the prefix, without the icon that every browser asks for.
    """

    url: str
    strays: list[str] = field(default_factory=list)


@contextmanager
def proxied(target: str, prefix: str) -> Iterator[Proxy]:
    """Serve a page under ``prefix``, which its own requests do not see."""
    host = urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                if self.path != "/favicon.ico":
                    proxy.strays.append(self.path)
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            connection = HTTPConnection(host, timeout=120)
            connection.request(self.command, self.path.removeprefix(prefix), body, dict(self.headers))
            reply = connection.getresponse()
            self.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in _OF_A_CONNECTION:
                    self.send_header(name, value)
            self.end_headers()
            # Events come one by one and are passed on so; whoever has left the page reads no more of them.
            with suppress(BrokenPipeError, ConnectionResetError):
                while part := reply.read1(65536):
                    self.wfile.write(part)
                    self.wfile.flush()
            connection.close()

        do_GET = do_POST = do_HEAD = forward  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(f"http://127.0.0.1:{server.server_port}{prefix}/")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
