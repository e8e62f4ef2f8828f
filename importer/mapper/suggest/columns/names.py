"""Finds names of people and of companies by their values, where headers do not say which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from importer.core.locale.message import Message
from importer.mapper.data import load_table, load_words
from importer.mapper.headers.words import Parsed
from importer.mapper.schema.objects import ObjectSchema, fields_of_kind
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.values.text import fold, folded_words

_NAMELESS = re.compile(r"column \d+")  # what the reader calls the columns of such a list
_WORD = re.compile(r"[^\W\d_][^\W\d_.'\u2019-]*\.?(?:['\u2019-][^\W\d_]+)*")
_NICKNAME = re.compile(r" *\([^()]*\)$")
_STREET = re.compile(r"\d+[a-z]?,? [^\W\d_].*|[^\W\d_].* \d+[a-z]?", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z]{1,3}")
_STATE = re.compile(r"[A-Z]{2,3}")
_POST_CODE = re.compile(r"\d{4,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")
_CLEARLY, _DIFFERENT, _SOME = 0.8, 0.4, 0.2
_MOST_WORDS, _LONGEST = 4, 40
_LONGEST_TEXT, _TELLING, _VERY_FEW, _HALF = 80, 3, 3, 0.5
_FEWEST, _MOSTLY_DIFFERENT, _PARTICLE = 5, 0.8, 3
_OFFERED = 0.3
_PERSON = frozenset({"fullname", "first", "last"})


def with_names_of_nameless(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], schema: ObjectSchema
) -> list[Choice]:
    """
    Return the choices with a column of names in a list that has no header.

    It is the first one of two to four capitalised words, or else the first two neighbours of one
    such word each, most of them different. Two neighbours whose words come again in the email
    address of their row are first and last names.
    Where nothing else can name a row, the only column of different texts does.
    """
    found = list(choices)
    target = schema.field_of("fullname")
    if target is None or not are_nameless(one.column for one in choices):
        return found
    samples = _different(samples)
    known = [_filled(values) for one, values in zip(choices, samples, strict=True) if one.field]
    least = max(known, default=len(samples[0])) / 2
    free = [
        at
        for at, one in enumerate(choices)
        if one.field is None and not one.sensitive and _filled(samples[at]) >= least
    ]
    emails = next(
        (samples[at] for at, one in enumerate(choices) if one.field in fields_of_kind("email")), ()
    )
    values = {at: samples[at] for at in free if not _is_place(at, samples)}
    pair = _pair_told_by(emails, values)
    whole = _whole(values, emails) if pair is None else None
    if whole is None and pair is None:
        single = [at for at in values if _are_names(samples[at], 1)]
        pair = next((at for at in single if at + 1 in single), None)
    if whole is None and pair is None and not any(one.field for one in choices):
        texts = [at for at in free if _are_texts(samples[at])]
        whole = texts[0] if len(texts) == 1 else None
    reason = Message("a list without a header, and its values look like names")
    roles = [(whole, "")] if pair is None else [(pair, "first"), (pair + 1, "last")]
    if pair is not None and is_last_first(samples[pair], samples[pair + 1], emails):
        roles = [(pair, "last"), (pair + 1, "first")]
    for at, role in roles:
        if at is not None:
            field = (schema.field_of(role) or target) if role else target
            choice = replace(found[at], field=field, score=LIKELY, reason=reason)
            found[at] = replace(choice, role=role) if role else choice
    return found


def are_nameless(columns: Iterable[str]) -> bool:
    """Return whether a list has no header, so that the reader has numbered its columns."""
    return all(map(_NAMELESS.fullmatch, columns))


def _different(samples: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Return the columns of the rows that are different: some lists have each row many times."""
    if len(set(map(len, samples))) != 1:  # some values of each column, not those of rows
        return list(samples)
    rows = list(dict.fromkeys(zip(*samples, strict=True)))
    return list(map(list, zip(*rows, strict=True))) if rows else list(samples)


def _pair_told_by(emails: Sequence[str], values: Mapping[int, Sequence[str]]) -> int | None:
    """
    Return the first of two neighbours whose words come again in the email addresses of their rows.

    Where it has one word in each row, as first names have, it may be the only one of the two.
    """
    told = {at for at, texts in values.items() if are_told(texts, emails)}
    for at in sorted(told):
        following = values.get(at + 1, ())
        if at + 1 in told or (_are_names(values[at], 1) and _are_like_names(following)):
            return at
    return None


