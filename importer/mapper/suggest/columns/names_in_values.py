"""Finds names of people and of companies by their values, where headers do not say which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from importer.core.locale.message import Message, joined
from importer.core.objects import PEOPLE
from importer.mapper.data import load_table, load_words
from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.schema.object_schema import fields_of_kind
from importer.mapper.suggest.columns.choice import LIKELY, PERSON, UNSURE, VAGUE, Choice, Columns
from importer.mapper.suggest.columns.context import without_names
from importer.mapper.suggest.columns.headers import is_of_delivery, parties_in
from importer.mapper.suggest.nulls import given, is_null, share
from importer.mapper.values.texts import fold, folded_words

_WORD = re.compile(r"[^\W\d_][^\W\d_.'\u2019-]*\.?(?:['\u2019-][^\W\d_]+)*")
_NICKNAME = re.compile(r" *\([^()]*\)$")
_CLEARLY, _DIFFERENT, _SOME = 0.8, 0.4, 0.2
_MOST_WORDS, _LONGEST = 4, 40
_LONGEST_TEXT, _TELLING, _VERY_FEW, _HALF = 80, 3, 3, 0.5
_FEWEST, _MOSTLY_DIFFERENT, _PARTICLE = 5, 0.8, 3
_LOOKED_AT = 500
_SEVERAL = 0.1
_LAST = frozenset({"last", "final"})
_OWNERS = frozenset({"owner", "name"})
_PARTS = PERSON | {"name"}


def find_whole_names(columns: Columns) -> None:
    """
    Choose a column as the whole name if its values hold those of another column of names.

    `Name` = `Anna Muster` beside `Surname` = `Muster` is the whole name, whatever its header says:
    put before the surname it would double it.
    """
    target, values = columns.schema.field_of("fullname"), columns.values
    if target is None:
        return
    places = [
        at
        for at, one in enumerate(columns.choices)
        if one.role in _PARTS and one.confidence != "unsure"
    ]
    for whole in places:
        part = next((at for at in places if _holds(values[whole], values[at])), None)
        if part is not None and columns.choices[whole].role != "fullname":
            reason = Message(
                "its values hold those of %(column)s: whole names",
                column=columns.choices[part].column,
            )
            score = min(columns.choices[whole].score, 0.94)
            columns.choose(whole, target, reason, role="fullname", score=score)
    wholes = [at for at in columns.of({target}) if columns.choices[at].role == "fullname"]
    for at in columns.of({target}) if wholes and columns.schema.name != "contact" else ():
        if columns.choices[at].role in _PARTS - {"fullname"}:
            column = columns.choices[wholes[0]].column
            columns.drop(at, Message("part of the whole name in %(column)s", column=column))


def leave_out_other_names(columns: Columns) -> None:
    """
    Leave out names that are mostly not those in the columns of first and last names.

    They are titles of leads, or aliases; with legal forms they are companies, as in Xero, and so
    are customers. Names in Arabic beside others in Latin letters cannot be compared.
    """
    roles = [one.role if one.field else None for one in columns.choices]
    if roles.count("first") != 1 or roles.count("last") != 1:
        return
    people = zip(*(columns.values[roles.index(one)] for one in ("first", "last")), strict=False)
    parts = [{*fold(" ".join(pair)).split()} if all(pair) else set() for pair in people]
    for at in columns.of({columns.schema.field_of("fullname")}):
        values = columns.values[at][:_LOOKED_AT]
        pairs = [(one, {*fold(text).split()}) for one, text in zip(parts, values, strict=False)]
        agree = [
            one <= other
            for one, other in pairs
            if one and other and "".join(one).isascii() == "".join(other).isascii()
        ]
        if roles[at] not in _WHOLE or not agree or sum(agree) >= _HALF * len(agree):
            continue
        reason = Message("its values are not the names in the columns of first and last names")
        is_free = "company" in columns.schema.fields and not columns.of({"company"})
        is_customer = "customer" in columns.parsed[at].meanings
        if is_free and (is_customer or share(is_company, values) >= _CLEARLY_COMPANIES):
            columns.choose(at, "company", reason, role=None)
        elif len(agree) >= _VERY_FEW:
            columns.drop(at, reason)


def find_first_names(columns: Columns) -> None:
    """
    Choose a column as first names if its header says both, and its values are one word.

    `Name Vorname` means whole names. Beside `Nachname` it has only the first ones, as where both
    are below `Name` in a header of two rows.
    """
    roles = [one.role if one.field else None for one in columns.choices]
    if roles.count("fullname") != 1 or "first" in roles or "last" not in roles:
        return
    at = roles.index("fullname")
    words = tokenize(columns.choices[at].column)
    if not any("first" in load_vocabulary().parse(one, {}, "").meanings for one in words):
        return
    names = given(columns.values[at])[:_LOOKED_AT]
    target = columns.schema.field_of("first") or columns.choices[at].field
    if share(lambda one: len(one.split()) == 1, names) >= _CLEARLY:
        reason = Message("beside last names, and its values are one word: first names")
        columns.choose(at, target, reason, role="first")


def _holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    """Return whether most values of a column are those of another one with more words."""
    pairs = [
        (fold(one).split(), fold(other).split())
        for one, other in zip(whole[:_LOOKED_AT], part[:_LOOKED_AT], strict=False)
        if one.strip() and other.strip()
    ]
    holding = sum(
        len(one) > len(other) and other in (one[-len(other) :], one[: len(other)])
        for one, other in pairs
    )
    return holding > _HALF * len(pairs)


_TITLED = frozenset({"first", "last", "byname", "title", "job_title"})
_JOBS = frozenset({"title", "job_title"})


def without_titles(choice: Choice, values: Sequence[str]) -> Choice:
    """
    Return a choice without its field if the values are titles, or what people are to others.

    So it is whatever the header says: `اللقب` = `سعادة` is no last name, and `Position` = `Mrs`,
    `Position` = `Married` and `Role` = `subscriber` are no jobs. `Occupation` = `Doctor` is one.
    """
    texts = [text for text in given(values)[:_LOOKED_AT] if not is_null(text)]
    is_job = choice.role in _JOBS or choice.field == "job_title"
    if not (choice.role in _TITLED or is_job) or not texts:
        return choice
    is_title = choice.role == "title"
    may_be_jobs = is_job and not is_title
    are_only_forms = share(_is_only_a_form_of_address, texts) >= 1 - _CLEARLY
    are_forms = share(_is_form_of_address, texts) >= (_HALF if is_title else _CLEARLY)
    if are_forms and (are_only_forms or not may_be_jobs):
        return replace(choice, role=None).drop(Message("its values are forms of address"))
    if is_job and share(_is_no_job, texts) >= _HALF:
        why = Message("its values say what people are to others, not what they do")
        return replace(choice, role=None).drop(why)
    return choice


def decide_titles(columns: Columns) -> None:
    """Decide what `Title` is on a contact list: `Director` is a job."""
    choices = columns.choices
    if any(one.field == "job_title" and one.role != "title" for one in choices):
        return
    for at, values in enumerate(columns.values):
        texts = [text for text in given(values)[:_LOOKED_AT] if not is_null(text)]
        if choices[at].role == "title" and share(_has_letters, texts) >= _HALF:
            reason = Message("its values are no forms of address, so they are job titles")
            columns.choose(at, "job_title", reason)


def _is_form_of_address(text: str) -> bool:
    words = fold(text).replace("/", " ").split()
    return all(word.strip(".") in folded_words("people", "forms_of_address") for word in words)


def _is_only_a_form_of_address(text: str) -> bool:
    return _is_form_of_address(text) and fold(text) not in folded_words("people", "forms_and_jobs")


def _is_no_job(text: str) -> bool:
    return fold(text) in folded_words("people", "no_jobs")


def find_names(columns: Columns) -> None:
    """
    Choose a column of names where no header says which one it is.

    In a list without a header it is the first one of two to four capitalised words, or else the
    first two neighbours of one such word each, most of them different. Where nothing else can name
    a row, it is the only column of different texts, or the first of different words or titles.

    Below a header that nobody knows it is the only column with values of two to four capitalised
    words, nearly all different, with names whose last one is first (`Muster, Anna`), or with words
    of any kind if it is called a name (`Ansprech Name`).
    """
    target = columns.schema.field_of("fullname")
    if target is None:
        return
    if columns.are_nameless:
        _find_in_nameless(columns, target)
    elif not columns.of(columns.schema.fields_of(PERSON)):
        likely = [at for at in columns.free() if _could_be_name(columns, at)]
        if len(likely) == 1:
            reason = Message("the header does not say so, but the values look like names of people")
            columns.choose(likely[0], target, reason)
        elif not likely and columns.schema.name in PEOPLE and not columns.of({"company"}):
            _find_owners(columns, target)


def _find_owners(columns: Columns, target: str) -> None:
    """Choose `Owner` as the name where nothing else can be, and each row has another one."""
    owners = [
        at
        for at, meant in enumerate(columns.parsed)
        if {"owner"} <= meant.meanings <= _OWNERS and not meant.unknown
    ]
    for at in owners:
        values = columns.values[at]
        if len(given(values)) >= _FEWEST and _differ(values) and _are_names(values, 2):
            reason = Message("no other column has names, and each row has another owner")
            columns.choose(at, target, reason, role="fullname", hedged=True, of_other=False)
            column = columns.choices[at].column
            for other in owners:
                if other != at and "name" in columns.parsed[other].meanings:
                    text = "%(column)s fits %(field)s better"
                    columns.drop(other, Message(text, column=column, field=target))
            return


def _could_be_name(columns: Columns, at: int) -> bool:
    meant, values = columns.parsed[at], columns.values[at]
    if not meant.unknown or not meant.meanings <= VAGUE:
        return False
    is_called = "name" in meant.meanings and are_words(values)
    return is_called or _are_whole(values) or _are_whole_last(values)


def may_be_names(header: str, values: Sequence[str]) -> bool:
    """
    Return whether a person may want to map a column to a name.

    >>> may_be_names("Rang up", ["Ann Muster", "Ben"]), may_be_names("City", ["Ajman", "Dubai"])
    (True, False)
    """
    meant = load_vocabulary().parse(header, {}, "").meanings
    return meant <= VAGUE | _PARTS | _OWNERS and are_words(values)


def are_words(values: Sequence[str]) -> bool:
    """Return whether values are words without digits, at least half of them different."""
    return _differ(values, _HALF) and _are_like_names(values)


def _find_in_nameless(columns: Columns, target: str) -> None:
    schema, choices, samples = columns.schema, columns.choices, columns.values
    filled = [len(given(values)) for values in samples]
    known = [count for count, one in zip(filled, choices, strict=True) if one.field]
    least = max(known, default=len(samples[0])) / 2
    values = {at: samples[at] for at in columns.free() if filled[at] >= least}
    emails = next((samples[at] for at in columns.of(fields_of_kind("email"))), ())
    pair, whole = None, _whole(values, emails)
    if whole is None:
        single = [at for at in values if _are_names(samples[at], 1)]
        pair = next((at for at in single if at + 1 in single), None)
    if whole is None and pair is None:
        texts = [at for at in values if _are_texts(samples[at])]
        if len(texts) != 1 or known:
            texts = [
                at for at in values if len(samples[at]) >= _VERY_FEW and are_words(samples[at])
            ]
            texts = texts or [at for at in columns.free() if _are_titles(samples[at])]
        whole = next(iter(texts), None)
    reason = Message("a list without a header, and its values look like names")
    if whole is not None:
        columns.choose(whole, target, reason)
    elif pair is not None:
        is_turned = is_last_first(samples[pair], samples[pair + 1], emails)
        for at, role in ((pair + is_turned, "first"), (pair + (not is_turned), "last")):
            columns.choose(at, schema.field_of(role) or target, reason, role=role)


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _differ(values: Sequence[str], least: float = _MOSTLY_DIFFERENT) -> bool:
    """Return whether so many of the values are different, of which there must be one."""
    texts = given(values)
    return bool(texts) and len({*texts}) >= least * len(texts)


def _whole(values: Mapping[int, Sequence[str]], emails: Sequence[str]) -> int | None:
    """Return the column of whole names: by their capitals, or told by the addresses."""
    tests = (
        lambda one: _are_names(one, 2),
        _are_whole_last,
        lambda one: are_told(one, emails) and _are_names(list(map(str.title, one)), 2),
    )
    return next((at for test in tests for at, one in values.items() if test(one)), None)


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
    least = _SOME if len(pairs) >= _FEWEST else _HALF
    written = list(map(str.title, values))  # the addresses tell, whatever letters are capitals
    return len(pairs) >= _VERY_FEW and again >= least * len(pairs) and _are_like_names(written)


def _are_like_names(values: Sequence[str]) -> bool:
    return share(lambda text: _is_name(text, 1, _MOST_WORDS), values) >= _CLEARLY


def _are_whole_last(values: Sequence[str]) -> bool:
    """Return whether values are names with the last one first: `Muster, Anna (Ann)`."""
    texts = given(values)
    return len(texts) >= _FEWEST and share(_has_last_first, texts) >= _CLEARLY


def are_last_first(values: Sequence[str]) -> bool:
    """
    Return whether nearly all names have the last one before a comma; companies do not count.

    >>> are_last_first(["Muster, Anna", "Probe, Jan", "Acme, Inc"])
    True
    """
    people = [text for text in given(values)[:_LOOKED_AT] if not is_company(text)]
    forms = share(_has_last_first, [text[0].upper() + text[1:] for text in people])
    return len(people) > 1 and forms >= _CLEARLY


def says_last_first(header: str, values: Sequence[str]) -> bool:
    """
    Return whether a header of whole names says that the last one is first, and no value denies it.

    `Nom prénom` says so if more first names are second words than first ones.

    >>> says_last_first("Last/First", ["Rossi Giulia"]), says_last_first("Nome cognome", [])
    (True, False)
    """
    vocabulary = load_vocabulary()
    votes = vocabulary.languages([header])
    whole = vocabulary.parse(header, votes, "").meanings
    if "fullname" not in whole and ("first" not in whole or whole.isdisjoint(_LAST)):
        return False
    words = [vocabulary.parse(word, votes, "").meanings for word in tokenize(header)]
    last, first, name = (
        next((at for at, meant in enumerate(words) if meant & meanings), None)
        for meanings in (_LAST, {"first"}, {"name"})
    )
    given_name = name if first is None else first
    family = name if last is None else last
    if family is None or given_name is None or family >= given_name:
        return False
    texts = given(values)[:_LOOKED_AT]
    pairs = [pair for text in texts if len(pair := text.split()) == 2]
    front, behind = (sum(_is_given(pair[at]) for pair in pairs) for at in (0, 1))
    is_sure = behind >= front if last is not None else behind > front
    return is_sure and bool(pairs) and not any(map(is_company, texts))


def endings_of_companies(values: Sequence[str]) -> list[str]:
    """
    Return what names of companies have behind a comma.

    >>> endings_of_companies(["Muster, Anna", "Acme, Inc"])
    ['Inc']
    """
    texts = filter(is_company, given(values))
    return sorted({end.strip() for text in texts if (end := text.rpartition(",")[2]) != text})


def _has_last_first(text: str) -> bool:
    parts = _NICKNAME.sub("", text).split(",")
    return len(parts) == 2 and all(_is_name(part.strip(), 1, _MOST_WORDS) for part in parts)


def _are_texts(values: Sequence[str]) -> bool:
    """Return whether values are short texts with letters, nearly all different."""
    fitting = share(lambda text: _has_letters(text) and len(text) <= _LONGEST_TEXT, values)
    return len(given(values)) >= _FEWEST and fitting >= _CLEARLY and _differ(values)


def _are_titles(values: Sequence[str]) -> bool:
    """Return whether values are different texts that begin with a capital and have few digits."""
    plain = share(lambda text: text[0].isalpha() and not any(map(str.isdigit, text)), values)
    capitals = share(lambda text: not text[0].islower(), values)
    several = share(lambda text: " " in text, values)
    return _are_texts(values) and min(plain, capitals) >= _CLEARLY and several >= _HALF


def _are_names(values: Sequence[str], words: int) -> bool:
    texts = given(values)
    return share(lambda text: _is_name(text, words), texts) >= _CLEARLY and (
        len({*texts}) >= min(len(texts), max(2, _DIFFERENT * len(texts)))
    )


def _is_name(text: str, fewest: int, most: int | None = None) -> bool:
    # Vowels of Hindi are marks, which are no letters for a pattern.
    parts = "".join(one for one in text if unicodedata.category(one)[0] != "M").split()
    most = most or (_MOST_WORDS if fewest > 1 else 1)
    small = sum(part in load_words("people", "small_particles") for part in parts)
    return (
        fewest <= len(parts) <= most + small
        and len(text) <= _LONGEST
        and all(map(_WORD.fullmatch, parts))
        and not parts[0].islower()
    )


def _are_whole(values: Sequence[str]) -> bool:
    fitting = share(lambda text: _is_name(text, 2) and _is_capitalised(text), values)
    return len(given(values)) >= _FEWEST and fitting >= _CLEARLY and _differ(values)


def _is_capitalised(text: str) -> bool:
    """
    Return whether each word has a capital, but for particles such as `van` and `de`.

    So have all words of scripts without small letters.
    """
    words = text.split()
    capitals = sum(not word[0].islower() for word in words)
    rest = [word for word in words if word[0].islower()]
    return capitals > 1 and all(len(word) <= _PARTICLE for word in rest)


_FEWEST_TOLD, _TIMES_AS_MANY = 2, 2


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
    first = [sum(_is_given(row[at]) for row in rows) for at in (0, 1)]
    return first[1] >= max(_FEWEST_TOLD, _TIMES_AS_MANY * first[0] + 1)


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


def are_others(names: Sequence[str], sent: Sequence[Sequence[str]]) -> bool:
    """
    Return whether names are in some row another person's than those of the columns that are sent.

    >>> are_others(["Mr Ben Probe"], [["Ben"], ["Probe"]]), are_others(["Ann"], [["Ben"]])
    (False, True)
    """
    own = ({*fold(" ".join(row)).split()} for row in zip(*sent, strict=False))
    pairs = ((one, {*fold(other).split()}) for one, other in zip(own, names, strict=False))
    return any(one and two and not (one <= two or two <= one) for one, two in pairs)


def doubt_names(columns: Columns) -> None:
    """
    Let a person decide whose list it is, if another column has the names that some rows lack.

    `Tenant` has a name in some rows, and `Landlord`, which is left out, in more: whose number the
    rows have is known to neither.
    """
    names = columns.of(columns.schema.fields_of(PERSON))
    sent = [at for at in names if columns.choices[at].confidence != "unsure"]
    rows = [*zip(*(columns.values[at] for at in sent), strict=False)]
    own = [any(map(str.strip, row)) for row in rows]
    for at, (one, meant) in enumerate(zip(columns.choices, columns.parsed, strict=True)):
        pairs = zip(columns.values[at], own, strict=False)
        theirs = sum(not has_own for text, has_own in pairs if text.strip())
        if (
            one.field is None
            and not one.sensitive
            and (meant.unknown or not meant.meanings.isdisjoint(_PARTS))
            and theirs > _SEVERAL * len(own)
            and columns.looks[at].count > sum(own)
            and _are_names(columns.values[at], 2)
        ):
            why = Message(
                "some rows have no name in it, and one in %(column)s: map the one whose list it is",
                column=one.column,
            )
            for its in sent:
                columns.choose(its, columns.choices[its].field, why, score=UNSURE)
            columns.choices[at] = replace(one, of_other=False)
            return


def leave_out_recipients(columns: Columns) -> None:
    """Leave out numbers and addresses of deliveries, if these have other names in some rows."""
    names: dict[bool, list[Sequence[str]]] = {False: [], True: []}
    for one, meant, values in zip(columns.choices, columns.parsed, columns.values, strict=True):
        if not (meant.meanings.isdisjoint(_PARTS) or meant.unknown or one.of_other):
            names[is_of_delivery(one.column)].append(values)
    if len({*map(len, (*names[False], *names[True]))}) != 1:
        return  # samples of single columns, and not of rows
    theirs = [" ".join(row) for row in zip(*names[True], strict=True)]
    if are_others(theirs, names[False]):
        for at in columns.of(fields_of_kind("email") | fields_of_kind("phone")):
            if is_of_delivery(columns.choices[at].column):
                columns.leave_to_another(at)


def leave_out_owners(columns: Columns) -> None:
    """
    Leave out owners and sellers (`Vendeur`) beside tenants or buyers: they are no salespeople.

    A salesperson comes again: nearly every row has another owner.
    """
    parties = [parties_in(one.column) for one in columns.choices]
    for at in columns.of({"owner"}):
        owners = given(columns.values[at])
        is_beside = bool(parties[at]) and any(one - parties[at] for one in parties)
        if is_beside and len(owners) >= _FEWEST and _differ(owners) and _are_names(owners, 2):
            why = Message("nearly every row has another one: owners or sellers, and no salespeople")
            columns.leave_to_another(at, why)


def leave_out_people(columns: Columns) -> None:
    """
    Leave out customers that are people where the field is for companies, as that of a deal.

    Where nothing else says whose the deal is, they stay.
    """
    schema = columns.schema
    people = schema.field_of("fullname")
    emails = next((columns.values[at] for at in columns.of(fields_of_kind("email"))), ())
    if people is not None or not columns.of(fields_of_kind("email") | fields_of_kind("phone")):
        return
    for at in columns.of({schema.field_of("company")}):
        values = columns.values[at][:_LOOKED_AT]
        is_called_so = "customer" in columns.parsed[at].meanings
        if is_called_so and _are_people(values, emails):
            why = Message("its values are names of people, and no companies")
            columns.drop(at, joined([why, without_names(schema)]))


def _are_people(values: Sequence[str], emails: Sequence[str]) -> bool:
    """Return whether values are names of people: by the first names or the rows' addresses."""
    if share(is_company, values) > _HARDLY_COMPANIES or not _are_names(values, 2):
        return False
    firsts = share(lambda text: any(map(_is_given, text.split()[:1])), values)
    return firsts >= _SOME or are_told(values, emails)


