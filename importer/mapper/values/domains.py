"""Reads the domains of email addresses, most of them without the email-validator library."""

from __future__ import annotations

import re
from functools import cache, lru_cache

__all__ = ["DOT_ATOM", "checked_address", "read_domain"]

# The dot-atom of RFC 5322: the library passes it unchanged, except for the names of RFC 2142.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM = rf"{_ATOM}(?:\.{_ATOM})*"
"""A pattern of most local parts, of any length."""
# The labels of RFC 1123, 2.1, without two hyphens in a row, which may encode another script. The
# library accepts such a domain, unless it is a special-use domain.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN_DOMAIN = re.compile(
    rf"(?!.*--)(?=.{{1,250}}\Z)(?:{_LABEL}\.)+(?![^.]*[0-9]\Z)(?![^.]\Z){_LABEL}"
)


@cache
def _special_use() -> tuple[str, ...]:
    """Return how special-use domains end. The library is loaded with the first address."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    return tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)


@lru_cache(maxsize=16384)
def read_domain(domain: str) -> str | None:
    """Return a domain as it is sent, or None if the library refuses it."""
    plain = domain.lower() if _PLAIN_DOMAIN.fullmatch(domain) else ""
    if plain and not plain.endswith(_special_use()):
        return plain
    from email_validator import EmailNotValidError

    try:
        return checked_address(f"a@{domain}").rpartition("@")[2]
    except EmailNotValidError:
        return None


def checked_address(address: str) -> str:
    """
    Return an address as the library normalises it. Raises its `EmailNotValidError`.

    It is also raised for a domain that ends in a single letter: no top-level domain has less than
    two (IANA's root zone), so the address was cut off.
    """
    from email_validator import EmailSyntaxError, validate_email

    found = validate_email(address, check_deliverability=False, strict=True)
    checked = found.ascii_email or f"{found.local_part}@{found.ascii_domain}"
    if checked[-2:-1] == ".":
        raise EmailSyntaxError("Its end was cut off: no domain ends in one letter.")
    return checked
