"""Posts one message over HTTP, and says in words why that failed."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from importer._version import __version__
from importer.core.errors import ConfigError
from importer.core.shared import LOOPBACK
from importer.sender.vorel.client import proxy_for
from importer.sender.vorel.tls import shared_ssl_context


def post(url: str, body: bytes, content_type: str, *, seconds: float) -> str | None:
    """
    Post a message. Returns None if the answer was 2xx, and otherwise what went wrong.

    The text names the host alone: the path of an address is a secret. httpx's transport is used
    without its client, which would log the whole address, and would follow redirects.
    """
    host = urlsplit(url).hostname or ""
    try:
        status = _status(url, body, content_type, seconds)
    except httpx.TimeoutException:
        return f"{host} did not answer within {seconds:g} s"
    except ConfigError:
        return "the certificates of the authorities cannot be loaded (see SSL_CERT_FILE)"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return f"{host} cannot be reached ({type(error).__name__})"
    return None if 200 <= status < 300 else f"{host} answered {status}"


def _status(url: str, body: bytes, content_type: str, seconds: float) -> int:
    address = httpx.URL(url)
    trusts_environment = address.host not in LOOPBACK
    request = httpx.Request(
        "POST",
        address,
        headers={"Content-Type": content_type, "User-Agent": f"vorel-importer/{__version__}"},
        content=body,
        extensions={"timeout": httpx.Timeout(seconds).as_dict()},
    )
    with httpx.HTTPTransport(
        verify=shared_ssl_context(url),
        proxy=proxy_for(address) if trusts_environment else None,
        trust_env=trusts_environment,
    ) as transport:
        response = transport.handle_request(request)
        response.close()  # what it says does not matter, however long it is
        return response.status_code
