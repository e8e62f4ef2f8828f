"""Lets the values of columns decide: they confirm or refute what headers mean, or say it alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from statistics import mean

from importer.core.locale.message import Message, joined
from importer.core.shared import OWN_PREFIX
from importer.mapper.data import load_table, load_words
from importer.mapper.headers.kept_back import (
    is_technical_header,
    is_technical_value,
    sensitive_header,
)
from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.kinds import KINDS
from importer.mapper.kinds.boolean import read_boolean
from importer.mapper.kinds.currency import ANY_CURRENCY, currencies_called
from importer.mapper.kinds.money import read_money
from importer.mapper.kinds.phone import is_mobile, is_number_of
from importer.mapper.regions import likely_regions, regions_of
from importer.mapper.schema.object_schema import ObjectSchema, fields_of_kind, match_header
from importer.mapper.suggest.columns.choice import (
    BOTH,
    CITY_AND_STATE,
    FLAG,
    LIKELY,
    PERSON,
    UNSURE,
    VAGUE,
    Choice,
    Columns,
)
from importer.mapper.suggest.columns.context import settle
from importer.mapper.suggest.columns.headers import match_rule, rules_of
from importer.mapper.suggest.columns.looks import as_numbers_of, look
from importer.mapper.suggest.columns.postal_addresses import PARTS_OF_A_STREET
from importer.mapper.suggest.columns.sensitive import secrets_in_texts, sensitive_values
from importer.mapper.suggest.nulls import given, is_null, share
from importer.mapper.suggest.statuses import word_in_header
from importer.mapper.values.date_formats import find_date_formats
from importer.mapper.values.texts import fold, reads

_LOOKED_AT, _NEARLY_ALL, _HALF, _FEWEST = 500, 0.9, 0.5, 3
# Names, and how far something is or how urgent: other words than yes and no.
_NO_FLAGS = PERSON | {"status", "stage", "priority"}
# Whose values are words, and no numbers.
_WORDS = PERSON | {"owner", "company", "job_title", "tags", "source", "city", "country"}
_CODE = re.compile(r"[\w#/.:-]*\d[\w#/.:-]*").fullmatch
# How JSON and Python write an object; lists of plain values are texts of tags.
_OBJECT = re.compile(r"\s*\[?\s*\{\s*[\"']")
_SAME = 7  # digits at the end of two numbers that are one
_ADDRESS = frozenset({"street", "city", "postal"})
_REGION_CODE = re.compile(r"[A-Z0-9]{1,3}").fullmatch
# Midnight is what systems write behind a day.
_TIME_OF_DAY = re.compile(r"(?<![0-9:+-])(?!0?0:00)[0-9]{1,2}:[0-9]{2}").search
_INDIAN_CODE = re.compile(r"[1-9][0-9]{2} ?[0-9]{3}").fullmatch
_SHORT_ACCOUNT = re.compile(r"[A-Za-z]{0,5}[ /-]?[0-9]{1,6}").fullmatch
_CALLED_IDS = frozenset({"number", "id", "code", "ref"}) | {
    "secret_account",
    "secret_token",
    "secret_number",
}
_CODES = ({"number"}, {"id"}, {"ref"}, {"code"})
_OTHER_RECORDS = frozenset({"deal", "case", "appointment"})
_NO_CODES = frozenset({"email", "phone", "url", "picture", "date", "time"})
_FEWEST_CODES, _LONGEST_CODE, _LONGEST_COUNT = 5, 40, 10
_CALLED_SO, _NUMBERED = frozenset({"name", "fullname"}), frozenset({"phone", "mobile"})
_HAS_BOTH = re.compile(r"(?=.*[^\W\d_]{2})(?=.*[0-9](?:[ ().-]*/?[0-9]){6})").match
_HAS_STATE = re.compile(r".*[^\W\d_]{3}\s*[/,(\u2013-]\s*[A-Z]{2,3}\)?").fullmatch
# Whose birthday it is, an unknown word may say.
_OFTEN_ANOTHER = "birthday"
# Headers such as `Work`: whose numbers and addresses they are, or which of several.
_PLACES = frozenset({"home", "work"})
_OF_DAYS = frozenset({"date", "appointment"})
_REACHED = _PLACES | {"other", "primary", "number", "contact", "reach", "phone", "mobile", "email"}
# Meanings of columns about others than the person of the row, or about no person.
_OF_OTHERS = frozenset(
    {"owner", "requester", "associated", "created", "opened", "nofield_fax"}
    | {"nofield_department", "tags", "source", "website", "company"}
)


def several_fields() -> frozenset[str]:
    """Return the fields that several columns may have: later ones where the first is empty."""
    return reach_fields() | fields_of_kind("url")


def free_phone_field(
    schema: ObjectSchema,
    target: str | None,
    numbers: Sequence[str],
    taken: Container[str | None],
    region: str | None,
    *,
    surely: bool = False,
) -> str | None:
    """
    Return the other field for phone numbers that no column has, if it takes some numbers, or None.

    A field for mobile phones takes those of mobile phones only: `surely`, if it must be clear from
    the numbers.
    """
    phones = [name for name in schema.fields if name in fields_of_kind("phone")]
    for name in phones if target in phones else ():
        spec = schema.spec(name)
        is_for_all = spec is not None and "phone" in spec.roles
        if name not in taken and (is_for_all or _are_mobile(numbers, region, surely=surely)):
            return name
    return None


def _are_mobile(numbers: Sequence[str], region: str | None, *, surely: bool) -> bool:
    """Return whether nearly all numbers are of mobile phones, in one of likely countries."""
    tests = (
        partial(is_mobile, region=one, surely=surely)
        for one in ([region] if region else likely_regions(numbers))
    )
    return any(share(is_one, numbers) >= _NEARLY_ALL for is_one in tests)


def spread_phones(columns: Columns) -> None:
    """
    Choose the free field for phone numbers for the second column of those that have the other.

    So `Mobile 2` becomes `phone` where no other column is. `Phone 2` becomes `mobile_phone` if its
    numbers are those of mobile phones.
    """
    for target in (name for name in columns.schema.fields if name in fields_of_kind("phone")):
        places = [at for at in columns.of({target}) if columns.looks[at].count]
        first, *others = sorted(places, key=lambda at: _rank(columns, at)) or (None,)
        if first is None or not others or _repeats_numbers(columns, others[0], first):
            continue
        at = others[0]
        is_place = not _PLACES.isdisjoint(columns.parsed[at].meanings)
        free = _free_field(columns, at, target, surely=is_place)
        if free is None:  # the first may be the one that the free field takes
            at, first = first, at
            free = _free_field(columns, at, target, surely=True)
        if free is not None:
            text = "%(column)s is %(field)s already, and %(key)s has no column"
            reason = Message(text, column=columns.choices[first].column, field=target, key=free)
            columns.choose(at, free, reason, score=LIKELY, hedged=True)


def _free_field(columns: Columns, at: int, target: str, *, surely: bool) -> str | None:
    numbers, taken = columns.values[at][:_LOOKED_AT], {one.field for one in columns.choices}
    schema, region = columns.schema, columns.region
    return free_phone_field(schema, target, numbers, taken, region, surely=surely)


def _rank(columns: Columns, at: int) -> tuple[bool, float]:
    """Return a sort key for columns of one field: those called like it come first."""
    choice = columns.choices[at]
    return match_header(choice.column, columns.schema) != choice.field, -choice.score


def _repeats_numbers(columns: Columns, at: int, other: int) -> bool:
    """Return whether more than half of a column's numbers are those of another in their rows."""
    pairs = zip(columns.values[at][:_LOOKED_AT], columns.values[other], strict=False)
    numbers = [(_last_digits(one), _last_digits(two)) for one, two in pairs if one.strip()]
    same = sum(bool(two) and one == two for one, two in numbers)
    return same >= max(_FEWEST, len(numbers) // 2 + 1)


def _last_digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))[-_SAME:]


