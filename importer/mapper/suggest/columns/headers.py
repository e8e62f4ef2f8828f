"""Finds what the headers of a list mean, and which role each column has by that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice, pairwise

from importer.core.objects import object_facts
from importer.mapper.data import load_lines, load_table, load_words
from importer.mapper.headers.names import without_type
from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import Parsed, load_vocabulary

_BOTH_NAMES = frozenset({"first", "last"})
_NAMES = _BOTH_NAMES | {"name", "fullname"}
_REACH = frozenset({"email", "phone", "mobile"})
# What columns of people have, and not whose it is.
_WHAT = _NAMES | _REACH | {"contact", "person", "number", "address", "reach", "id", "legal"}
_WHAT |= {"value", "type"}


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A header that has all the meanings in `needs`, and no others except those in `may`, is `role`.

    `weight` is 1.0 if nothing else could be meant, 0.7 if something else sometimes is, and 0.4 if
    it is a guess. With `numbered`, a header with a 2 is a second column of the same
    kind (`Phone 2`); without, it matches nothing (`Address 2`).
    """

    role: str
    needs: frozenset[str]
    may: frozenset[str]
    weight: float
    numbered: bool


@dataclass(frozen=True, slots=True)
class Match:
    """The role of a header, its score, and whether another column may fit the role better."""

    role: str
    weight: float
    hedged: bool


@cache
def rules_of(object_: str) -> tuple[Rule, ...]:
    """Return the rules of an object. Of those that fit, the one that needs the most words wins."""
    table = load_table("roles")
    facts = object_facts(object_)
    record, person = frozenset(facts.record_words.split()), frozenset(facts.person_words.split())
    sets = {
        "@record": record,
        "@person": person,
        "@person-only": person - record,
        "@places": frozenset(table["places"].split()),
        "-": frozenset[str](),
    }
    return tuple(
        Rule(
            role=role,
            needs=frozenset(needs.split()),
            may=frozenset().union(*(sets.get(word, {word}) for word in may.split())),
            weight=float(weight),
            numbered=times == "numbered",
        )
        for objects, role, needs, may, weight, times in load_lines("rules")
        if object_ in objects.split()
    )


def match_rule(parsed: Parsed, rules: tuple[Rule, ...]) -> Match | None:
    """Return the role of a header, or None if it has an unknown word or fits no rule."""
    if parsed.unknown or not parsed.meanings:
        return None
    fitting = [
        rule
        for rule in rules
        if rule.needs <= parsed.meanings and parsed.meanings - rule.needs <= rule.may
    ]
    if not fitting:
        return None
    rule = max(fitting, key=lambda one: (len(one.needs), one.weight))
    if parsed.ordinal > 1 and not rule.numbered:
        # The second line of an address is not a second address.
        return Match("line", rule.weight, hedged=True) if rule.role == "street" else None
    companions = parsed.meanings - rule.needs
    hedges = [at for at, one in enumerate(load_table("roles")["hedges"], 1) if one in companions]
    cost = 0.01 * sum(hedges) + 0.1 * (parsed.ordinal - 1)
    hedged = bool(hedges) or parsed.ordinal > 1 or parsed.place != ""
    return Match(rule.role, rule.weight - cost, hedged)


def are_names(cells: Sequence[str], object_: str) -> bool:
    """Return whether each cell of a row, at least two, is what columns of an object are called."""
    filled = [cell for cell in cells if cell.strip()]
    parsed = parse_headers(filled, object_) if len(filled) > 1 else ()
    return bool(parsed) and all(match_rule(one, rules_of(object_)) for one in parsed)


_OF_VCARDS = frozenset({"fn", "adr", "bday"})
_PARAMETERS = re.compile(r"[;,=]")


