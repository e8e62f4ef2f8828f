"""Reads email addresses with the email-validator library (RFC 5321 and 5322), offline."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from importer.core.locale.message import Message
from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind
from importer.mapper.values.texts import BadValue, one_line

if TYPE_CHECKING:
    import polars as pl

_BRACKETED = re.compile(r"[^<>]*<([^<>]+)>[^<>@]*")
_SEVERAL = re.compile(r"[;,|/\s&]")
_OUTSIDE = " .,;:<>\"'()[]‘’“”„«»"

# The dot-atom of RFC 5322: the library passes it unchanged, except for the names of RFC 2142.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = rf"{_ATOM}(?:\.{_ATOM})*"
_LONGEST_LOCAL, _LONGEST = 64, 253  # RFC 5321, 4.5.3.1, less @ and angle brackets
# The labels of RFC 1123, 2.1, without two hyphens in a row, which may encode another script. The
# library accepts such a domain, unless it is a special-use domain.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN_DOMAIN = re.compile(
    rf"(?!.*--)(?=.{{1,250}}\Z)(?:{_LABEL}\.)+(?![^.]*[0-9]\Z)(?![^.]\Z){_LABEL}"
)


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
    if written.count("@") > 1 and _SEVERAL.search(written):
        raise BadValue("holds more than one address")
    if "@" not in written:
        raise BadValue("is not an email address: it has no @")
    from email_validator import EmailNotValidError

    try:
        return _checked(written)
    except EmailNotValidError as error:
        reason, _, signs = str(error).rstrip(".").partition(": ")
        message = Message(
            "is not an email address: %(reason)s", reason=f"{reason[0].lower()}{reason[1:]}"
        )
        if signs:
            message = Message("%(what)s: %(signs)s", what=message, signs=signs)
        raise BadValue(message) from None


def _bare(written: str) -> str:
    if "<" in written:
        match = _BRACKETED.fullmatch(written)
        written = match[1] if match else written
    written = written.strip(_OUTSIDE)
    if written[:7].lower() == "mailto:":
        written = written[7:].partition("?")[0].strip(_OUTSIDE)
    return written


def _checked(address: str) -> str:
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


def read_emails(cells: pl.DataFrame) -> pl.Series:
    """
    Return `read_email` of each `cell` that is an address of ASCII letters, and null for all others.

    The library needs some 20 µs for an address, this a twentieth of that.
    """
    import polars as pl
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    parts = pl.col("cell").str.extract_groups(
        rf"\A(?<local>{_DOT_ATOM})@(?<domain>[A-Za-z0-9.-]*[A-Za-z0-9])\z"
    )
    table = cells.select(parts=parts).unnest("parts")
    domains = table["domain"].unique().drop_nulls().to_list()
    domain = pl.col("domain").replace_strict(
        domains, list(map(read_domain, domains)), default=None, return_dtype=pl.String
    )
    local = pl.col("local")
    is_plain = (
        (local.str.len_bytes() <= _LONGEST_LOCAL)
        & (local.str.len_bytes() + domain.str.len_bytes() <= _LONGEST)
        & ~local.str.starts_with("'")  # which may be a quote that does not belong to it
        & ~local.str.to_lowercase().is_in(list(CASE_INSENSITIVE_MAILBOX_NAMES))
    )
    return table.select(email=pl.when(is_plain).then(local + "@" + domain))["email"]


@lru_cache(maxsize=16384)
def read_domain(domain: str) -> str | None:
    """Return a domain as it is sent, or None if the library refuses it."""
    plain = domain.lower() if _PLAIN_DOMAIN.fullmatch(domain) else ""
    if plain and not plain.endswith(_special_use()):
        return plain
    from email_validator import EmailNotValidError

    try:
        return _checked(f"a@{domain}").rpartition("@")[2]
    except EmailNotValidError:
        return None


@cache
def _special_use() -> tuple[str, ...]:
    """Return how special-use domains end. The library is loaded with the first address."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    return tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)


EMAIL = Kind(
    name="email",
    plural="emails",
    build=lambda *_: from_text(read_email),
    column_reader=lambda _: read_emails,
    split="first",
    strict=False,
    json_format="email",
    looks=frozenset({"email"}),
    needs_samples=True,
)