def reach_fields() -> frozenset[str]:
    """Return the fields for email addresses and phone numbers."""
    return fields_of_kind("email") | fields_of_kind("phone")


def confirm_or_refute(columns: Columns) -> None:
    """Leave out the columns whose values are of another kind than their fields."""
    for at, (choice, looks) in enumerate(zip(columns.choices, columns.looks, strict=True)):
        if choice.field is None or not looks.count or choice.role in PARTS_OF_A_STREET:
            continue
        spec = columns.schema.spec(choice.field)
        kind = spec.kind if spec else "text"
        verdict = looks.verdict(kind, spec.roles if spec else ())
        if verdict == "refuted":
            text = "the header means %(field)s, but the values look like %(looks)s"
            columns.drop(at, Message(text, field=choice.field, looks=looks.describe()))
        elif verdict == "confirmed":
            seen = Message("the values look like %(looks)s", looks=looks.describe(kind))
            score = max(choice.score, LIKELY)
            columns.choose(at, choice.field, joined([choice.reason, seen]), score=score)


def find_numbers_of_the_firm(columns: Columns) -> None:
    """
    Let columns be sent whose headers may mean a secret, if their values are none.

    `Account No` = `A-1021` is no bank account, `Job Card No` = `JC/26/1021` no payment card, and
    `Token` = `12` no password.
    """
    for at, (meant, values) in enumerate(zip(columns.parsed, columns.values, strict=True)):
        texts = given(values)
        form = next((form for word, form in _OF_A_FIRM.items() if word in meant.meanings), None)
        is_one = form is not None and columns.choices[at].sensitive and len(texts) >= _FEWEST
        if form is not None and is_one and share(form, texts) == 1:
            text = "its values are no %(secret)s: numbers with the firm"
            secret = str(sensitive_header(meant)).partition(" ")[2]
            reason = Message(text, secret=secret)
            columns.choose(at, None, reason, score=0.0, sensitive=False)


