"""Finds what must not be sent by accident: passwords, payment cards, bank accounts, ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from importer.mapper.headers.words import Parsed
from importer.mapper.values import plain_digits

__all__ = ["mask", "sensitive_header", "sensitive_values"]

_WORDS = {
    "secret_password": "a password",
    "secret_card": "a payment card",
    "secret_bank": "a bank account",
    "secret_id": "an id of a person",
}
_SHARE = 0.3
_FEWEST = 2
_GAPS = re.compile(r"[ \-]")
# Visa, Mastercard, American Express, Discover, JCB, UnionPay, Diners: their first digits.
_CARD = re.compile(
    r"(?:4[0-9]{12}(?:[0-9]{3}){0,2}|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}"
    r"|6(?:011|5[0-9]{2}|2[0-9]{2})[0-9]{12}|35[0-9]{14}|3(?:0[0-5]|[68][0-9])[0-9]{11})"
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_EMIRATES_ID = re.compile(r"784(?:19|20)[0-9]{10}")
_SSN = re.compile(r"(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}")
_AADHAAR = re.compile(r"[2-9][0-9]{3}[ -][0-9]{4}[ -][0-9]{4}")
_HASH = re.compile(r"\$(?:2[aby]|argon2\w*|[156])\$\S{10,}")


def sensitive_header(parsed: Parsed) -> str | None:
    """Return what a header says that must not be sent, in words, or None."""
    return next((text for word, text in _WORDS.items() if word in parsed.meanings), None)


def sensitive_values(values: Sequence[str]) -> str | None:
    """
    Return what the values are that must not be sent, in words, or None.

    Card numbers are told by their first digits and the Luhn check (ISO/IEC 7812), bank accounts
    by the IBAN check (ISO 13616), Emirates ids by their form and the Luhn check.
    """
    given = [plain_digits(text.strip()) for text in values if text.strip()]
    for what, is_one in _CHECKS.items():
        found = {text for text in given if is_one(text)}
        if len(found) >= min(_FEWEST, len(given)) and len(found) >= _SHARE * len(set(given)) > 0:
            return what
    return None


def mask(text: str) -> str:
    """Return a value of which only the first and the last character are left to see."""
    return f"{text[:1]}{'*' * min(len(text) - 2, 6)}{text[-1:]}" if len(text) > 4 else "****"  # noqa: PLR2004


def _is_card(text: str) -> bool:
    digits = _GAPS.sub("", text)
    return bool(_CARD.fullmatch(digits)) and _luhn(digits)


def _is_iban(text: str) -> bool:
    compact = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(compact):
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _is_person_id(text: str) -> bool:
    digits = _GAPS.sub("", text)
    emirates = bool(_EMIRATES_ID.fullmatch(digits)) and _luhn(digits)
    return emirates or bool(_SSN.fullmatch(text) or _AADHAAR.fullmatch(text))


def _is_hash(text: str) -> bool:
    return bool(_HASH.fullmatch(text))


def _luhn(digits: str) -> bool:
    total = 0
    for at, char in enumerate(reversed(digits)):
        number = int(char) * (1 + at % 2)
        total += number - 9 * (number > 9)  # noqa: PLR2004 - the digits of 12 add up to 3
    return total % 10 == 0


_CHECKS: dict[str, Callable[[str], bool]] = {
    "payment card numbers": _is_card,
    "bank accounts (IBAN)": _is_iban,
    "ids of persons": _is_person_id,
    "passwords": _is_hash,
}
