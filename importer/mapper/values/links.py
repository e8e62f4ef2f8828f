"""Reads web addresses and UUIDs."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from urllib.parse import urlsplit

import idna

from importer.mapper.values.text import BadValue, one_line

__all__ = ["read_url", "read_uuid"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]+)")
_NUMBERS_ONLY = re.compile(r"[0-9.]+")
_UUID = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?"
)
_HINT_URL = "Write it as https://example.com/page."


def read_url(text: str) -> str:
    """
    Return an address of the web (RFC 3986) with its scheme; scheme and host in lower case.

    Where the scheme is missing it is `https`. Only http and https are taken, and no address
    that carries a user's name, which is how one site is made to look like another. Names in
    other scripts are written as DNS has them (RFC 5891). Raises `BadValue`.
    """
    written = one_line(text).strip("<>\"'")
    if " " in written or "\\" in written:
        raise BadValue("is no web address", _HINT_URL)
    scheme = _SCHEME.match(written)
    if scheme is None:
        written = f"https://{written.removeprefix('//')}"
    elif scheme[1].lower() not in {"http", "https"} or not written[scheme.end() :].startswith("//"):
        raise BadValue("is no address that begins http:// or https://", _HINT_URL)
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise BadValue("is no web address", _HINT_URL) from None
    if "@" in parts.netloc:
        raise BadValue("holds a user's name, or is an email address", _HINT_URL)
    host = _host(parts.hostname or "")
    netloc = host if port is None else f"{host}:{port}"
    return parts._replace(scheme=parts.scheme.lower(), netloc=netloc).geturl()


def _host(name: str) -> str:
    name = name.rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            raise BadValue("has a host that cannot exist", _HINT_URL) from None
    if not (_HOST.fullmatch(name) or _is_ipv4(name)):
        raise BadValue("has no host such as example.com", _HINT_URL)
    return name


def _is_ipv4(name: str) -> bool:
    try:
        return bool(_NUMBERS_ONLY.fullmatch(name) and IPv4Address(name))
    except ValueError:
        return False


def read_uuid(text: str) -> str:
    """Return a UUID as RFC 9562 writes it: lower case, with hyphens. Raises `BadValue`."""
    match = _UUID.fullmatch(one_line(text).lower())
    if match is None:
        raise BadValue("is not a UUID, as 123e4567-e89b-12d3-a456-426614174000")
    return "-".join(match.groups())