def _is_of_a_card_of_the_firm(text: str) -> bool:
    """
    Return whether a number is of a card, and of no payment card, in whole or in part.

    Of those people keep the last digits, with the kind of the card or with signs for the others.
    """
    digits = sum(map(str.isdigit, text))
    letters = "".join(filter(str.isalpha, fold(text)))
    if "*" in text or "xx" in letters or letters in load_table("values")["payment_cards"]:
        return False
    least, most = (1, 11) if letters else (5, 9)
    return least <= digits <= most and len(text) <= _LONGEST_CODE


_OF_A_FIRM: Mapping[str, Callable[[str], object]] = {
    "secret_account": _SHORT_ACCOUNT,
    "secret_token": _SHORT_ACCOUNT,
    "secret_number": _is_of_a_card_of_the_firm,
}


def find_reference(columns: Columns) -> None:
    """
    Choose the reference where no header says so: the first column with another code in each row.

    One whose header means a number or an id comes first. Numbers that count the rows, days and
    amounts are none, and no numbers that may be phones.
    """
    target = columns.schema.field_of("reference")
    if target is None or target in _taken(columns):
        return
    called = [not meant.meanings.isdisjoint(_CALLED_IDS) for meant in columns.parsed]
    found = [at for at in columns.free() if _has_codes(columns, at, is_called_so=called[at])]
    if found:
        reason = Message("the header does not say so, but each row has another code")
        columns.choose(max(found, key=called.__getitem__), target, reason, hedged=True)


def _has_codes(columns: Columns, at: int, *, is_called_so: bool) -> bool:
    """Return whether a column has a code in each row, each another one."""
    values, kind = columns.values[at], columns.looks[at].kind
    texts = given(values)
    least, shortest = (_FEWEST, 5) if is_called_so else (_FEWEST_CODES, 9)
    if len(texts) < max(least, len(values)) or kind in _NO_CODES or not _are_ids(values):
        return False
    is_noted = is_technical_header(columns.choices[at].column)
    if is_noted or max(map(len, texts)) > _LONGEST_CODE or find_date_formats(texts).formats:
        return False
    if not all(map(str.isdecimal, texts)):
        return share(_is_money, texts) <= _HALF
    are_phones = share(lambda text: is_number_of(text, columns.region), texts) > _HALF
    return not (
        {*map(len, texts)} != {max(shortest, len(texts[0]))}
        or counts_rows(texts)
        or share(lambda text: text.endswith("00"), texts) > _HALF
        or are_phones
        or regions_of(texts).total() > _HALF * len(texts)
    )


