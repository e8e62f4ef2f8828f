"""Reads countries: ISO 3166-1 codes, and names in 39 languages and in the countries' own."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from importer.mapper.headers.names import did_you_mean
from importer.mapper.values.text import BadValue, one_line, word_key

__all__ = ["country_names", "read_country"]

# What people write that CLDR does not call the country. Codes that ISO 3166 reserves are among
# them: UK and EL (which the European Union uses for Greece).
_COMMON = {
    "AE": "UAE|U.A.E|Emirates|The Emirates|الإمارات|الامارات|دولة الإمارات|VAE|EAU|BAE|امارات",
    "BA": "Bosnia|Bosnia and Herzegovina",
    "BN": "Brunei Darussalam",
    "BO": "Bolivia (Plurinational State of)",
    "CD": "DR Congo|DRC|Democratic Republic of the Congo|Congo (DRC)|"
    "Congo, Democratic Republic of the",
    "CG": "Congo|Republic of the Congo|Congo (Republic)",
    "CI": "Ivory Coast|Côte d'Ivoire",
    "CN": "PR China|People's Republic of China|PRC|Mainland China",
    "CV": "Cape Verde|Cabo Verde",
    "CZ": "Czech Republic|Česko|Česká republika",
    "DE": "BRD|Federal Republic of Germany",
    "EG": "جمهورية مصر العربية",
    "GB": "UK|U.K|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|بريطانيا|"
    "إنجلترا|Großbritannien|Grande-Bretagne|Gran Bretaña|Gran Bretagna|Grã-Bretanha|Inghilterra|"
    "Inglaterra|Angleterre|Anglia|İngiltere|Англия|برطانیہ|ब्रिटेन",
    "GR": "EL|Hellas",
    "HK": "Hong Kong|هونغ كونغ|Hongkong|Hong Kong SAR",
    "IR": "Iran, Islamic Republic of|Iran (Islamic Republic of)|Persia",
    "KP": "Korea, Democratic People's Republic of|DPRK",
    "KR": "Korea|Korea, Republic of|Republic of Korea",
    "LA": "Lao People's Democratic Republic|Lao PDR",
    "MD": "Moldova, Republic of|Republic of Moldova",
    "MK": "Macedonia|The former Yugoslav Republic of Macedonia",
    "MM": "Burma|Myanmar",
    "MO": "Macau|Macao|Macao SAR",
    "NL": "Holland|The Netherlands|Hollanda|Olanda|Hollande|Holanda|هولندا",
    "PS": "Palestine|State of Palestine|فلسطين|Palästina|Palestina|Filistin|Палестина|فلسطین|"
    "Palestyna",
    "RU": "Russian Federation|Российская Федерация|РФ",
    "SA": "KSA|K.S.A|Kingdom of Saudi Arabia|السعودية|المملكة العربية السعودية",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TR": "Turkey|Turkiye|तुर्की",
    "TW": "Taiwan, Province of China",
    "TZ": "Tanzania, United Republic of",
    "US": "USA|U.S|U.S.A|America|United States of America|أمريكا|أميركا|EUA|EE.UU|EE. UU|Amerika|"
    "Amérique|Etats-Unis d'Amérique|ABD|США|Estados Unidos de América|"
    "Vereinigte Staaten von Amerika|امریکہ|अमेरिका",
    "VA": "Vatican|Holy See|Vatican City State",
    "VE": "Venezuela (Bolivarian Republic of)",
    "VN": "Viet Nam",
}  # fmt: skip

# Places that lists have in a column of countries. They are refused, since they are not countries,
# with a hint that names the country.
_PLACES = {
    "AE": "Dubai|Abu Dhabi|Sharjah|Ajman|Fujairah|Ras Al Khaimah|RAK|Umm Al Quwain|UAQ|Al Ain|DXB|"
    "AUH|دبي|أبوظبي|أبو ظبي|الشارقة|عجمان|الفجيرة|رأس الخيمة|أم القيوين|العين|Дубай|दुबई",
    "BH": "Manama|المنامة",
    "DE": "Berlin|München|Hamburg",
    "EG": "Cairo|Alexandria|القاهرة|الإسكندرية",
    "ES": "Madrid|Barcelona",
    "FR": "Paris",
    "GB": "London",
    "IN": "Mumbai|Delhi|New Delhi|Bangalore|Kerala",
    "IT": "Roma|Milano",
    "JO": "Amman",
    "LB": "Beirut|بيروت",
    "NL": "Amsterdam",
    "OM": "Muscat|مسقط",
    "PK": "Karachi|Lahore|Islamabad|کراچی|لاہور",
    "PL": "Warszawa",
    "QA": "Doha|الدوحة",
    "RU": "Москва|Санкт-Петербург",
    "SA": "Riyadh|Jeddah|Dammam|Mecca|Medina|الرياض|جدة|الدمام|مكة|المدينة المنورة",
    "TR": "Istanbul|Ankara",
    "US": "New York|California|Texas|Florida",
}
_CUTOFF = 0.8  # takes "Germny" for Germany, and not "Dubai" for Cuba


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, ...], ...]:
    """Return a line for each country: alpha-2, alpha-3, English name, other names."""
    table = files("importer.mapper.values").joinpath("countries.tsv").read_text(encoding="utf-8")
    lines = (line for line in table.splitlines() if not line.startswith("#"))
    return tuple(tuple(line.split("\t")) for line in lines)


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    """Return the country of each place by the letters of its name."""
    return {word_key(name): code for code, names in _PLACES.items() for name in names.split("|")}


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return the alpha-2 code by code, and by the letters of each name that means one country."""
    countries: dict[str, set[str]] = {}
    codes: dict[str, str] = {}
    for alpha2, alpha3, *names in _table():
        common = _COMMON.get(alpha2, "").split("|")
        for name in filter(None, (*names, *common)):
            countries.setdefault(word_key(name), set()).add(alpha2)
        codes |= {word_key(code): alpha2 for code in (alpha2, alpha3) if code}
    return {key: found.pop() for key, found in countries.items() if len(found) == 1} | codes


@lru_cache(maxsize=2)
def country_names(language: str) -> dict[str, str]:
    """Return the names of all countries in English or Arabic, by alpha-2 code, in their order."""
    place = {"en": 2, "ar": 3}[language]
    names = {line[0]: line[place] for line in _table()}
    return dict(sorted(names.items(), key=lambda one: one[1]))


@lru_cache(maxsize=1024)
def read_country(text: str) -> str:
    """
    Return the ISO 3166-1 alpha-2 code of a country.

    It accepts alpha-2 and alpha-3 codes, the names of the Unicode CLDR in 39 languages and in the
    official ones of each country, and other common forms (UAE, U.K., الإمارات). Case, accents and
    punctuation are ignored. Raises `BadValue`.
    """
    key = word_key(one_line(text))
    code = _codes().get(key) or _codes().get(key.removeprefix("the"))
    if code is None:
        raise BadValue("is not a known country", _hint(text))
    return code


@lru_cache(maxsize=1024)
def _hint(text: str) -> str:
    word = one_line(text)
    place = _places().get(word_key(word))
    if place is not None:
        return f'It is a place in {place}; map it: values = {{ "{word}" = "{place}" }}.'
    meant = did_you_mean(text, [line[2] for line in _table()], cutoff=_CUTOFF)
    advice = 'Write its name or its code, as AE; or map the word: values = { "…" = "AE" }.'
    return f"{meant} {advice}".lstrip()