def plain_headers(columns: Sequence[str], object_: str) -> list[str]:
    """
    Return the headers as their list means them: those of contacts saved from phones in words.

    >>> plain_headers(["FN", "TEL;TYPE=CELL", "EMAIL;TYPE=INTERNET"], "contact")
    ['full name', 'phone cell', 'email']
    """
    plain = _of_first_people([*map(without_type, columns)], object_)
    plain = _with_senders(_without_container(plain))
    split = [_PARAMETERS.split(one.casefold()) for one in plain]
    found = {name for name, *_ in split} & _OF_VCARDS
    if len(found) < len(_OF_VCARDS) - 1 and not any(";TYPE=" in one for one in plain):
        return plain
    table = load_table("headers")["vcard"]
    names, known = table["names"], table["parameters"].split()
    return [
        " ".join([names[name], *(word for word in more if word in known)]) if name in names else one
        for one, (name, *more) in zip(plain, split, strict=True)
    ]


_IN_LIST = re.compile(r"(.+?)\.([0-9]+)\.(.+)")
_HAD = frozenset({"phone", "mobile", "email", "address", "name"})
_OF_A_PERSON = _BOTH_NAMES | _REACH | {"birthday"}


def lists_what_people_have(path: str) -> bool:
    """Return whether a list in JSON is called what a person may have several of: `phones`."""
    return any(not one.meanings.isdisjoint(_HAD) for one in _called(path))


def lists_people(path: str) -> bool:
    """Return whether a list in JSON is called after people: `contacts`, `customers`."""
    called = _called(path)[1:]
    return any(one.meanings and one.meanings <= _PERSONS and not one.unknown for one in called)


@lru_cache(maxsize=1024)
def _called(path: str) -> tuple[Parsed, ...]:
    """Return what the path of a list means, its last name, and that in the singular."""
    name = path.rpartition(".")[2]
    return tuple(
        load_vocabulary().parse(one, {}, "") for one in (path, name, name.removesuffix("s"))
    )


def _of_first_people(columns: Sequence[str], object_: str) -> Sequence[str]:
    """
    Return the headers with the people that JSON has in a list as the row's person, or as others.

    The first one is the row's, unless a column outside the list reaches or describes a person. A
    name outside is that of their company then.

    >>> _of_first_people(["name", "contacts.0.name", "contacts.1.name"], "contact")
    ['company', 'contact name', 'contact 2 name']
    """
    found = {one: match for one in columns if (match := _IN_LIST.fullmatch(one))}
    found = {one: match for one, match in found.items() if lists_people(match[1])}
    if not any(_role(match[3], "contact") in _NAMES for match in found.values()):
        return columns
    outside = {one: _role(one, object_) for one in columns if one not in found}
    is_own = _OF_A_PERSON.isdisjoint(outside.values())

    def header(column: str) -> str:
        if column in outside:
            is_company = is_own and outside[column] in {"name", "fullname"}
            return "company" if is_company else column
        _, at, name = found[column].groups()
        return f"contact {name}" if is_own and at == "0" else f"contact 2 {name}"

    return [*map(header, columns)]


def _without_container(columns: Sequence[str]) -> Sequence[str]:
    """Return the headers without the object that has the name, if none outside it is a name."""

    def has_name(headers: Sequence[str]) -> bool:
        parsed = (load_vocabulary().parse(one, {}, "") for one in headers)
        return any(_NAMES & one.meanings and not one.unknown for one in parsed)

    for prefix in (f"{one}." for one in load_words("headers", "containers")):
        inside = [one.removeprefix(prefix) for one in columns if one.startswith(prefix)]
        if has_name(inside) and not has_name(
            [one for one in columns if not one.startswith(prefix)]
        ):
            return [one.removeprefix(prefix) for one in columns]
    return columns


def _with_senders(columns: Sequence[str]) -> list[str]:
    """Return the headers with `From` as the sender, where another one is `From Email`."""
    split = list(map(tokenize, columns))
    vocabulary, senders = load_vocabulary(), load_words("headers", "senders")
    found = {
        words[0]
        for words in split
        if senders.issuperset(words[:1])
        and words[:1] in split
        and vocabulary.parse(" ".join(words[1:]), {}, "") == Parsed(frozenset({"email"}))
    }
    return [
        " ".join(["sender", *words[1:]]) if found.intersection(words[:1]) else column
        for column, words in zip(columns, split, strict=True)
    ]


