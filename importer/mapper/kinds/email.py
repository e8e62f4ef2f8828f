"""Reads email addresses with the email-validator library (RFC 5321 and 5322), offline."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cache
from typing import TYPE_CHECKING

from importer.mapper.values.domains import DOT_ATOM, checked_address, read_domain
from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind, Options
from importer.mapper.values.text import BadValue, one_line

if TYPE_CHECKING:
    from importer.mapper.values.plain.texts import PlainReader

__all__ = ["EMAIL", "read_email"]

# At most 64 octets are before the @ (RFC 5321, 4.5.3.1.1).
_DOT_ATOM = re.compile(rf"(?=.{{1,64}}@){DOT_ATOM}@")
_LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets

_BRACKETED = re.compile(r"[^<>]*<([^<>]+)>[^<>@]*")
_SEVERAL = re.compile(r"[;,|/\s&]")
_OUTSIDE = " .,;:<>\"'()[]‘’“”„«»"
_HINT = "Correct it in the source, or leave it empty."


def read_email(text: str) -> str:
    """
    Return an address as it is sent: the local part as written, the domain in lower case.

    It is sent without `mailto:`, a name before `<…>`, quotes, brackets, and dots, commas and spaces
    at the ends. Nothing is looked up: example.com is accepted (RFC 2606). A domain in another
    script becomes its DNS form (RFC 5891), which every CRM takes.

    Raises `BadValue`, also for several addresses in one text, and for .test, .invalid, .local and
    .localhost, where nobody can be reached (RFC 6761, 6762).
    """
    written = _bare(one_line(text))
    plain = _DOT_ATOM.match(written)
    if plain is None:
        return _by_library(written)
    local = plain[0][:-1]
    if local.lower() in _mailbox_names():
        return _by_library(written)
    domain = read_domain(written[plain.end() :])
    if domain is None or len(local) + len(domain) >= _LONGEST:
        return _by_library(written)
    return f"{local}@{domain}"


@cache
def _mailbox_names() -> AbstractSet[str]:
    """Return the names of RFC 2142. The library is loaded with the first address."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


def _bare(written: str) -> str:
    if "<" in written:
        match = _BRACKETED.fullmatch(written)
        written = match[1] if match else written
    written = written.strip(_OUTSIDE)
    if written[:7].lower() == "mailto:":
        written = written[7:].partition("?")[0].strip(_OUTSIDE)
    return written


def _by_library(written: str) -> str:
    if written.count("@") > 1 and _SEVERAL.search(written):
        raise BadValue("holds more than one address", _HINT)
    if "@" not in written:
        raise BadValue("is not an email address: it has no @", _HINT)
    from email_validator import EmailNotValidError

    try:
        return checked_address(written)
    except EmailNotValidError as error:
        reason = str(error).rstrip(".")
        raise BadValue(f"is not an email address: {reason[0].lower()}{reason[1:]}", _HINT) from None


def _plain(_: Options) -> PlainReader:
    from importer.mapper.values.plain.texts import plain_emails

    return plain_emails


EMAIL = Kind(
    name="email",
    plural="emails",
    build=lambda *_: from_text(read_email),
    plain=_plain,
    split="first",
    strict=False,
    json_format="email",
    looks=frozenset({"email"}),
    needs_samples=True,
)
