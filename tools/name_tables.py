"""
Writes the tables of country and month names in `importer/mapper/data/`.

Run it by hand when a new CLDR has been released: `pip install babel`, then
`python tools/name_tables.py`. The importer itself needs only the tables.
"""

from __future__ import annotations

import re
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError, get_global
from babel.languages import get_official_languages

LANGUAGES = ("en", "ar", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "ur", "hi")
# The others of schemas/words.toml, in which countries are named too.
MORE_LANGUAGES = (
    *("bg", "ca", "cs", "da", "el", "et", "fa", "fi", "he", "hr", "hu", "id", "ja", "ko", "lt"),
    *("lv", "nb", "ro", "sk", "sl", "sr", "sr_Latn", "sv", "th", "uk", "vi", "zh", "zh_Hant"),
)
FOLDER = Path(__file__).parents[1] / "importer" / "mapper" / "data"
HEAD = """\
# Names from the Unicode CLDR, taken by tools/name_tables.py.
# Copyright (c) 1991-present Unicode, Inc. Unicode License v3: https://www.unicode.org/license.txt
"""
NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
# The same months as the Levant and Iraq call them, and a short form CLDR leaves out.
MORE_MONTHS = {
    1: ["كانون الثاني"],
    2: ["شباط"],
    3: ["آذار"],
    4: ["نيسان"],
    5: ["أيار"],
    6: ["حزيران"],
    7: ["تموز"],
    8: ["آب"],
    9: ["أيلول", "setiembre"],
    10: ["تشرين الأول"],
    11: ["تشرين الثاني"],
    12: ["كانون الأول"],
}


def country_lines() -> list[str]:
    """
    One line a country: alpha-2, alpha-3, its name in each of `LANGUAGES`, and more names.

    The first line says what these columns are. Among the others are its names in its own languages.
    """
    alpha3 = {code: alias for alias, code in alpha3_codes().items()}
    locales, more = ([*map(Locale.parse, names)] for names in (LANGUAGES, MORE_LANGUAGES))
    lines = ["\t".join(["alpha-2", "alpha-3", *LANGUAGES])]
    for code in sorted(Locale("en").territories):
        if not re.fullmatch("[A-Z]{2}", code) or code in NO_COUNTRIES:
            continue
        own = filter(None, map(locale_of, get_official_languages(code)))
        names = [one.territories[code] for one in locales]
        others = dict.fromkeys(one.territories.get(code, "") for one in (*more, *own))
        others = filter(None, [one for one in others if one not in names])
        lines.append("\t".join([code, alpha3.get(code, ""), *names, *others]))
    return lines


def locale_of(language: str) -> Locale | None:
    """Return the locale of a language, if CLDR has one."""
    try:
        return Locale.parse(language)
    except UnknownLocaleError:
        return None


def alpha3_codes() -> dict[str, str]:
    """ISO 3166-1 alpha-3 codes, which CLDR keeps as aliases of territories."""
    aliases = get_global("territory_aliases")
    pairs = {alias: codes[0] for alias, codes in aliases.items() if len(codes) == 1}
    return {alias: code for alias, code in pairs.items() if re.fullmatch("[A-Z]{3}", alias)}


def month_lines() -> list[str]:
    """One line a month: its number, its names and short names."""
    lines = []
    for month in range(1, 13):
        names: dict[str, None] = {}
        for language in LANGUAGES:
            by_context = Locale(language).months
            for context in ("format", "stand-alone"):
                for width in ("wide", "abbreviated"):
                    names[by_context[context][width][month].rstrip(".")] = None
        names |= dict.fromkeys(MORE_MONTHS[month])
        lines.append("\t".join([str(month), *names]))
    return lines


def main() -> None:
    """Write both tables."""
    for name, lines in (("countries.tsv", country_lines()), ("months.tsv", month_lines())):
        (FOLDER / name).write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
