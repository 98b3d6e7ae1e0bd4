"""Whom an https address is believed: the usual authorities, or those that SSL_CERT_FILE names."""

import ssl
from functools import cache

import httpx2


@cache
def trusted() -> ssl.SSLContext:
    """Read once: the list of certificates is long."""
    return httpx2.create_ssl_context()


def is_distrust(error: BaseException | None) -> bool:
    """Whether an address was not believed, somewhere behind an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