def _whole(values: Mapping[int, Sequence[str]], emails: Sequence[str]) -> int | None:
    """Return the column of whole names: by their capitals, or told by the addresses."""
    tests = (
        lambda one: _are_names(one, 2),
        _are_whole_last,
        lambda one: are_told(one, emails) and _are_names(list(map(str.title, one)), 2),
    )
    return next((at for test in tests for at, one in values.items() if test(one)), None)


def _is_place(at: int, samples: Sequence[Sequence[str]]) -> bool:
    """Return whether a column is a town: streets are before it, or states and post codes behind."""
    behind = samples[at + 1 : at + 3]
    if len(behind) > 1 and _are_like(_STATE, behind[0]) and _are_like(_POST_CODE, behind[1]):
        return True
    before = {text.strip() for text in samples[at - 1] if text.strip()} if at else set()
    differ = len(before) >= _MOSTLY_DIFFERENT * _filled(samples[at - 1])
    return differ and _are_like(_STREET, sorted(before))


def _are_like(form: re.Pattern[str], values: Sequence[str]) -> bool:
    given = [text.strip() for text in values if text.strip()]
    fitting = sum(form.fullmatch(text) is not None for text in given)
    return bool(given) and fitting >= _CLEARLY * len(given)


def _filled(values: Sequence[str]) -> int:
    return sum(1 for text in values if text.strip())


def are_told(values: Sequence[str], emails: Sequence[str]) -> bool:
    """Return whether values are names whose words often come again in the rows' addresses."""
    pairs = [
        (fold(text).split(), fold(email).partition("@")[0])
        for text, email in zip(values, emails, strict=False)
        if text.strip() and "@" in email
    ]
    again = sum(
        any(len(word) >= _TELLING and word in email for word in words) for words, email in pairs
    )
    share = _SOME if len(pairs) >= _FEWEST else _HALF
    written = list(map(str.title, values))  # the addresses tell, whatever letters are capitals
    return len(pairs) >= _VERY_FEW and again >= share * len(pairs) and _are_like_names(written)


def _are_like_names(values: Sequence[str]) -> bool:
    given = [text for text in values if text.strip()]
    fitting = sum(_is_name(text, 1, _MOST_WORDS) for text in given)
    return bool(given) and fitting >= _CLEARLY * len(given)


def _are_whole_last(values: Sequence[str]) -> bool:
    """Return whether values are names with the last one first: `Muster, Anna (Ann)`."""
    given = [_NICKNAME.sub("", text.strip()) for text in values if text.strip()]
    parts = [text.split(",") for text in given if text.count(",") == 1]
    fitting = sum(all(_is_name(part.strip(), 1, _MOST_WORDS) for part in pair) for pair in parts)
    return len(given) >= _FEWEST and fitting >= _CLEARLY * len(given)


def _are_texts(values: Sequence[str]) -> bool:
    """Return whether values are short texts with letters, nearly all different."""
    given = [text.strip() for text in values if text.strip()]
    fitting = sum(any(map(str.isalpha, text)) and len(text) <= _LONGEST_TEXT for text in given)
    return (
        len(given) >= _FEWEST
        and fitting >= _CLEARLY * len(given)
        and len({*given}) >= _MOSTLY_DIFFERENT * len(given)
    )


def _are_titles(values: Sequence[str]) -> bool:
    """Return whether values are different texts that begin with a capital and have few digits."""
    given = [text.strip() for text in values if text.strip()]
    plain = sum(not any(map(str.isdigit, text)) and text[0].isalpha() for text in given)
    capitals = sum(not text[0].islower() for text in given)
    several = sum(" " in text for text in given)
    return _are_texts(values) and (
        min(plain, capitals) >= _CLEARLY * len(given) and several >= _HALF * len(given)
    )


def _are_names(values: Sequence[str], words: int) -> bool:
    given = [text.strip() for text in values if text.strip()]
    fitting = sum(_is_name(text, words) for text in given)
    different = len({*given})
    return bool(given) and (
        fitting >= _CLEARLY * len(given)
        and different >= min(len(given), max(2, _DIFFERENT * len(given)))
    )


def _is_name(text: str, fewest: int, most: int | None = None) -> bool:
    parts = text.split()
    most = most or (_MOST_WORDS if fewest > 1 else 1)
    small = sum(part in load_words("people", "small_particles") for part in parts)
    return (
        fewest <= len(parts) <= most + small
        and len(text) <= _LONGEST
        and all(map(_WORD.fullmatch, parts))
        and not parts[0].islower()
    )


