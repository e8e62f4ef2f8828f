"""Loads the certificates of authorities by which connections are checked."""

from __future__ import annotations

import ssl

from importer.core.errors import ConfigError


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
                "the certificates of the authorities cannot be loaded (%(text)s)",
                text=error,
                hint="Set SSL_CERT_FILE to a file of certificates (PEM), or unset it.",
            ) from error
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
