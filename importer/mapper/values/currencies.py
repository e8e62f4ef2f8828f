"""Finds currencies by their ISO 4217 codes, signs and words."""

from __future__ import annotations

import re
from functools import lru_cache

from importer.mapper.values.text import word_key

__all__ = ["AMOUNT", "ANY_CURRENCY", "check_currency", "currencies_called"]

ANY_CURRENCY = "*"
"""The `currency` of a mapping that accepts amounts in any currency."""

# ISO 4217, list one: the codes of money that people pay with (no funds, metals and tests).
_CODES = frozenset(
    """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
""".split()
)

# Signs and words. If several currencies use one, it is listed with each of them, and is only read
# if the mapping says which currency is meant.
_NAMES = {
    "AED": "د.إ dh dhs dirham dirhams درهم درهم_إماراتي دراهم emirati_dirham uae_dirham",
    "AUD": "$ a$ au$ dollar dollars australian_dollar",
    "BHD": "د.ب bd dinar dinars دينار دينار_بحريني",
    "BRL": "r$ real reais",
    "CAD": "$ c$ ca$ dollar dollars canadian_dollar",
    "CHF": "fr sfr fr. franken schweizer_franken swiss_franc swiss_francs",
    "CNY": "¥ cn¥ rmb yuan 元",
    "CZK": "kč koruna",
    "DKK": "kr kroner dkr",
    "EGP": "ج.م le e£ £e جنيه جنيه_مصري egyptian_pound pound pounds",
    "EUR": "€ euro euros يورو евро यूरो یورو",
    "GBP": "£ pound pounds sterling pound_sterling جنيه_إسترليني",
    "HKD": "$ hk$ dollar dollars",
    "ILS": "₪ shekel shekels nis شيكل",
    "INR": "₹ rs rupee rupees रुपये रुपया indian_rupee indian_rupees",
    "JOD": "د.ا jd dinar dinars دينار دينار_أردني",
    "JPY": "¥ jp¥ yen 円",
    "KWD": "د.ك kd dinar dinars دينار دينار_كويتي",
    "MAD": "د.م. dh dhs dirham dirhams درهم درهم_مغربي",
    "MXN": "$ mx$ peso pesos",
    "NOK": "kr kroner nkr",
    "NZD": "$ nz$ dollar dollars",
    "OMR": "ر.ع. ro rial rials ريال ريال_عماني",
    "PKR": "₨ rs rupee rupees روپے روپیہ pakistani_rupee pakistani_rupees",
    "PLN": "zł złoty zloty złotych złote",
    "QAR": "ر.ق qr riyal riyals ريال ريال_قطري",
    "RUB": "₽ руб рублей рубль rub. ruble rubles",
    "SAR": "ر.س sr \u20c1 ﷼ riyal riyals ريال ريال_سعودي saudi_riyal",
    "SEK": "kr kronor skr",
    "SGD": "$ s$ dollar dollars",
    "TRY": "₺ tl lira türk_lirası turkish_lira ytl",
    "UAH": "₴ грн hryvnia",
    "USD": "$ us$ usd$ dollar dollars us_dollar us_dollars دولار دولار_أمريكي доллар долларов "
    "dólar dólares",
    "ZAR": "r rand",
}  # fmt: skip

AMOUNT = re.compile(
    r"(?P<before>[^0-9(+\-]*)(?P<number>.*?[0-9)\-])(?P<after>[^0-9)\-]*(?:/-)?)", re.DOTALL
)
"""An amount of money: a number, and the text before and after it."""

_SIGNS = frozenset("$£€¥₹₨₪₽₺₴﷼\u20c1")


def _keys(name: str) -> tuple[str, str]:
    """Return the two keys by which a name is compared: as written, and without accents."""
    signs = "".join(char for char in name if char in _SIGNS)
    letters = "".join(char for char in name.casefold() if char.isalnum())
    return signs + letters, signs + word_key(name)


@lru_cache(maxsize=1)
def _meanings() -> dict[str, frozenset[str]]:
    """Return the possible currencies of each code, sign and word, by both of its keys."""
    exact: dict[str, set[str]] = {}
    close: dict[str, set[str]] = {}
    named = [(code, code) for code in _CODES]
    named += [(code, name) for code, names in _NAMES.items() for name in names.split()]
    for code, name in named:
        key, folded = _keys(name.replace("_", " "))
        exact.setdefault(key, set()).add(code)
        close.setdefault(folded, set()).add(code)
    # The signs of AED and JOD differ in a hamza only: without accents they are one.
    return {key: frozenset(codes) for key, codes in (close | exact).items()}


def currencies_called(name: str) -> frozenset[str]:
    """Return the currencies that a name may mean, or none if it is unknown."""
    exact, folded = _keys(name)
    return _meanings().get(exact) or _meanings().get(folded) or frozenset()


def check_currency(code: str) -> None:
    """Raise `ValueError` unless `code` is a code of ISO 4217 or `*`."""
    if code != ANY_CURRENCY and code not in _CODES:
        raise ValueError("unknown currency; use a code of ISO 4217, such as AED")
