"""Encrypted connections that cannot be made end at once; nothing is tried for the whole patience."""

import asyncio
import shutil
import ssl
import subprocess
import time

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.connection import find_server
from dualview.dataset_builder.llm.servers.probe import find_dialect, find_model


async def refused_by(url):
    found = []
    started = time.monotonic()
    for find in (find_model(find_server(url, None, 5)), find_dialect(find_server(url, None, 5), "m")):
        with pytest.raises(InputError) as error:
            await find
        found.append(str(error.value))
    assert time.monotonic() - started < 5
    return found


def test_a_server_without_encryption_is_told_from_one_that_is_away():
    async def answer(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async def run():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            return await refused_by(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")

    listed, used = asyncio.run(run())
    assert "does the server speak http:// rather than https://?" in listed
    assert "cannot be used: no encrypted connection can be made" in used


def test_a_certificate_that_nobody_trusts_is_one_line(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not installed")
    names = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem"))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    subprocess.run(
        ["openssl", "req", "-x509", *curve, "-nodes", *names, "-subj", "/CN=here", "-days", "1"],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    async def run():
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0, ssl=context)
        async with server:
            return await refused_by(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")

    for words in asyncio.run(run()):
        assert "its certificate is not trusted: self-signed certificate" in words
        assert "SSL_CERT_FILE" in words