def find_companies(columns: Columns) -> None:
    """
    Choose the company on a contact list where two columns could be the whole name.

    It is the one with legal forms in a tenth of its values: `Customer` = `Anna's Garden LLC` beside
    `Full Name`. Or the one below a word for customers, if the email addresses have the names of the
    other one, such as `Contact person`. No other column may be the company.
    """
    names = [at for at in columns.of({"name"}) if columns.choices[at].role in _WHOLE]
    if columns.schema.name != "contact" or columns.of({"company"}) or len(names) < 2:
        return
    emails = next((columns.values[at] for at in columns.of({"email"})), ())
    told = {at for at in names if are_told(columns.values[at], emails)}
    clients = [
        at
        for at in names
        if at not in told
        and "customer" in columns.parsed[at].meanings
        and not parties_in(columns.choices[at].column)
    ]
    shares = {at: share(is_company, columns.values[at][:_LOOKED_AT]) for at in names}
    most = max(names, key=lambda at: shares[at])
    others = [at for at in names if at != most]
    if len(names) == 2 and told and clients:
        reason = Message(
            "the email addresses have the names of %(column)s, not of these",
            column=columns.choices[min(told)].column,
        )
        columns.choose(clients[0], "company", reason, role=None)
    elif shares[most] >= _CLEARLY_COMPANIES and all(
        shares[at] <= _HARDLY_COMPANIES for at in others
    ):
        reason = Message("its values are names of companies, beside another column of names")
        score = min(max(columns.choices[most].score, LIKELY), 0.9)
        columns.choose(most, "company", reason, role=None, score=score)
