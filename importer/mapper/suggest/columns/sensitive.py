"""Finds what must not be sent by accident: passwords, payment cards, bank accounts, ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from importer.mapper.headers.kept_back import sensitive_header
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.values.texts import plain_digits

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
# How numbers of these forms are written inside a text. Behind a sign that joins, as in links and
# references, they are parts of something else.
_START, _END = r"(?<![\w./=+-])", r"(?![\w]|[ -][0-9])"
_INSIDE = {
    "payment card numbers": re.compile(
        rf"{_START}(?:[0-9]{{4}}([ -])[0-9]{{4}}\1[0-9]{{4}}\1[0-9]{{1,7}}"
        rf"|[0-9]{{4}}([ -])[0-9]{{6}}\2[0-9]{{4,5}}|[0-9]{{13,19}}){_END}"
    ),
    "bank accounts (IBAN)": re.compile(
        rf"{_START}[A-Za-z]{{2}}[0-9]{{2}}(?: ?[A-Za-z0-9]+){{2,9}}"
    ),
    "ids of persons": re.compile(
        rf"{_START}(?:784([ -]?)[0-9]{{4}}\1[0-9]{{7}}\1[0-9]|[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}}"
        rf"|[0-9]{{4}}([ -])[0-9]{{4}}\2[0-9]{{4}}){_END}"
    ),
}
# A word of a secret and its value: "CVV: 912", "Password = abc123".
_LABELLED = re.compile(
    r"(?:^|[\n,;|({\[.])[ \"']*([^\W\d_][^\W_]*(?:[ ._-][^\W\d_]+){0,2})[\"']?"
    r"[ ]?[:=][ ]?([^\n,;|]+)"
)
_LETTER = re.compile(r"[^\W\d_]")
_PASSWORD = re.compile(r"\S*[0-9]")
_NUMBER = re.compile(r"(?:[^0-9a-z]{0,4}[0-9]){3}")
_LARGELY = 0.5


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


def secrets_in_texts(values: Sequence[str]) -> str | None:
    """
    Return what kind of sensitive data is among the words of longer texts, in words, or None.

    One is enough: people write few of them into notes. Of the numbers that are written like those
    of a card at least half have to pass its check, since one in ten references does so by chance;
    so it is with ids. Beside them there are words
    that say what follows: `CVV: 912`, `Passport: N1234567`, `Password: abc123`.

    >>> secrets_in_texts(["Paid by Visa 4111 1111 1111 1111, call after six"])
    'payment card numbers'
    """
    texts = [
        plain_digits(text)
        for text in dict.fromkeys(values)
        if any(map(str.isdigit, text)) and _LETTER.search(text)
    ]
    for what, form in _INSIDE.items():
        is_alike = _ALIKE.get(what, _CHECKS[what])
        passed = [
            _CHECKS[what](number)
            for text in texts
            for found in form.finditer(text)
            if _LETTER.search(text[: found.start()] + text[found.end() :])
            and (number := next(filter(is_alike, _readings(found[0])), None)) is not None
        ]
        if any(passed) and sum(passed) >= _LARGELY * len(passed):
            return what
    return next(_labelled(texts), None)


def _readings(text: str) -> Iterator[str]:
    """Yield a number, and what is left of it without the words behind it."""
    words = text.split(" ")
    yield from (" ".join(words[:count]) for count in range(len(words), 0, -1))


def _labelled(texts: Sequence[str]) -> Iterator[str]:
    """Yield the kinds of secrets that a word in front of them names."""
    vocabulary = load_vocabulary()
    kinds: dict[str, str | None] = {}
    for text in texts:
        for label, value in _LABELLED.findall(text):
            if label not in kinds:
                kinds[label] = sensitive_header(vocabulary.parse(label, {}, ""))
            kind = kinds[label]
            form = _PASSWORD if kind == "a password" else _NUMBER
            if kind is not None and form.match(value):
                yield _KINDS[kind]


def mask(text: str) -> str:
    """Return a value with all but its first and last characters hidden, or all if it is short."""
    if len(text) < _SHORTEST_MASKED:
        return "****"
    return f"{text[:1]}{'*' * min(len(text) - 2, 6)}{text[-1:]}"


def _is_like_card(text: str) -> bool:
    return bool(_CARD.fullmatch(_GAPS.sub("", text)))


def _is_card(text: str) -> bool:
    return _is_like_card(text) and _passes_luhn(_GAPS.sub("", text))


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
_ALIKE: dict[str, Callable[[str], bool]] = {
    "payment card numbers": _is_like_card,
    "ids of persons": bool,
}
"""What is written like one and may be something else; of an IBAN the check alone decides."""
_KINDS = {
    "a password": "passwords",
    "a payment card": "payment card numbers",
    "a bank account": "bank accounts",
    "an id of a person": "ids of persons",
}