_SHARED, _FEWEST = 0.6, 3
_PREFIX = re.compile(r"(.{1,40}?)(?: - |: ?|\.|_| +|/)(?=\S)")
_BRACKETS = re.compile(r"[ _]*[(\[{][^)\]}]*[)\]}]")
_EMPHASIS = re.compile(r"\*+([^*]+)\*+")
_QUESTION = re.compile(r"([^.!?\u061f\uff1f]+)[?\u061f\uff1f]")


def parse_headers(columns: Sequence[str], object_: str) -> list[Parsed]:
    """
    Return what each header means.

    A header that has no meaning is read again without what is in brackets or behind an "or", and
    without a beginning that most columns share: `CON_Last_Name`, `Person - Name`. A short beginning
    of the columns of one address only says which address it is: `PO City`. Of `person.last` beside
    `person.first` the last word alone is read. Of a question of a form it is what the form
    emphasises (`What's your *first name*?`), or all but the words that questions are made of.
    """
    vocabulary, rules = load_vocabulary(), rules_of(object_)
    votes = vocabulary.languages(columns)
    shared = _shared(columns)

    def parse(column: str) -> Parsed:
        first = vocabulary.parse(column, votes, object_)
        if match_rule(first, rules) is not None:
            return first
        others = (vocabulary.parse(text, votes, object_) for text in _shorter(column, shared))
        known = [one for one in others if one.meanings and not one.unknown]
        found = next((one for one in known if match_rule(one, rules)), None)
        return found or _part_of_a_name(column, columns, votes, object_) or first

    return _with_places(columns, [parse(column) for column in columns], rules)


_PARTS_OF_ADDRESSES = frozenset(
    {"street", "line", "house", "suburb", "area", "city", "state", "postal", "country"}
)
_LONGEST_BEGINNING = 3


def _with_places(
    columns: Sequence[str], parsed: Sequence[Parsed], rules: tuple[Rule, ...]
) -> list[Parsed]:
    """
    Return what headers mean, with the unknown beginning that those of an address share as a place.

    `POStreet`, `POCity` and `PORegion` have another place than `SAStreet`, `SACity` and `SARegion`,
    so that two addresses are not mixed.
    """
    addresses: dict[str, dict[int, Parsed]] = {}
    for at, (column, meant) in enumerate(zip(columns, parsed, strict=True)):
        begins = tokenize(column)[:1]
        if meant.unknown != begins or len("".join(begins)) > _LONGEST_BEGINNING:
            continue
        known = replace(meant, unknown=())
        match = match_rule(known, rules)
        if match is not None and match.role in _PARTS_OF_ADDRESSES:
            addresses.setdefault(begins[0], {})[at] = known
    found = list(parsed)
    for place, address in addresses.items():
        meanings = {word for known in address.values() for word in known.meanings}
        if len(meanings) >= _FEWEST:
            for at, known in address.items():
                found[at] = replace(known, place=place)
    return found


def _shared(columns: Sequence[str]) -> list[str]:
    """
    Return the beginnings that most columns share.

    Where there is none, a beginning of some columns will do that hold a person's name and what
    reaches that person: the first such person is the row's.
    """
    starts = Counter(match[0] for one in columns if (match := _PREFIX.match(one)))
    least = max(_FEWEST, _SHARED * len(columns))
    common = [text for text, count in starts.items() if count >= least]
    persons = (text for text, count in starts.items() if count >= _FEWEST)
    return common or [*islice((text for text in persons if _is_of_a_person(text, columns)), 1)]