def find_status(columns: Columns) -> None:
    """
    Choose the status where no header is called so.

    These are columns with yes or no whose headers name a status: `Canceled`, `No-Show`.
    """
    target = columns.schema.field_of("status")
    spec = columns.schema.spec(target) if target else None
    if target is None or spec is None or not spec.enum or columns.of({target}):
        return
    for at in columns.free():
        texts = given(columns.values[at])[:_LOOKED_AT]
        is_set = share(is_flag, texts) == 1 and any(map(read_boolean, texts))
        if is_set and word_in_header(columns.choices[at].column, spec) is not None:
            reason = Message("its header is a status, and its values say yes or no")
            columns.choose(at, target, reason, role=FLAG, hedged=True)


def doubt_status(columns: Columns) -> None:
    """Let a person decide whose `Status` it is, if the rows of people have numbers of orders."""
    records = [one.meanings for one in columns.parsed if not one.unknown]
    is_of_orders = any(one & _OTHER_RECORDS and one - _OTHER_RECORDS in _CODES for one in records)
    for at in columns.of({"status"}) if columns.schema.name == "contact" and is_of_orders else ():
        if columns.parsed[at].meanings <= {"status", "either"}:
            reason = Message("it may be that of the order, and not of the person")
            columns.choose(at, "status", reason, score=UNSURE)


def find_days(columns: Columns) -> None:
    """
    Choose the start, or the day of `Start` = `09:00`, if only one column has dates that may be it.

    That is one such as `Viewing Date`, or whose header means a person: `Booked For`. Other headers
    say of which day theirs are: of birth, or `Updated Date`.
    """
    target = columns.schema.field_of("start")
    starts = columns.of({target}) if target is not None else []
    if target is None or any(columns.looks[at].kind != "time" for at in starts):
        return
    days = [
        at
        for at in columns.free()
        if columns.looks[at].kind == "date"
        and (
            columns.choices[at].role == "fullname"
            or (columns.parsed[at].meanings <= _OF_DAYS and not _is_of_another_day(columns, at))
        )
    ]
    if len(days) == 1:
        reason = Message("its values are the only dates, beside times of day")
        if not starts:
            reason = Message("no column is called the start, and its values are the only dates")
        role = "date" if starts else "start"
        columns.choose(days[0], target, reason, role=role, hedged=True)


def _is_of_another_day(columns: Columns, at: int) -> bool:
    """Return whether a header says that its days are of a change, a payment or so on."""
    words = tokenize(columns.choices[at].column)
    return not load_words("headers", "other_days").isdisjoint(words)


def find_channels(columns: Columns) -> None:
    """Choose the source for `Lead Type` = `WhatsApp`: how somebody came, not what he wants."""
    wish, source = map(columns.schema.field_of, ("intent", "source"))
    for at in columns.of({wish}) if wish and source else ():
        if share(_is_channel, columns.values[at][:_LOOKED_AT]) < _NEARLY_ALL:
            continue
        reason = Message("its values say how somebody came, not what they want")
        if columns.of({source}):
            columns.drop(at, reason)
        else:
            columns.choose(at, source, reason, role="source")


def _is_channel(text: str) -> bool:
    return fold(text) in _channels()


@cache
def _channels() -> frozenset[str]:
    return frozenset(map(fold, load_table("values")["channels"]))


def currency_named(header: str) -> str | None:
    """Return the currency in `Amount (AED)`, or None if there is none or may be several."""
    units = load_words("headers", "units").intersection(tokenize(header))
    codes = frozenset().union(*map(currencies_called, units))
    return next(iter(codes)) if len(codes) == 1 else None


def find_subject(columns: Columns) -> None:
    """
    Choose the shorter of two texts as the subject of a case, where no header is called so.

    Fewer rows may have the longer one, such as `Details` behind `Nature of complaint`.
    """
    target = columns.schema.field_of("subject")
    texts = columns.of({columns.schema.field_of("description")})
    if target is None or columns.of({target}):
        return
    lengths = {at: [*map(len, found)] for at in texts if (found := given(columns.values[at]))}
    most, *others = sorted(lengths, key=lambda at: -len(lengths[at])) or (None,)
    if most is not None and others and mean(lengths[most]) < mean(lengths[others[0]]):
        reason = Message("the header does not say so, but it is the shorter one of two texts")
        columns.choose(most, target, reason, role="subject", hedged=True)


