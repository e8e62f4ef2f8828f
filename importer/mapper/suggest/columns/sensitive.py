"""Finds what must not be sent by accident: passwords, payment cards, bank accounts, ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from importer.mapper.values.text import plain_digits

__all__ = ["mask", "sensitive_values"]

_SHARE = 0.3
_FEWEST = 2
_SHORTEST_MASKED = 5
_GAPS = re.compile(r"[ \-]")
# How each is written. Without this, a reference of nine or twelve digits would often pass the check
# of an id by chance, and the check of an IBAN would be made of every text.
_CARD = re.compile(  # Visa, Mastercard, American Express, Discover, JCB, UnionPay, Diners
    r"(?:4[0-9]{12}(?:[0-9]{3}){0,2}|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}"
    r"|6(?:011|5[0-9]{2}|2[0-9]{2})[0-9]{12}|35[0-9]{14}|3(?:0[0-5]|[68][0-9])[0-9]{11})"
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_EMIRATES_ID = re.compile(r"784(?:19|20)[0-9]{10}")
_SSN = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
_AADHAAR = re.compile(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}")
_HASH = re.compile(r"\$(?:2[aby]|argon2\w*|[156])\$\S{10,}")


def sensitive_values(values: Sequence[str]) -> str | None:
    """
    Return what kind of sensitive data the values are, in words, or None.

    Three in ten different values have to be of a kind, and at least two where there are two. Card
    numbers and Emirates ids are known by their form and the Luhn check (ISO/IEC 7812), bank
    accounts by the check and the country's length of an IBAN (ISO 13616), US social security
    numbers by their form, and Indian Aadhaar numbers by their form and the Verhoeff check.
    """
    given = [plain_digits(text.strip()) for text in values if text.strip()]
    for what, is_one in _CHECKS.items():
        found = {text for text in given if is_one(text)}
        if len(found) >= min(_FEWEST, len(given)) and len(found) >= _SHARE * len(set(given)) > 0:
            return what
    return None


def mask(text: str) -> str:
    """Return a value with all but its first and last characters hidden, or all if it is short."""
    if len(text) < _SHORTEST_MASKED:
        return "****"
    return f"{text[:1]}{'*' * min(len(text) - 2, 6)}{text[-1:]}"


def _is_card(text: str) -> bool:
    digits = _GAPS.sub("", text)
    return bool(_CARD.fullmatch(digits)) and _passes_luhn(digits)


def _is_iban(text: str) -> bool:
    compact = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(compact):
        return False
    from stdnum import iban

    # A country's own check digits do not count: an account with a wrong one is still an account.
    return iban.is_valid(compact, check_country=False)


def _is_person_id(text: str) -> bool:
    digits = _GAPS.sub("", text)
    if _EMIRATES_ID.fullmatch(digits):
        return _passes_luhn(digits)
    if _SSN.fullmatch(text):
        from stdnum.us import ssn

        return ssn.is_valid(text)
    if _AADHAAR.fullmatch(text):
        from stdnum.in_ import aadhaar

        return aadhaar.is_valid(digits)
    return False


def _is_hash(text: str) -> bool:
    return bool(_HASH.fullmatch(text))


def _passes_luhn(digits: str) -> bool:
    from stdnum import luhn

    return luhn.is_valid(digits)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "payment card numbers": _is_card,
    "bank accounts (IBAN)": _is_iban,
    "ids of persons": _is_person_id,
    "passwords": _is_hash,
}
