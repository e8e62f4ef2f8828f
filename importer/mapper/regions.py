"""Finds the countries of phone numbers without a country code, and regions stated wrongly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.core.records import Row
from importer.mapper.data import load_words
from importer.mapper.fields.field_plan import FieldPlan
from importer.mapper.kinds.phone import PhoneOptions, is_number_of, parsed
from importer.mapper.values.texts import plain_digits

_CLEARLY, _MOSTLY = 0.8, 0.5
_FEWEST, _FEWEST_OF_FEW = 5, 3
_LOOKED_AT = 150
_ROWS = 500
_NAMED = 4  # that more countries have such numbers says nothing


def is_bare(text: str) -> bool:
    """Return whether a number has no country code."""
    return not text.lstrip(" '\"(").startswith(("+", "00")) and any(map(str.isdigit, text))


# So long are numbers with a country code without its plus, and few without one.
_CODED = re.compile("[1-9][0-9]{10,14}")


def regions_of(numbers: Iterable[str]) -> Counter[str]:
    """
    Count the numbers with a country code by country; long ones may lack the plus.

    >>> dict(regions_of(["+966 50 123 4567", "971501234567", "0501234567"]))
    {'SA': 1, 'AE': 1}
    """
    import phonenumbers

    found: Counter[str] = Counter()
    for text in numbers:
        written = plain_digits(text.strip()).lstrip("'\"(")
        if written.startswith("00"):
            written = written[2:]
        elif not written.startswith("+") and not _CODED.fullmatch(written):
            continue
        number = parsed(f"+{written.removeprefix('+')}")
        region = phonenumbers.region_code_for_number(number) if number is not None else None
        if region is not None:
            found[region] += 1
    return found


def likely_regions(numbers: Sequence[str]) -> list[str]:
    """Return countries that numbers may be of: that of most with a code, and some large ones."""
    coded = [region for region, _ in regions_of(numbers).most_common(1)]
    return [*coded, *sorted(load_words("phones", "tried"))]


def fitting_regions(
    numbers: Sequence[str],
    besides: str = "",
    among: Collection[str] | None = None,
    stated: Collection[str] = (),
) -> dict[str, int]:
    """
    Return the countries in which nearly all of some numbers without a country code are valid.

    The best comes first; each has the count of its numbers. Countries in which the numbers
    become the same international numbers are one: the first of those that share the code, or the
    one that is in `among`. Digits without spaces are valid in many countries, so much less is
    certain than a long result seems to say. Fewer than five numbers prove nothing: then only the
    countries in `among` are looked at. For those in `stated`, which other numbers of the list name
    by their code, more than half of the numbers are enough.
    """
    import phonenumbers

    given = list(dict.fromkeys(numbers))[:_LOOKED_AT]
    named = among or frozenset()
    supported = phonenumbers.SUPPORTED_REGIONS
    regions = supported if len(given) >= _FEWEST else supported & set(named)
    least, least_of_stated = max(1, int(_CLEARLY * len(given))), int(_MOSTLY * len(given)) + 1
    fits: dict[str, int] = {}
    for region in sorted(regions - {besides}):
        few = [is_number_of(text, region) for text in given[:_FEWEST]]
        if region not in stated and sum(few) < len(few) - (_FEWEST - _FEWEST_OF_FEW):
            continue
        count = sum(is_number_of(text, region) for text in given)
        if count >= (least_of_stated if region in stated else least):
            fits[region] = count
    alike: dict[tuple[str | None, ...], list[str]] = {}
    for region in fits:
        sent = tuple(as_sent(text, region) for text in given[:_FEWEST])
        alike.setdefault(sent, []).append(region)
    # The first of the countries that share a country code is the main one.
    main = {some[0] for some in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.values()}
    found = [
        min(some, key=lambda one: (one not in named, one not in main, one))
        for some in alike.values()
    ]
    found.sort(key=lambda one: (-sum(_is_written(text, one) for text in given), -fits[one]))
    return {region: fits[region] for region in found}


def as_sent(text: str, region: str) -> str | None:
    """Return a number of a country as `+971 50 123 4567`, or None if it is none of its numbers."""
    import phonenumbers

    number = parsed(text, region)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _is_written(text: str, region: str) -> bool:
    """Return whether a number is written in the format of a country."""
    import phonenumbers

    number = parsed(text, region)
    form = phonenumbers.PhoneNumberFormat.NATIONAL
    return number is not None and phonenumbers.format_number(number, form) == text.strip()


def misplaced(numbers: Sequence[str], region: str) -> Message | None:
    """
    Return a clause that names countries that fit, if most numbers are not of `region`.

    Numbers that have a country code need no region, so most must be without one.
    """
    given = list(dict.fromkeys(numbers))[:_LOOKED_AT]
    bare = [text for text in given if is_bare(text)]
    if len(bare) < max(_FEWEST, _MOSTLY * len(given)):
        return None
    if sum(not is_number_of(text, region) for text in bare) <= _MOSTLY * len(given):
        return None
    fitting = [*fitting_regions(bare, besides=region)]
    text = N_("most numbers are not of %(place)s, but fit %(regions)s")
    if len(fitting) > _NAMED:
        text = N_("most numbers are not of %(place)s, but are written as in %(regions)s")
        fitting = [one for one in fitting if sum(_is_written(t, one) for t in bare) > len(bare) / 2]
    if not fitting or len(fitting) > _NAMED:
        return None
    return Message(text, place=region, regions=fitting)


def region_notices(
    plans: Iterable[FieldPlan], first_rows: Callable[[int], Sequence[Row]]
) -> list[Message]:
    """
    Return a notice for each field most of whose numbers are not of its region, but of another.

    `first_rows` returns so many of the first rows of a list, and is called only if a region is
    stated.
    """
    stated = [
        (plan, plan.options.region)
        for plan in plans
        if isinstance(plan.options, PhoneOptions) and isinstance(plan.options.region, str)
    ]
    rows = first_rows(_ROWS) if stated else ()
    found = []
    for plan, region in stated:
        raw = [plan.read(row.values) for row in rows]
        texts = [text.strip() for text in raw if isinstance(text, str)]
        if other := misplaced(texts, region):
            found.append(
                Message(
                    "%(field)s: %(what)s; change its region in the mapping file",
                    field=plan.target,
                    what=other,
                )
            )
    return found
