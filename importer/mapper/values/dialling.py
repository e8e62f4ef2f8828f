"""
Rules for plainly written numbers of one country, made from libphonenumber's own tables.

The library needs some 25 µs for a number; these rules need a tenth of that for most numbers. They
cover countries that do not share their country code, or are the first of those that share it, and
that have one simple prefix for national calls. All other numbers go to the library. For the
numbers that they read, the library gives the same result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumberDesc

__all__ = ["NationalRules", "Numbers", "national_rules", "read_plain"]

_CODE_ENDS = (2, 3, 4)  # country codes have one to three digits (ITU-T E.164)

_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """National numbers: their pattern, and their possible lengths in digits (empty: any)."""

    pattern: str
    lengths: tuple[int, ...]

    @property
    def regex(self) -> str:
        """Both in one regular expression, for `fullmatch`."""
        lengths = "|".join(f"[0-9]{{{length}}}" for length in self.lengths)
        ahead = rf"(?=(?:{lengths})\Z)" if lengths else ""
        return f"(?:{ahead}(?:{self.pattern}))"


@dataclass(frozen=True, slots=True)
class NationalRules:
    """
    The numbers of a country: its country code, its prefixes, and the numbers that are assigned.

    `prefix` is dialled before national numbers, `abroad` before international ones. `all_numbers`
    are the numbers that could exist, `kinds` those that are assigned.
    """

    code: str
    prefix: str
    abroad: re.Pattern[str]
    general: re.Pattern[str]
    given: re.Pattern[str]
    all_numbers: Numbers
    kinds: tuple[Numbers, ...]

    def takes(self, national: str) -> bool:
        """Return whether a number without country code and prefix is assigned."""
        if national.startswith("0") or (self.prefix and national.startswith(self.prefix)):
            return False
        return bool(self.general.fullmatch(national) and self.given.fullmatch(national))

    def read(self, digits: str) -> str | None:
        """Return a number as dialled within the country in E.164, or None to ask the library."""
        national = digits
        if self.abroad.match(digits):
            return None
        if not self.takes(digits):
            national = digits.removeprefix(self.prefix)
            if national == digits or self.general.fullmatch(digits) or not self.takes(national):
                return None
        return f"+{self.code}{national}"


@lru_cache(maxsize=512)
def national_rules(region: str) -> NationalRules | None:
    """Return the rules of an ISO 3166-1 region, or None if they are not this simple."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region)
    code = metadata.country_code if metadata is not None else None
    if metadata is None or code is None or metadata.leading_digits is not None:
        return None
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    prefix = metadata.national_prefix_for_parsing or ""
    is_plain = not prefix or prefix.isdigit()
    # If regions share a country code, the first one is the main region, whose numbers come first.
    if regions[0] != region or not is_plain:
        return None
    if metadata.national_prefix_transform_rule is not None:
        return None
    all_numbers = _numbers(metadata.general_desc) or Numbers("", ())
    found = (_numbers(getattr(metadata, kind)) for kind in _KINDS)
    kinds = tuple(numbers for numbers in found if numbers is not None)
    return NationalRules(
        code=str(code),
        prefix=prefix,
        abroad=re.compile(metadata.international_prefix or r"(?!)"),
        general=re.compile(all_numbers.regex),
        given=re.compile("|".join(numbers.regex for numbers in kinds)),
        all_numbers=all_numbers,
        kinds=kinds,
    )


def read_plain(digits: str, region: str | None) -> str | None:
    """
    Return a number in E.164, or None if the library has to read it.

    `digits` has only digits, with `+` before a country code; without one, the number belongs to
    `region`.
    """
    if not digits.startswith("+"):
        rules = national_rules(region) if region is not None else None
        return rules.read(digits) if rules is not None else None
    if digits == "+":
        return None
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    for end in _CODE_ENDS:
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(digits[1:end]))
        if regions is not None:
            rules = national_rules(regions[0])
            return digits if rules is not None and rules.takes(digits[end:]) else None
    return None


def _numbers(desc: PhoneNumberDesc | None) -> Numbers | None:
    if desc is None or not desc.national_number_pattern:
        return None
    return Numbers(desc.national_number_pattern, tuple(desc.possible_length))