def _is_of_a_person(prefix: str, columns: Sequence[str]) -> bool:
    """Return whether the columns with a prefix include a name and contact details."""
    vocabulary = load_vocabulary()
    ends = [one.removeprefix(prefix) for one in columns if one.startswith(prefix)]
    meant = {word for end in ends for word in vocabulary.parse(end, {}, "").meanings}
    return bool(meant & _NAMES) and bool(meant & _REACH)


def _part_of_a_name(
    column: str, columns: Sequence[str], votes: Mapping[str, float], object_: str
) -> Parsed | None:
    """
    Return what the last word of a header means, if it is the first or the last name of a person.

    The words before it have to say whose it is, and another column the other name of that person.
    """
    vocabulary, rules = load_vocabulary(), rules_of(object_)

    def split(header: str) -> tuple[Sequence[str], Parsed, str | None]:
        *whose, part = tokenize(header) or ("",)
        parsed = vocabulary.parse(part, votes, object_)
        match = match_rule(parsed, rules)
        return whose, parsed, match.role if match else None

    whose, found, role = split(column)
    if role not in _BOTH_NAMES:
        return None
    owner = vocabulary.parse(" ".join(whose), votes, object_)
    if not owner.meanings or not owner.meanings <= _PERSONS or owner.unknown:
        return None
    others = {(*of, theirs) for of, _, theirs in map(split, columns)}
    return found if any((*whose, one) in others for one in _BOTH_NAMES - {role}) else None


def _shorter(column: str, shared: Sequence[str]) -> Iterator[str]:
    texts = [column, _BRACKETS.sub("", column).strip(), *_EMPHASIS.findall(column)]
    texts += [_asked(column), _alternatives().split(column)[0]]
    texts += [text.removeprefix(one) for text in texts for one in shared if text.startswith(one)]
    yield from (text for text in dict.fromkeys(texts) if text not in {"", column})


@cache
def _alternatives() -> re.Pattern[str]:
    words = "|".join(load_words("headers", "alternatives"))
    return re.compile(f" (?:{words}) ", re.IGNORECASE)


def _asked(header: str) -> str:
    """
    Return what the last question in a header asks for, or "" if it is answered with yes or no.

    >>> _asked("Which city do you live in?"), _asked("Do you live in the city?")
    ('city', '')
    """
    questions = _QUESTION.findall(header)
    words = tokenize(questions[-1]) if questions else ()
    if not words or words[0] in load_words("headers", "yes_or_no"):
        return ""
    made_of = load_words("headers", "questions") | load_words("headers", "yes_or_no")
    return " ".join(word for word in words if word not in made_of)


_PERSONS = frozenset({"contact", "customer", "person", "lead"})
# On lists of these, whoever asks for something is another person than the row's, if there is one.
_NOT_OF_REQUESTS = frozenset({"contact", "lead", "appointment"})
_FIRST_ORDINAL = {"0", "1", "01"}
_POSSESSIVE = "s"


def headers_of_the_row(columns: Sequence[str], object_: str) -> list[str]:
    """
    Return the headers without the word for a person whom the rows themselves are about.

    Where only `Parent Name`, `Parent Phone` and `Child Name` name people, the first of them is the
    person of the row: these headers become `name`, `phone` and stay `Child Name`. So does whoever
    `Requester Name` and `Requester Phone` name become the person of an appointment; alone,
    `Requester` is a name, and so is `Tutor`.
    """
    parties = parties_of(columns, object_)
    own = _own_word(columns, object_, parties)
    return [_without(column, own, object_, parties) if own else column for column in columns]


def names_another_person(header: str, object_: str, parties: frozenset[str] = frozenset()) -> bool:
    """
    Return whether a header is about a second person: `Contact2 Email`, `Spouse Phone`.

    So are those of the `parties`, which `parties_of` returns.
    """
    return _other_word(header, object_, parties) is not None


