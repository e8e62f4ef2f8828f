"""The CRMs that the sandbox can simulate: their objects, field names and ids."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """
    One CRM. `objects` and `names` translate from canonical to its own words.

    The CRM does not take an object that is not in `objects`. `split_name` lists the objects whose
    `name` is split into first and last name, `last_name_required` those that need a last name.
    `record_url` has the gaps `kind` and `id`. All of these are in `vendors.toml`. `custom` returns
    the name of a property that has none there, and `external_id` the id of the record with a
    number.
    """

    title: str
    objects: Mapping[str, str]
    names: Mapping[str, Mapping[str, str]]
    record_url: str
    split_name: Collection[str]
    last_name_required: Collection[str]
    custom: Callable[[str], str]
    external_id: Callable[[str, int], str]


def _salesforce_id(name: str, number: int) -> str:
    prefix = {"contact": "003", "lead": "00Q", "deal": "006", "case": "500"}[name]
    digits = ""
    for _ in range(12):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    text = prefix + "5g" + digits[2:]
    # Three letters say which of the 15 characters are capitals: Salesforce's 18-character form.
    chunks = (text[0:5], text[5:10], text[10:15])
    return text + "".join(
        _CHECK[sum(1 << place for place, letter in enumerate(chunk) if letter.isupper())]
        for chunk in chunks
    )


_TABLES = tomllib.loads(Path(__file__).with_name("vendors.toml").read_text(encoding="utf-8"))
VENDORS: dict[str, Vendor] = {
    "hubspot": Vendor(
        **_TABLES["hubspot"],
        custom=lambda name: name,
        external_id=lambda _, number: str(74_100_000_000 + number),
    ),
    "salesforce": Vendor(
        **_TABLES["salesforce"], custom=lambda name: f"{name}__c", external_id=_salesforce_id
    ),
    "zoho": Vendor(
        **_TABLES["zoho"],
        custom=lambda name: "_".join(word.capitalize() for word in name.split("_")),
        external_id=lambda _, number: str(5_724_767_000_000_000_000 + number),
    ),
}
CRMS = (*VENDORS, "none")