def with_names_by_values(
    choices: Sequence[Choice],
    could_be: Sequence[bool],
    called: Sequence[bool],
    samples: Sequence[Sequence[str]],
    schema: ObjectSchema,
) -> list[Choice]:
    """
    Return the choices with a column of whole names under a header that nobody knows.

    Only where no other column is a name, and one column alone, of those that `could_be` one, has
    values of two to four capitalised words, nearly all different, or names with the last one first
    (`Muster, Anna`), or where it is `called` a name with an unknown word (`Ansprech Name`), of one
    to four words.
    """
    found = list(choices)
    target = schema.field_of("fullname")
    named = {one.field for one in choices} & schema.fields_of(_PERSON)
    if target is None or named:
        return found
    free = [
        at
        for at, one in enumerate(choices)
        if could_be[at] and one.field is None and not one.sensitive and not one.of_other
    ]
    likely = [at for at in free if called[at] and _are_called_names(samples[at])]
    likely = likely or [
        at for at in free if _are_whole(samples[at]) or _are_whole_last(samples[at])
    ]
    if len(likely) == 1:
        reason = Message("the header does not say so, but the values look like names of people")
        found[likely[0]] = replace(found[likely[0]], field=target, score=LIKELY, reason=reason)
    return found


def with_last_beside_first(
    choices: Sequence[Choice],
    could_be: Sequence[bool],
    samples: Sequence[Sequence[str]],
    schema: ObjectSchema,
) -> list[Choice]:
    """
    Return the choices of a contact list with a last name next to a first one that stands alone.

    It is the column behind that of the first names, if it `could_be` one, has one or two words in
    nearly all rows, and most of them are different.
    """
    found = list(choices)
    first = [at for at, one in enumerate(choices) if one.field == schema.field_of("first")]
    named = {one.field for one in choices} & schema.fields_of(_PERSON - {"first"})
    if schema.name != "contact" or len(first) != 1 or named or first[0] + 1 == len(choices):
        return found
    at = first[0] + 1
    if not could_be[at] or found[at].field is not None or found[at].sensitive:
        return found
    given = [text.strip() for text in samples[at] if text.strip()]
    fitting = sum(_is_name(text, 1, 2) for text in given)
    if (
        len(given) >= max(_FEWEST, _CLEARLY * _filled(samples[first[0]]))
        and fitting >= _CLEARLY * len(given)
        and len({*given}) >= _HALF * len(given)
    ):
        reason = Message("beside the first names, and its values look like last names")
        found[at] = replace(
            found[at], field=schema.field_of("last"), score=LIKELY, hedged=True, reason=reason
        )
    return found


def with_fullest_words(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], schema: ObjectSchema
) -> list[Choice]:
    """
    Return the choices with a name offered where no column has the names of the people.

    It is the fullest column of words, most of them different; a person has to decide. In a list
    without a header there is nothing to read there, so it is likely; there it may also be the first
    column of different titles, as those of companies.
    """
    found = list(choices)
    target = schema.field_of("fullname")
    named = schema.fields_of(_PERSON | {"company"})
    if target is None or any(one.field in named for one in choices):
        return found
    is_nameless = are_nameless(one.column for one in choices)
    free = [
        at
        for at, one in enumerate(choices)
        if one.field is None
        and not (one.sensitive or one.of_other or _is_place(at, samples))
        and len(samples[at]) >= _VERY_FEW
    ]
    words = [at for at in free if _are_called_names(samples[at])]
    if is_nameless and not words:
        words = [at for at in free if _are_titles(samples[at])][:1]
    if words:
        fullest = max(words, key=lambda at: _filled(samples[at]))
        reason = Message(
            "no column is called a name, and this one is the fullest of different words"
        )
        found[fullest] = replace(
            found[fullest], field=target, score=LIKELY if is_nameless else _OFFERED, reason=reason
        )
    return found


def _are_whole(values: Sequence[str]) -> bool:
    given = [text.strip() for text in values if text.strip()]
    fitting = sum(_is_name(text, 2) and _is_capitalised(text) for text in given)
    return len(given) >= _FEWEST and (
        fitting >= _CLEARLY * len(given) and len({*given}) >= _MOSTLY_DIFFERENT * len(given)
    )


def _are_called_names(values: Sequence[str]) -> bool:
    """Return whether values are words without digits, at least half of them different."""
    given = [text.strip() for text in values if text.strip()]
    different = len({*given}) >= _HALF * len(given)
    return different and _are_like_names(values) and not _are_like(_LETTERS, values)


