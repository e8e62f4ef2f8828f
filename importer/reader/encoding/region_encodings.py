"""The encodings that programs of a country save lists in, where they do not save UTF-8."""

from __future__ import annotations

# The code page of Windows for the languages of each country (Microsoft, National Language Support:
# ANSI code page of a locale); all others have windows-1252.
_COUNTRIES = {
    "windows-1256": "AE AF BH DZ EG IQ IR JO KW LB LY MA OM PK PS QA SA SD SY TN YE",
    "windows-1254": "TR AZ",
    "windows-1250": "PL CZ SK HU RO MD HR SI BA ME AL RS",
    "windows-1251": "RU UA BY BG RS MK KZ KG TJ MN",
    "windows-1253": "GR CY",
    "windows-1255": "IL",
    "windows-1257": "LT LV EE",
    "cp932": "JP",
    "cp949": "KR",
    "gb18030": "CN SG",
    "cp950": "TW HK MO",
}
# What DOS, Unix and the Macintosh had for the same letters.
_OTHERS = {
    "windows-1252": ("iso-8859-15", "cp850", "mac-roman", "cp437"),
    "windows-1250": ("iso-8859-2", "cp852"),
    "windows-1251": ("koi8-r", "cp866", "iso-8859-5", "mac-cyrillic"),
    "windows-1253": ("iso-8859-7",),
    "windows-1254": ("cp857",),
    "windows-1255": ("iso-8859-8",),
    "windows-1256": ("iso-8859-6", "cp720"),
    "cp932": ("euc_jp",),
}


def encodings_of_region(region: str) -> frozenset[str]:
    """
    Return the encodings of lists from a country, by its ISO 3166-1 code.

    >>> sorted(encodings_of_region("TR"))
    ['cp857', 'windows-1254']
    """
    pages = [page for page, countries in _COUNTRIES.items() if region in countries.split()]
    pages = pages or ["windows-1252"]
    return frozenset(name for page in pages for name in (page, *_OTHERS.get(page, ())))
