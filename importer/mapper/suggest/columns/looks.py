"""Recognises values by their form: email addresses, phone numbers, links, dates, numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from importer.core.locale.message import Message
from importer.mapper.kinds import KINDS
from importer.mapper.kinds.email import read_email
from importer.mapper.kinds.phone import is_mobile, is_number_of, phone_reader, without_slash
from importer.mapper.regions import likely_regions
from importer.mapper.suggest.nulls import given, is_null
from importer.mapper.values.date_formats import find_date_formats
from importer.mapper.values.dates import has_month_name
from importer.mapper.values.texts import plain_digits, reads

_EMAIL = re.compile(r"(?:mailto:)?[^@\s;,]+@[^@\s;,]+\.[^@\s;,]{2,}", re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://|www\.)\S+\.\S+|(?:[a-z0-9-]+\.)+(?:com|net|org|ae|de|fr|io|co)(?:/\S*)?",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\S+\.(?:png|jpe?g|gif|webp|svg|bmp|heic)(?:[?#]\S*)?", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ]+[0-9:.]+ ?(?:[AaPp][Mm])?\S*)?"
)
_TIME = re.compile(r"[0-9]{1,2}[:.h][0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?")
_BETWEEN = re.compile(r"[\s,;|/]+|:::")
_SEVERAL, _SLASH = re.compile(r"\s*[,;|\n]\s*|\s*:::\s*"), re.compile(r"\s*/\s*")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")
_PHONE = re.compile(
    r"(?:tel:)?\+?[0-9()][0-9 ()./\-]{4,24}[0-9](?: ?(?:x|ext\.?) ?[0-9]+)?", re.IGNORECASE
)
# How numbers are written that are dialled: with a prefix, with the area in brackets, or in the
# groups of North America.
_DIALLED = re.compile(
    r"(?:tel:)?(?:\(?\+|00|\(?0[1-9]|\([1-9][0-9]{1,4}\) ?[0-9]{3}"
    r"|(?:1[ .-])?\(?[2-9][0-9]{2}[)\]]?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4})"
)
_SURE_DATE = re.compile(r"[0-3]?[0-9]([./-])[0-3]?[0-9]\1(?:19|20)[0-9]{2}(?: .*)?")
# Whose number it is, or when to call: "0171 234567 (mother)", "0171 234567, after six".
_NOTE = re.compile(r"\s*\([^()0-9]*\)$|[\s,;-]+[^\W\d_][^0-9]{0,24}$")
# Which number it is: "Mobile: 0171 234567".
_LABEL = re.compile(r"[^\W\d_][^\d:+()]{0,24}?\s*[:\u2013-]\s*")
_FORMS = (
    ("email", _EMAIL),
    ("uuid", _UUID),
    ("picture", _PICTURE),
    ("url", _URL),
    ("time", _TIME),
)
_LONG, _NEARLY_ALL, _LOOKED_AT, _MOST_LOOKED_AT = 9, 0.9, 150, 300
_LONGEST_READ = 40
_ENOUGH, _CLEARLY, _HARDLY, _FEWEST = 7, 0.8, 0.1, 3

_NAMES = {
    "email": Message("email addresses"),
    "url": Message("web addresses"),
    "uuid": Message("UUIDs"),
    "picture": Message("pictures"),
    "date": Message("dates"),
    "time": Message("times of day"),
    "phone": Message("phone numbers"),
    "number": Message("numbers"),
    "text": Message("other text"),
}
# Roles of fields whose values are words, and of those that reach nobody.
_PLAIN = frozenset({"fullname", "first", "last", "city"})
_WORDED = _PLAIN | {"street"}
_TEXTS = _WORDED | {"deal_title", "subject"}
_NEVER_REACHED = _WORDED | {"company", "job_title", "state"}


@dataclass(frozen=True, slots=True)
class Looks:
    """
    The forms of some values.

    `count` is how many values are not empty, `shares` the share of each form among them, and
    `dialled` the share that begins as a phone number is dialled: with +, 00 or 0.
    """

    count: int = 0
    shares: dict[str, float] = field(default_factory=dict)
    dialled: float = 0.0

    @property
    def kind(self) -> str | None:
        """The form of at least four in five values, or None. Phone numbers must be dialled ones."""
        top = max(self.shares, key=lambda kind: self.shares[kind], default=None)
        if top is None or self.shares[top] < _CLEARLY or self.count < _FEWEST:
            return None
        return None if top == "phone" and self.dialled < _CLEARLY else top

    def describe(self, kind: str = "") -> Message:
        """Return the most frequent form in words; numbers as long as phones are of their `kind`."""
        most = max(self.shares, key=lambda kind: self.shares[kind])
        is_number = most == "phone" and "number" in KINDS.get(kind, KINDS["text"]).looks
        return _NAMES["number" if is_number and kind != "phone" else most]

    def verdict(self, kind: str, roles: Collection[str] = ()) -> str | None:
        """Return "confirmed", "refuted" or, if the values decide nothing, None for a field."""
        if not _NEVER_REACHED.isdisjoint(roles) and self.reaches:
            return "refuted"
        if self.count < _FEWEST:
            return None
        is_other = max(map(self.share, ("email", "date", "uuid"))) >= _CLEARLY
        is_number = self.share("number") == 1
        refuting = (_PLAIN if is_other else frozenset()) | (_TEXTS if is_number else frozenset())
        if not refuting.isdisjoint(roles):
            return "refuted"
        if not KINDS[kind].looks:
            return None
        fit = sum(self.share(one) for one in KINDS[kind].looks)
        if fit >= _CLEARLY:
            return "confirmed"
        # Numbers and dates are also written with words, which their converters read.
        return "refuted" if fit <= _HARDLY and not KINDS[kind].has_words else None

    @property
    def reaches(self) -> str | None:
        """`email` or `phone` if nearly all values, however few, are such, or None."""
        shares = {"email": self.share("email"), "phone": min(self.share("phone"), self.dialled)}
        return next((kind for kind, one in shares.items() if one >= _NEARLY_ALL), None)

    def share(self, kind: str) -> float:
        """Return the share of the values that have a form, from 0 to 1."""
        return self.shares.get(kind, 0.0)


def look(values: Sequence[str]) -> Looks:
    """Return the forms of the values. Empty ones, and what is written for them, do not count."""
    # With an apostrophe before them, spreadsheets keep numbers as text.
    stripped = (text.strip().removeprefix("'") for text in values if not is_null(text))
    texts = [plain_digits(text) for text in stripped if text]
    some = texts[:: len(texts) // _MOST_LOOKED_AT + 1]
    counts = Counter(map(_kind_of, some))
    dialled = sum(bool(_DIALLED.match(_unlabelled(text))) for text in some)
    shares = {kind: count / len(some) for kind, count in counts.items()}
    return Looks(len(texts), shares, dialled / len(some) if some else 0.0)


def as_numbers_of(
    region: str | None, looks: Looks, values: Sequence[str], *, may_be_short: bool = False
) -> Looks:
    """
    Return the looks of a column with its plain digits as phone numbers, if a country has those.

    Ids have other lengths, count upwards, or would be no numbers of that country. Where none is
    stated, mobile phones of likely ones are. Numbers of seven and eight digits, as in Panama, may
    as well be ids: they count only if they `may_be_short`.
    """
    if looks.share("number") + looks.share("phone") < _CLEARLY or looks.count < _FEWEST:
        return looks
    texts = list(dict.fromkeys(given(values)))[:_LOOKED_AT]
    shortest = _ENOUGH if may_be_short and texts != sorted(texts) else _LONG
    long = [text for text in texts if sum(map(str.isdigit, text)) >= shortest]
    least = min(_NEARLY_ALL * len(texts), len(texts) - 1)
    if len(texts) < _FEWEST or len(long) < least:
        return looks
    numbers = [next(_numbers(text)) for text in long]
    is_one, regions = (is_number_of, [region]) if region else (is_mobile, likely_regions(numbers))
    if any(sum(is_one(text, each) for text in numbers) >= least for each in regions):
        return replace(looks, shares={"phone": 1.0}, dialled=1.0)
    return looks


def _kind_of(text: str) -> str:
    if text.count("@") > 1:  # several addresses in one cell
        parts = [part for part in _BETWEEN.split(text) if part]
        return "email" if all(map(_EMAIL.fullmatch, parts)) else "text"
    for kind, pattern in _FORMS:
        if pattern.fullmatch(text):
            return kind
    if _DATE.fullmatch(text) and (_SURE_DATE.fullmatch(text) or not _DIALLED.match(text)):
        return "date"
    numbers = map(_unlabelled, _numbers(_NOTE.sub("", text)))
    if all(_PHONE.fullmatch(one) and _is_long(one) for one in numbers):
        return "phone"
    if _DATE.fullmatch(text):
        return "date"
    return "number" if _NUMBER.fullmatch(text) else _kind_read(text)


def _numbers(text: str) -> Iterator[str]:
    """Yield the numbers of a cell. A slash behind the area of a dialled one is inside it."""
    for part in _SEVERAL.split(text):
        is_dialled = _DIALLED.match(_unlabelled(part))
        yield from _SLASH.split(without_slash(part) if is_dialled else part)


def _unlabelled(text: str) -> str:
    found = _LABEL.match(text)
    return text[found.end() :] if found else text


_READERS: Sequence[tuple[str, Callable[[str], object]]] = (
    ("phone", phone_reader(None, drop_extension=True)),
    ("email", read_email),
)


def _kind_read(text: str) -> str:
    """Return the kind of a text that no form fits, by what reads the values that are sent."""
    if len(text) > _LONGEST_READ or not ("@" in text or any(map(str.isdigit, text))):
        return "text"
    if has_month_name(text) and find_date_formats([text]).formats:
        return "date"
    readers = _READERS[: 1 + ("@" in text)] if "@" in text or _is_long(text) else ()
    return next((kind for kind, read in readers if reads(read, text)), "text")


def _is_long(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= _ENOUGH