def _is_capitalised(text: str) -> bool:
    """
    Return whether each word has a capital, but for particles such as `van` and `de`.

    So have all words of scripts without small letters.
    """
    words = text.split()
    capitals = sum(not word[0].islower() for word in words)
    rest = [word for word in words if word[0].islower()]
    return capitals > 1 and all(len(word) <= _PARTICLE for word in rest)


_LOOKED_AT, _FEWEST_TOLD, _TIMES_AS_MANY = 500, 2, 2


def is_last_first(left: Sequence[str], right: Sequence[str], emails: Sequence[str]) -> bool:
    """
    Return whether of two columns of names the right one has the first names.

    Email addresses show it, as most are written `first.last@` or `flast@`; else the column that
    has at least twice as many frequent first names as the other.
    """
    rows = list(islice(dict.fromkeys(zip(left, right, strict=True)), _LOOKED_AT))
    told = [_told(one, other, email) for one, other, email in zip(left, right, emails)]  # noqa: B905
    votes = sum(told)
    if abs(votes) >= _FEWEST_TOLD:
        return votes < 0
    given = [sum(_is_given(row[at]) for row in rows) for at in (0, 1)]
    return given[1] >= max(_FEWEST_TOLD, _TIMES_AS_MANY * given[0] + 1)


def _told(left: str, right: str, email: str) -> int:
    """Return 1 if an address has the left name first, -1 if the right one, 0 if neither."""
    local = fold(email).partition("@")[0]
    one, other = (fold(text).replace(" ", "") for text in (left, right))
    if "@" not in email or not one or not other:
        return 0
    forward = local.startswith((f"{one}.", f"{one}_", f"{one[0]}.{other}", f"{one[0]}{other}"))
    back = local.startswith((f"{other}.", f"{other}_", f"{other[0]}.{one}", f"{other[0]}{one}"))
    return int(forward) - int(back)


def _is_given(text: str) -> bool:
    words = fold(text).split()
    return bool(words) and words[0] in folded_words("people", "first_names")


_CLEARLY_COMPANIES, _HARDLY_COMPANIES = 0.1, 0.02
_WHOLE = frozenset({"fullname", "name"})


def is_company(text: str) -> bool:
    """Return whether a name has a legal form, or another word that no person's name has."""
    forms, short = _forms()
    return bool(forms.search(text) or short.search(text.strip()))


@cache
def _forms() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of legal forms in any case, and of those known by their capitals."""
    table = load_table("companies")
    words, inside = ("|".join(table[key]) for key in ("words", "inside"))
    behind, before = ("|".join(table[key].split()) for key in ("behind", "before"))
    return (
        re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])|{inside}", re.IGNORECASE),
        re.compile(rf"(?<=\s)(?:{behind})\.?$|^(?:{before})\.? "),
    )


def with_companies(
    choices: Sequence[Choice], parsed: Sequence[Parsed], samples: Sequence[Sequence[str]]
) -> list[Choice]:
    """
    Return the choices of a contact list with a column of companies' names as the company.

    Only where two columns could be the whole name, no other column is the company, and one has
    legal forms in a tenth of its values: `Customer` = `Anna's Garden LLC` beside `Full Name`. Or
    where the email addresses have the names of one, such as `Contact person`, and not those of the
    other one, whose header is a word for customers.
    """
    found = list(choices)
    names = [at for at, one in enumerate(found) if one.field == "name" and one.role in _WHOLE]
    if any(one.field == "company" for one in found) or len(names) < 2:
        return found
    emails = next((samples[at] for at, one in enumerate(found) if one.field == "email"), ())
    told = {at for at in names if are_told(samples[at], emails)}
    clients = [at for at in names if at not in told and "customer" in parsed[at].meanings]
    if len(names) == 2 and told and clients:
        reason = Message(
            "the email addresses have the names of %(column)s, not of these",
            column=found[min(told)].column,
        )
        client = replace(found[clients[0]], field="company", role=None, score=LIKELY)
        found[clients[0]] = replace(client, reason=reason)
        return found
    shares = {at: _share(samples[at]) for at in names}
    most = max(names, key=lambda at: shares[at])
    others = [at for at in names if at != most]
    if shares[most] >= _CLEARLY_COMPANIES and all(shares[at] <= _HARDLY_COMPANIES for at in others):
        reason = Message("its values are names of companies, beside another column of names")
        score = min(max(found[most].score, LIKELY), 0.9)
        found[most] = replace(found[most], field="company", role=None, score=score, reason=reason)
    return found


def _share(values: Sequence[str]) -> float:
    given = [text for text in values[:_LOOKED_AT] if text.strip()]
    return sum(map(is_company, given)) / len(given) if given else 0.0