def parties_of(columns: Sequence[str], object_: str) -> frozenset[str]:
    """
    Return the words of headers for two people of each row, such as `owner` and `tenant`, or none.

    One of them has a column of names and one of numbers or addresses, and each other one has either
    of these. An owner, who may be one of the CRM's, has both, and so has whom no word names.
    """
    roles: dict[str, set[str | None]] = {}
    for column in columns:
        words = tokenize(column)
        parties = _words("parties").intersection(words)
        for word in parties:
            left = " ".join(_left(words, word))
            roles.setdefault(word, set()).add(_role(left, object_) if left else "name")
        if not any(map(_names_a_person, words)):
            roles.setdefault("", set()).add(_role(column, object_))
    whole = {word for word, its in roles.items() if its & _NAMES and its & _REACH}
    listed = {
        word
        for word, its in roles.items()
        if its & (_NAMES | _REACH) and word and not _is_owner(word)
    }
    found = whole | listed if whole - {""} else frozenset[str]()
    return frozenset(found - {""}) if len(found) > 1 else frozenset()


def _is_owner(word: str) -> bool:
    return "owner" in load_vocabulary().parse(word, {}, "").meanings


def people_in(header: str) -> frozenset[str]:
    """
    Return the words of a header for people of whom rows may name several.

    >>> people_in("Buyer Email"), people_in("Email")
    (frozenset({'buyer'}), frozenset())
    """
    return frozenset(filter(_names_a_person, tokenize(header)))


@lru_cache(maxsize=4096)
def whose(header: str) -> frozenset[str]:
    """
    Return the words of a header that say whose name, number or address it is.

    >>> sorted(whose("P1 Mobile")), sorted(whose("Contact Person 2")), whose("Phone")
    (['1', 'p'], ['2'], frozenset())
    """
    return frozenset(word for word in tokenize(header) if not _says_what(word))


@lru_cache(maxsize=4096)
def _says_what(word: str) -> bool:
    meant = load_vocabulary().parse(word, {}, "").meanings
    is_no_word = word == _POSSESSIVE or word in load_words("headers", "particles")
    is_known = bool(meant) and meant <= _WHAT and len(word) > 1  # no `C` of `C1 Mobile`
    return is_no_word or is_known or word in _words("relations")


def names_a_relation(header: str) -> bool:
    """
    Return whether a header is about what somebody is to a person: `P1 Relationship`.

    `Relation 1`, as in address books, does not say who.
    """
    says_who = any(not word.isdigit() for word in whose(header))
    return says_who and not _words("relations").isdisjoint(tokenize(header))


def parties_in(header: str) -> frozenset[str]:
    """Return the words of a header for people of whom a row may name two: `seller`, `buyer`."""
    return _words("parties").intersection(tokenize(header))


def is_of_delivery(header: str) -> bool:
    """Return whether a header is about where something is delivered: `Shipping Phone`."""
    return not _words("delivery").isdisjoint(tokenize(header))


@lru_cache(maxsize=4096)
def _names_a_person(word: str) -> bool:
    meant = load_vocabulary().parse(word, {}, "").meanings
    return word in _words("parties") or meant in ({"customer"}, {"requester"})


def columns_of_second_people(columns: Sequence[str], object_: str) -> list[str]:
    """Return the columns of the people whom each row has beside its own: those of tenants."""
    parties = parties_of(columns, object_)
    own = _own_word(columns, object_, parties) if parties else None
    words = {column: _other_word(column, object_, parties) for column in columns}
    listed = zip(columns, _of_first_people(columns, object_), strict=True)
    others = {column for column, header in listed if _other_word(header, object_) == "2"}
    return [column for column, word in words.items() if word in parties - {own} or column in others]