def find_amount(columns: Columns) -> None:
    """Choose the amount where no header is called so: the only column that may be one."""
    target = columns.schema.field_of("amount")
    if target is None or columns.of({target}):
        return
    titles = columns.of({columns.schema.field_of("deal_title")})
    pairs = ((at, columns.choices[at], columns.values[at]) for at in (*columns.free(), *titles))
    found = [at for at, one, values in pairs if may_be_amount(one, values)]
    if len(found) == 1:
        reason = Message("the header does not say so, but no other column is one of money")
        columns.choose(found[0], target, reason, role="amount", hedged=True)


def may_be_amount(choice: Choice, values: Sequence[str]) -> bool:
    """
    Return whether a column may be the amount: of money, or of numbers below a word for deals.

    >>> may_be_amount(Choice("Cost (AED)"), ["1,250"]), may_be_amount(Choice("Beds"), ["2"])
    (True, False)
    """
    texts = given(values)[:_LOOKED_AT]
    if not texts or share(_is_money, texts) < _NEARLY_ALL:
        return False
    are_plain = all(_is_money(text, None) for text in texts if _is_money(text))
    return choice.role == "deal_title" or not are_plain or currency_named(choice.column) is not None


def _is_money(text: str, currency: str | None = ANY_CURRENCY) -> bool:
    return any(reads(partial(read_money, mark=mark, currency=currency), text) for mark in ".,")


def find_pins(columns: Columns) -> None:
    """Choose the post code for `PIN` = `302017` beside a city, as India calls it."""
    target = columns.schema.field_of("postal")
    is_open = target is not None and columns.of({"city"}) and not columns.of({target})
    for at in columns.free() if is_open else ():
        is_called = "pin" in tokenize(columns.choices[at].column)
        if is_called and share(_INDIAN_CODE, columns.values[at][:_LOOKED_AT]) >= _NEARLY_ALL:
            columns.choose(at, target, Message("its values are post codes of India"), role="postal")
            return


def find_cities_with_states(columns: Columns) -> None:
    """Choose `City/State` as the city, if most cells are like `Austin, TX` and nothing else is."""
    city, state = map(columns.schema.field_of, ("city", "state"))
    if city is None or state is None or columns.of({city, state}):
        return
    for at in columns.free():
        meant = columns.parsed[at]
        is_both = {"city", "state"} <= meant.meanings and not meant.unknown
        if is_both and share(_HAS_STATE, columns.values[at][:_LOOKED_AT]) > _HALF:
            reason = Message("its cells have a city and its state: two lines read them")
            columns.choose(at, city, reason, role=CITY_AND_STATE)
            return


def find_names_with_numbers(columns: Columns) -> None:
    """Choose `Name & Mobile` as the name, if most cells have both and no other column has one."""
    target = columns.schema.field_of("fullname")
    known = columns.schema.fields_of(PERSON) | fields_of_kind("phone")
    if target is None or columns.of(known):
        return
    for at in columns.free():
        meant = columns.parsed[at].meanings
        is_both = not meant.isdisjoint(_CALLED_SO) and not meant.isdisjoint(_NUMBERED)
        if is_both and share(_HAS_BOTH, columns.values[at][:_LOOKED_AT]) > _HALF:
            reason = Message("its cells have a name and a phone number: two lines read them")
            columns.choose(at, target, reason, role=BOTH)
            return


