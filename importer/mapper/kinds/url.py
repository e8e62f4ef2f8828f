"""Reads web addresses: RFC 3986, only http and https."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from urllib.parse import urlsplit

from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind
from importer.mapper.values.texts import BadValue, one_line

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]+)")
_NUMBERS_ONLY = re.compile(r"[0-9.]+")
_HINT_URL = "Write it as https://example.com/page."


def read_url(text: str) -> str:
    """
    Return a web address (RFC 3986) with its scheme; scheme and host are in lower case.

    A missing scheme becomes `https`; other schemes than http and https are refused. So is an
    address with a user name, which can make one site look like another. Host names in other scripts
    get their DNS form (RFC 5891). Raises `BadValue`.
    """
    written = one_line(text).strip("<>\"'")
    if " " in written or "\\" in written:
        raise BadValue("is not a web address", _HINT_URL)
    scheme = _SCHEME.match(written)
    if scheme is None:
        written = f"https://{written.removeprefix('//')}"
    elif scheme[1].lower() not in {"http", "https"} or not written[scheme.end() :].startswith("//"):
        raise BadValue("is not an address that begins http:// or https://", _HINT_URL)
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise BadValue("is not a web address", _HINT_URL) from None
    if "@" in parts.netloc:
        raise BadValue("holds a user's name, or is an email address", _HINT_URL)
    host = _host(parts.hostname or "")
    netloc = host if port is None else f"{host}:{port}"
    return parts._replace(scheme=parts.scheme.lower(), netloc=netloc).geturl()


def _host(name: str) -> str:
    name = name.rstrip(".")
    if not name.isascii():
        import idna

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


URL = Kind(
    name="url",
    plural="URLs",
    build=lambda *_: from_text(read_url),
    split="first",
    strict=False,
    json_format="uri",
)
