"""Reads amounts of money and currencies: ISO 4217 codes, signs and words."""

from __future__ import annotations

import re
from functools import lru_cache

from importer.mapper.values.numbers import read_decimal
from importer.mapper.values.text import BadValue, one_line, plain_digits, word_key

__all__ = ["ANY_CURRENCY", "check_currency", "read_currency", "read_money"]

ANY_CURRENCY = "*"
"""Stands in a mapping for: whichever currency a cell names, its amount is taken."""

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

# Signs and words. One that several currencies use is listed with each: it is then read only
# where the mapping states which of them is meant.
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

_PARTS = re.compile(
    r"(?P<before>[^0-9(+\-]*)(?P<number>.*?[0-9)\-])(?P<after>[^0-9)\-]*(?:/-)?)", re.DOTALL
)
_HINT = 'Say which one the column is in: currency = "AED", or "*" to take any.'


_SIGNS = frozenset("$£€¥₹₨₪₽₺₴﷼\u20c1")


def _keys(name: str) -> tuple[str, str]:
    """Return what a name is compared by: as it is written, and without its accents."""
    signs = "".join(char for char in name if char in _SIGNS)
    letters = "".join(char for char in name.casefold() if char.isalnum())
    return signs + letters, signs + word_key(name)


@lru_cache(maxsize=1)
def _meanings() -> dict[str, frozenset[str]]:
    """Return each code, sign and word by both its keys, with the currencies it may mean."""
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


def _codes_of(name: str) -> frozenset[str]:
    """Return the currencies a name may mean; none where it is not known."""
    exact, folded = _keys(name)
    return _meanings().get(exact) or _meanings().get(folded) or frozenset()


def check_currency(code: str) -> None:
    """Raise `ValueError` unless `code` is a code of ISO 4217 or `*`."""
    if code != ANY_CURRENCY and code not in _CODES:
        raise ValueError("there is no such currency; they are called as AED is (ISO 4217)")


def read_money(text: str, mark: str | None = None, currency: str | None = None) -> str:
    """
    Return the amount of a cell as `read_decimal` does; a currency may stand at either end.

    `currency` is the code of the column's currency, `*` for any, or None where the cells name
    none: a cell that names one is then refused, and so is another one than the column's. A
    value is never converted. Raises `BadValue`.
    """
    written = plain_digits(one_line(text))
    negative = written[:1] == "-" or (written[:1] == "(" and written[-1:] == ")")
    inside = written.strip("-() ") if negative else written
    match = _PARTS.fullmatch(inside)
    if match is None:
        raise BadValue("is no amount of money", "Write it with digits: 1234.56.")
    for named in (match["before"].strip(), match["after"].strip().removesuffix("/-").strip()):
        if named:
            _check_same(named, currency)
    amount = read_decimal(match["number"].strip(), mark)
    if not negative:
        return amount
    if amount.startswith("-"):
        raise BadValue("is negative twice", "Correct it in the source.")
    return read_decimal(f"-{amount}", ".")


def _check_same(named: str, currency: str | None) -> None:
    codes = _codes_of(named)
    if not codes:
        raise BadValue(f"is no amount of money: {named!r} is no currency that is known")
    if currency is None:
        raise BadValue("names a currency", _HINT)
    if currency != ANY_CURRENCY and currency not in codes:
        raise BadValue(f"is not in {currency}", "Convert it, or put it into a list of its own.")


def read_currency(text: str) -> str:
    """
    Return the ISO 4217 code a cell names by code, sign or word, alone or beside an amount.

    A sign of several currencies, as `$`, is refused. Raises `BadValue`.
    """
    written = one_line(text)
    match = _PARTS.fullmatch(plain_digits(written))
    ends = (match["before"], match["after"].removesuffix("/-")) if match else (written,)
    found = [_codes_of(end) for end in ends if end.strip()]
    codes = frozenset.intersection(*found) if found else frozenset()
    if len(codes) == 1:
        return next(iter(codes))
    if codes:
        listed = ", ".join(sorted(codes))
        raise BadValue(
            f"may be {listed}", 'Say which one: values = { "…" = "USD" }, or const = "USD".'
        )
    raise BadValue("names no currency that is known", "Write its code, as AED or EUR.")
