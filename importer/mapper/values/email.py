"""Reads email addresses: RFC 5321 and 5322 as the email-validator library has them, offline."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from importer.mapper.values.text import BadValue, one_line

__all__ = ["DOT_ATOM", "read_domain", "read_email"]

# The dot-atom of RFC 5322, at most 64 octets (RFC 5321, 4.5.3.1.1): the library passes it
# unchanged, but for the names of RFC 2142, so that only the domain needs its checks.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM = rf"{_ATOM}(?:\.{_ATOM})*"
"""What most local parts are, of any length."""
_DOT_ATOM = re.compile(rf"(?=.{{1,64}}@){DOT_ATOM}@")
# The labels of RFC 1123, 2.1, without two hyphens in a row, which may stand for another script:
# such a domain is valid as the library has it, unless it is of special use.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN_DOMAIN = re.compile(rf"(?!.*--)(?=.{{1,250}}\Z)(?:{_LABEL}\.)+(?![^.]*[0-9]\Z){_LABEL}")
_SPECIAL_USE = tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)
_LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets

_BRACKETED = re.compile(r"[^<>]*<([^<>]+)>[^<>@]*")
_SEVERAL = re.compile(r"[;,|/\s&]")
_OUTSIDE = " .,;:<>\"'()[]‘’“”„«»"
_HINT = "Correct it in the source, or leave it empty."
_HINT_SEVERAL = 'To take the first, say what separates them: split = ";".'


def read_email(text: str) -> str:
    """
    Return an address as it is sent: the local part as written, the domain in lower case.

    Taken off are `mailto:`, a name before `<…>`, quotes, brackets, and dots, commas and spaces
    at the ends. Several addresses in one text are refused. Nothing is looked up: example.com
    passes (RFC 2606), .test, .invalid, .local and .localhost, at which nobody can be reached, do
    not (RFC 6761, 6762). A domain in another script is written as DNS has it (RFC 5891), which
    every CRM takes. Raises `BadValue`.
    """
    written = _bare(one_line(text))
    plain = _DOT_ATOM.match(written)
    if plain is None:
        return _by_library(written)
    local = plain[0][:-1]
    if local.lower() in CASE_INSENSITIVE_MAILBOX_NAMES:
        return _by_library(written)
    domain = read_domain(written[plain.end() :])
    if domain is None or len(local) + len(domain) >= _LONGEST:
        return _by_library(written)
    return f"{local}@{domain}"


def _bare(written: str) -> str:
    if "<" in written:
        match = _BRACKETED.fullmatch(written)
        written = match[1] if match else written
    written = written.strip(_OUTSIDE)
    if written[:7].lower() == "mailto:":
        written = written[7:].partition("?")[0].strip(_OUTSIDE)
    return written


@lru_cache(maxsize=16384)
def read_domain(domain: str) -> str | None:
    """Return a domain as it is sent, or None where the library refuses it."""
    plain = domain.lower() if _PLAIN_DOMAIN.fullmatch(domain) else ""
    if plain and not plain.endswith(_SPECIAL_USE):
        return plain
    try:
        return _checked(f"a@{domain}").rpartition("@")[2]
    except EmailNotValidError:
        return None


def _checked(address: str) -> str:
    found = validate_email(address, check_deliverability=False, strict=True)
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"


def _by_library(written: str) -> str:
    if written.count("@") > 1 and _SEVERAL.search(written):
        raise BadValue("holds more than one address", _HINT_SEVERAL)
    if "@" not in written:
        raise BadValue("is no email address: it has no @", _HINT)
    try:
        return _checked(written)
    except EmailNotValidError as error:
        reason = str(error).rstrip(".")
        raise BadValue(f"is no email address: {reason[0].lower()}{reason[1:]}", _HINT) from None