def leave_out_misfits(columns: Columns) -> None:
    """
    Leave out columns whose values cannot be those of their fields.

    These are objects written as text, yes or no where a field has other words or names, one id for
    all rows, and numbers where a field has words.
    """
    for at, (choice, values) in enumerate(zip(columns.choices, columns.values, strict=True)):
        if choice.field is None:
            continue
        spec = columns.schema.spec(choice.field)
        texts = given(values)[:_LOOKED_AT]
        if share(_OBJECT.match, texts) >= _NEARLY_ALL:
            text = "its values are objects written as text, with several values each"
            columns.drop(at, Message(text))
        elif spec and not _NO_FLAGS.isdisjoint(spec.roles) and share(is_flag, texts) == 1:
            text = "its values say only yes or no, and %(field)s has other words"
            columns.drop(at, Message(text, field=choice.field))
        elif choice.field == "external_ref" and len(texts) >= _FEWEST and len({*texts}) == 1:
            columns.drop(at, Message("all its values are the same, so it is no id"))
        elif spec and not _WORDS.isdisjoint(spec.roles) and share(_is_wordless, texts) > _HALF:
            text = "most of its values have no letters, and those of %(field)s have"
            columns.drop(at, Message(text, field=choice.field))


def leave_out_moments(columns: Columns) -> None:
    """Leave out `When` = `Mon 2/3 9:15`: a time of day is of a call, and of nobody's plans."""
    for at in columns.of({columns.schema.field_of("timeline")} - {None}):
        if share(_TIME_OF_DAY, columns.values[at][:_LOOKED_AT]) > _HALF:
            columns.drop(at, Message("its values are times of day, and nobody's plans"))


def is_flag(text: str) -> bool:
    """Return whether a text says yes or no."""
    return reads(read_boolean, text)


def _is_wordless(text: str) -> bool:
    return not any(map(str.isalpha, text)) and not is_null(text)


def leave_out_regions_of_visitors(columns: Columns) -> None:
    """
    Leave out regions that a server has noted of a visitor: codes, on a list with IP addresses.

    Beside a city or a street they are those of a person.
    """
    notes = any(
        is_technical_header(one.column) or is_technical_value(given(values)[:_LOOKED_AT])
        for one, values in zip(columns.choices, columns.values, strict=True)
    )
    address = columns.of(columns.schema.fields_of(_ADDRESS))
    for at in columns.of(columns.schema.fields_of({"state"})) if notes else ():
        words = _words_of_regions().intersection(tokenize(columns.choices[at].column))
        codes = share(_REGION_CODE, columns.values[at][:_LOOKED_AT])
        if words and codes >= _NEARLY_ALL and {at - 1, at + 1}.isdisjoint(address):
            text = "its values are codes for where a visitor's IP address is, and no states"
            columns.drop(at, Message(text))


@cache
def _words_of_regions() -> frozenset[str]:
    return frozenset(token for one in load_words("headers", "regions") for token in tokenize(one))


def decide_unknown_words(columns: Columns) -> None:
    """Choose the fields of headers that are partly unknown, where values leave no doubt."""
    schema, taken = columns.schema, _taken(columns)
    for at in columns.free():
        meaning, seen = columns.parsed[at], columns.looks[at]
        if not (meaning.unknown and meaning.meanings):
            continue
        match = match_rule(replace(meaning, unknown=()), rules_of(schema.name))
        if match is None:
            continue
        (settled,) = settle([Choice("", role=match.role, score=1.0)], schema)
        target = settled.field
        spec = schema.spec(target) if target else None
        if target is None or spec is None or target == _OFTEN_ANOTHER:
            continue
        if target == schema.field_of("start") and _is_of_another_day(columns, at):
            continue
        fitting = sum(map(seen.share, KINDS[spec.kind].looks))
        if fitting < _NEARLY_ALL or seen.count < _FEWEST or target in taken:
            continue
        taken.add(target)
        text = "unknown words (%(columns)s), but the values look like %(looks)s"
        reason = Message(text, columns=meaning.unknown, looks=seen.describe(spec.kind))
        columns.choose(at, target, reason, role=settled.role, hedged=True)


def _are_ids(values: Sequence[str]) -> bool:
    """Return whether values are codes with digits, each another one."""
    texts = given(values)
    return share(_CODE, texts) == 1 and len({*texts}) == len(texts)


def counts_rows(values: Sequence[str]) -> bool:
    """Return whether values only number the rows: in another list somebody else has them."""
    if not all(text.isdecimal() and len(text) < _LONGEST_COUNT for text in values):
        return False
    numbers = list(map(int, values))
    return numbers[0] in {0, 1} and all(b - a == 1 for a, b in pairwise(numbers))