def pupil_and_guardian(columns: Sequence[str], object_: str) -> tuple[str, str] | None:
    """
    Return the columns of a pupil's and a guardian's names, if no number is said to be of either.

    >>> pupil_and_guardian(["Student Name", "Parent Name", "Mobile"], "contact")
    ('Student Name', 'Parent Name')
    """
    names: dict[str, str] = {}
    for column in columns:
        words = tokenize(column)
        for key in ("pupils", "guardians"):
            for word in _words(key).intersection(words):
                role = _role(" ".join(_left(words, word)), object_)
                if role in _REACH:
                    return None
                if role in _NAMES:
                    names.setdefault(key, column)
    return (names["pupils"], names["guardians"]) if len(names) > 1 else None


@lru_cache(maxsize=4096)
def _other_word(header: str, object_: str, parties: frozenset[str] = frozenset()) -> str | None:
    words = tokenize(header)
    for word in words:
        if (
            word in parties
            or word in _others()
            or word in _words("helpers")
            or _begins_as_other(word)
        ) and not _is_part_of_customer(word, header):
            return word
        if not word.isascii() and (
            inside := next((one for one in load_words("persons", "inside") if one in word), None)
        ):
            return inside
    vocabulary = load_vocabulary()
    if object_ in _NOT_OF_REQUESTS and "requester" in vocabulary.parse(header, {}, "").meanings:
        return next((word for word in words if _is_requester(word)), None)
    for word, number in pairwise(words):
        is_later = number.isdigit() and number not in _FIRST_ORDINAL and len(number) == 1
        if is_later and vocabulary.parse(word, {}, "").meanings & _PERSONS:
            return number if len(words) > 2 else None
    return None


def _is_part_of_customer(word: str, header: str) -> bool:
    """Return whether a word alone means nothing, and the header a customer: `Pet Owner`."""
    whole, alone = (load_vocabulary().parse(one, {}, "") for one in (header, word))
    is_known = not whole.unknown and "nofield_other" not in whole.meanings
    return is_known and "customer" in whole.meanings and not alone.meanings


@cache
def _words(key: str) -> frozenset[str]:
    """Return words for persons as `tokenize` returns those of a header."""
    return frozenset(token for word in load_words("persons", key) for token in tokenize(word))


def _others() -> frozenset[str]:
    return _words("guardians") | _words("others") | _words("never_own")


def _begins_as_other(word: str) -> bool:
    return word.startswith(tuple(_words("beginnings")))


def _is_never_own(word: str) -> bool:
    words = _words("never_own")
    return word in words or word.startswith(tuple(words & _words("beginnings")))


def _is_requester(word: str) -> bool:
    return load_vocabulary().parse(word, {}, "").meanings == {"requester"}


def _own_word(columns: Sequence[str], object_: str, parties: frozenset[str]) -> str | None:
    """Return the word for the person of the row, where that is one of those for other people."""
    words = [_other_word(column, object_, parties) for column in columns]
    if not any(words):
        return None
    pairs = list(zip(columns, words, strict=True))
    if any(not word and _role(column, object_) in _NAMES for column, word in pairs):
        return None
    for word in dict.fromkeys(one for one in words if one and not _is_never_own(one)):
        left = (_without(one, word, object_, parties) for one, its in pairs if its == word)
        roles = {_role(one, object_) for one in left}
        needs_reach = word in parties or word in _words("helpers") or word not in _others()
        is_helper = needs_reach and not _is_requester(word)
        if roles & _NAMES and (roles & _REACH or not is_helper):
            return word
    return None


def _without(column: str, word: str, object_: str, parties: frozenset[str]) -> str:
    if _other_word(column, object_, parties) != word:
        return column
    left = " ".join(_left(tokenize(column), word))
    is_called_so = _is_requester(word) or word in parties or word in _words("guardians")
    return left or ("name" if is_called_so else "")


def _left(words: Sequence[str], word: str) -> Iterator[str]:
    for one in words:
        if one == _POSSESSIVE:
            continue
        if one != word and (rest := one.replace(word, "") if not word.isascii() else one):
            yield rest


def _role(header: str, object_: str) -> str | None:
    parsed = load_vocabulary().parse(header, {}, object_)
    match = match_rule(parsed, rules_of(object_))
    return match.role if match else None
