"""Finds the countries of phone numbers without a country code, and regions stated wrongly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from importer.mapper.fields.plan import FieldPlan
from importer.mapper.kinds.phone import PhoneOptions, is_number_of
from importer.records import Row

__all__ = ["find_regions", "is_bare", "misplaced", "region_notices"]

_CLEARLY, _MOSTLY = 0.8, 0.5
_FEWEST = 5
_LOOKED_AT = 150
_ROWS = 500
_NAMED = 4  # that more countries have such numbers says nothing


def is_bare(text: str) -> bool:
    """Return whether a number has no country code."""
    return not text.lstrip(" '\"(").startswith(("+", "00")) and any(map(str.isdigit, text))


def find_regions(numbers: Sequence[str], besides: str = "") -> list[str]:
    """
    Return the few countries in which nearly all numbers without a country code are valid.

    Plain digits are valid in many countries. If some countries write numbers exactly as they are
    here, only those are returned.
    """
    given = list(dict.fromkeys(numbers))[:_LOOKED_AT]
    if len(given) < _FEWEST:
        return []
    from phonenumbers import SUPPORTED_REGIONS

    least = max(_FEWEST, int(_CLEARLY * len(given)))
    fits: Counter[str] = Counter()
    for region in sorted(SUPPORTED_REGIONS - {besides}):
        few = sum(is_number_of(text, region) for text in given[:_FEWEST])
        if (
            few >= _FEWEST - 2
            and (count := sum(is_number_of(text, region) for text in given)) >= least
        ):
            fits[_main_region(region)] = max(fits[_main_region(region)], count)
    written = {region: sum(_is_written(text, region) for text in given) for region in fits}
    alike = [region for region in fits if written[region] > _MOSTLY * len(given)]
    found = sorted(alike or fits, key=lambda region: (-written[region], -fits[region]))
    return found if len(found) <= _NAMED else []


def _main_region(region: str) -> str:
    """Return the first of the countries that share a country code."""
    import phonenumbers

    code = phonenumbers.country_code_for_region(region)
    return str(phonenumbers.region_code_for_country_code(code))


def _is_written(text: str, region: str) -> bool:
    """Return whether a number is written in the format of a country."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return bool(national == text.strip())


def misplaced(numbers: Sequence[str], region: str) -> str | None:
    """
    Return a clause that names the countries that fit, if most numbers are not of `region`.

    Numbers that have a country code need no region, so most must be without one.
    """
    given = list(dict.fromkeys(numbers))[:_LOOKED_AT]
    bare = [text for text in given if is_bare(text)]
    if len(bare) < max(_FEWEST, _MOSTLY * len(given)):
        return None
    if sum(not is_number_of(text, region) for text in bare) <= _MOSTLY * len(given):
        return None
    fitting = find_regions(bare, besides=region)
    return f"most numbers are not of {region}, but fit {' or '.join(fitting)}" if fitting else None


def region_notices(
    plans: Iterable[FieldPlan], first_rows: Callable[[int], Sequence[Row]]
) -> list[str]:
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
            found.append(f"{plan.target}: {other}; change its region in the mapping file")
    return found