def recognise(columns: Columns) -> None:
    """
    Choose a free field for columns known only by their values.

    Email addresses and phone numbers are known whatever the header says, if no other column could
    be meant: `User name` = `ann@example.com`. Those of a list's owner are not the row's. Further
    numbers are sent in the other field for them; in a list without a header, and below headers such
    as `Work`, they are used where the first are empty.
    """
    taken, looks, parsed = _taken(columns), columns.looks, columns.parsed
    open_ = {
        at: target
        for at in columns.free()
        if not columns.choices[at].column.startswith(OWN_PREFIX)
        and (target := _spoken_for(_kind_at(columns, at), columns.schema))
    }
    vague = [at for at in open_ if parsed[at].meanings <= VAGUE]
    others = [
        at
        for at, target in open_.items()
        if at not in vague
        and target in reach_fields()
        and parsed[at].meanings.isdisjoint(_OF_OTHERS)
        and (looks[at].kind == "phone" or [*open_.values()].count(target) == 1)
    ]
    vague.sort(key=lambda at: -looks[at].count)  # the fullest first
    for at in (*vague, *others):
        target, seen = open_[at], looks[at]
        is_second = columns.are_nameless and seen.kind == "phone"
        meant = parsed[at].meanings if not parsed[at].unknown else frozenset()
        is_second = is_second or (bool(meant) and meant <= _REACHED)
        if target in taken and not is_second and seen.kind == "phone":
            again = any(_repeats_numbers(columns, at, one) for one in columns.of(reach_fields()))
            target = None if again else _free_field(columns, at, target, surely=False)
        if target is not None and (target not in taken or is_second):
            text = "the header does not say so, but the values look like %(looks)s"
            reason = Message(text, looks=seen.describe())
            columns.choose(at, target, reason, hedged=target in taken)
            taken.add(target)


def _taken(columns: Columns) -> set[str | None]:
    """Return the fields that a column with values has."""
    pairs = zip(columns.choices, columns.looks, strict=True)
    return {one.field for one, seen in pairs if seen.count}


def _kind_at(columns: Columns, at: int) -> str | None:
    """Return the form of a column's values; below `Work` and `Home` a few of them show it."""
    seen, meant = columns.looks[at], columns.parsed[at]
    is_place = not meant.unknown and meant.meanings and meant.meanings <= _PLACES
    return seen.reaches if seen.kind is None and is_place else seen.kind


def kind_reached(choice: Choice, values: Sequence[str], region: str | None) -> str | None:
    """
    Return `phone` or `email` for a column that reaches people other than owners, or None.

    >>> kind_reached(Choice("Branch Mobile"), ["050 123 4567"], None)
    'phone'
    """
    meant = load_vocabulary().parse(choice.column, {}, "").meanings
    nobody = {"owner"} if choice.of_other else _OF_OTHERS - {"company"}
    if not meant.isdisjoint(nobody):
        return None
    seen = as_numbers_of(region, look(values), values).reaches
    if seen is None and choice.of_other and not meant.isdisjoint(_NUMBERED | {"email"}):
        return "email" if "email" in meant else "phone"
    return seen


def _spoken_for(kind: str | None, schema: ObjectSchema) -> str | None:
    if kind not in {"email", "phone", "url"}:
        return None
    return next((name for name in schema.fields if name in fields_of_kind(kind)), None)


def leave_out_secrets(columns: Columns) -> None:
    """Leave out the columns whose values are passwords, cards, accounts or ids, or have some."""
    for at, (choice, values) in enumerate(zip(columns.choices, columns.values, strict=True)):
        if choice.sensitive:
            continue
        if secret := sensitive_values(values):
            text = "the values are %(secret)s: not sent unless you map it"
            columns.choose(at, None, Message(text, secret=secret), score=0.0, sensitive=True)
        elif secret := secrets_in_texts(values):
            reason = Message(
                "its texts contain %(secret)s: not sent unless you map it", secret=secret
            )
            columns.choose(at, None, reason, score=0.0, sensitive=True, in_texts=True)
