"""Loads the certificates of authorities by which connections are checked."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import cache

from importer.errors import ConfigError

__all__ = ["shared_ssl_context", "ssl_context_when_needed"]


def shared_ssl_context(base_url: str) -> ssl.SSLContext:
    """
    Return the TLS context that all clients share, since loading certificates takes 10 ms.

    For an address without TLS none are loaded, and no certificate would be accepted. Raises
    `ConfigError` if SSL_CERT_FILE or SSL_CERT_DIR name anything but certificates.
    """
    if base_url.lower().startswith("https:"):
        import httpx

        try:
            return httpx.create_ssl_context()
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(
                f"the certificates of the authorities cannot be loaded ({error})",
                hint="Set SSL_CERT_FILE to a file of certificates (PEM), or unset it.",
            ) from error
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def ssl_context_when_needed(base_url: str) -> Callable[[], ssl.SSLContext]:
    """
    Return a function that returns `shared_ssl_context`, and loads it the first time.

    A run with nothing to send needs none. Only certificates that somebody has named are loaded at
    once: raises `ConfigError` as that does.
    """
    context = cache(lambda: shared_ssl_context(base_url))
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        context()
    return context
