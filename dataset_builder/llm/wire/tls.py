"""Encrypted connections that cannot be made, told from those that only fail for a moment."""

from __future__ import annotations

import ssl

import aiohttp
import httpx2

# The other side has ended the connection: the next try may succeed.
_PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class TlsError(httpx2.ConnectError):
    """No connection that is encrypted and trusted can be made, however often it is tried."""


def explain_tls(error: aiohttp.ClientConnectorError, request: httpx2.Request) -> TlsError | None:
    """Explain an error of TLS that the next try would meet again; None for any other."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause: BaseException = error.certificate_error
    else:
        cause = error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        words = cause.verify_message or str(cause)
        return TlsError(
            f"its certificate is not trusted: {words}; check the address, or name a file with the "
            "certificates to trust in SSL_CERT_FILE",
            request=request,
        )
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, _PASSING):
        words = (cause.reason or str(cause)).replace("_", " ").lower()
        return TlsError(
            f"no encrypted connection can be made: {words}; does the server speak http:// rather than https://?",
            request=request,
        )
    return None
