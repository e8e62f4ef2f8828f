"""What is read as a column is what each kind's exact reader returns for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import phonenumbers
import polars as pl
import pytest
from effort import NIGHTLY, examples
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from importer.mapper.kinds.email import read_domain, read_email, read_emails
from importer.mapper.kinds.phone import PHONE, PhoneOptions, RegionColumn, phone_reader
from importer.mapper.values.kind import ColumnReader
from importer.mapper.values.texts import BadValue, read_text, read_texts


def read_alone(read: ColumnReader, cells: list[str]) -> pl.Series:
    return read(pl.DataFrame({"cell": cells}, schema={"cell": pl.String}))


def phones_of(region: str | None) -> ColumnReader:
    assert PHONE.column_reader is not None
    reader = PHONE.column_reader(PhoneOptions(region=region))
    assert reader is not None
    return reader


def assert_same(read: ColumnReader, cells: list[str], exact: Callable[[str], str]) -> int:
    """Hold all that is read at once against the exact reader. Returns how many cells that was."""
    found = [
        (cell, value)
        for cell, value in zip(cells, read_alone(read, cells), strict=True)
        if value is not None
    ]
    for cell, value in found:
        assert value == exact(cell)
    return len(found)


def numbers_like(region: str) -> Iterator[str]:
    """Yield numbers as they are dialled in a region, given out there or nearly so."""
    chance = random.Random(region)
    code = phonenumbers.country_code_for_region(region)
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    for other in COUNTRY_CODE_TO_REGION_CODE[code]:
        for kind in range(11):
            example = phonenumbers.example_number_for_type(other, kind)
            if example is None:
                continue
            national = phonenumbers.national_significant_number(example)
            place = chance.randrange(len(national))
            near = national[:place] + chance.choice("0123456789") + national[place + 1 :]
            for digits in (national, near, near[:-1], near + "1"):
                yield from (digits, prefix + digits, f"+{code}{digits}", f"00{code} {digits}")
                yield from (f"({digits[:3]}) {digits[3:]}", f"+{code} {prefix}{digits}")


def test_phones_of_every_region() -> None:
    read = 0
    step = 1 if NIGHTLY else 4
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)[::step]:
        cells = [*dict.fromkeys(numbers_like(region))]
        for of in (region, None):
            read += assert_same(phones_of(of), cells, phone_reader(of))

    assert read > 5000 / step


@pytest.mark.parametrize("region", ["AE", "DE", "US", "IN", "SA", "FR"])
def test_numbers_as_they_are_written_there_are_read_at_once(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, 1)

    assert example is not None
    for form in (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.E164):
        written = phonenumbers.format_number(example, form)
        assert [*read_alone(phones_of(region), [written])] == [phone_reader(region)(written)]


def test_regions_whose_numbers_are_for_the_library_alone() -> None:
    read = read_alone(phones_of("KZ"), ["8 7172 12 34 56", "+971 50 123 4567"])

    assert [*read] == [None, "+971501234567"], "it shares its code with Russia"


def test_numbers_with_a_country_code_are_read_wherever_they_are_from() -> None:
    cells = ["+971 50 123 4567", "0049 1512 3456789", "+1 (212) 555-0123", "050 123 4567"]

    assert [*read_alone(phones_of(None), cells)] == [
        *("+971501234567", "+4915123456789", "+12125550123", None)
    ]


def test_each_number_is_of_the_country_beside_it() -> None:
    options = PhoneOptions(region=RegionColumn(column="Country", default="AE"))
    assert PHONE.column_reader is not None
    reader = PHONE.column_reader(options)
    assert reader is not None
    others = ["Germany", "DE", "0049", None, "nowhere", "AE", "971"]
    table = pl.DataFrame({"cell": [*["01512 3456789"] * 3, *["050 123 4567"] * 4], "other": others})

    assert [*reader(table)] == [
        *["+4915123456789"] * 3,
        *("+971501234567", None, "+971501234567", "+971501234567"),
    ]


signs = st.sampled_from([*"aB0.-_'+!@\"\\ é(), <>", "com", "x--y", "postmaster", "test", "mailto:"])
texts = st.lists(signs, max_size=12).map("".join)
addresses = st.tuples(texts, texts).map("@".join) | st.emails() | texts


@settings(max_examples=examples(60))
@given(st.lists(addresses, min_size=1, max_size=60))
def test_emails(cells: list[str]) -> None:
    assert_same(read_emails, cells, read_email)


def test_emails_as_they_mostly_are() -> None:
    cells = ["rana@example.com", "O.Saleh+list@Example.co.uk", "a_b@x1.io"]

    assert assert_same(read_emails, cells, read_email) == len(cells)


def by_library(domain: str) -> str | None:
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    # The library takes a last label of one letter, which no top-level domain has.
    return found.ascii_domain if found.ascii_domain[-2] != "." else None


LABELS = "a A1 -a a- a--b xn--a xn--mnchen-3ya test arpa com c0m 1 a_b é 1a localhost onion Invalid"
labels = st.sampled_from([*LABELS.split(), "", "x" * 63, "x" * 64])


@settings(max_examples=examples(400))
@given(st.lists(labels, min_size=1, max_size=5).map(".".join))
def test_domains_read_without_the_library_read_there_the_same(domain: str) -> None:
    assert read_domain(domain) == by_library(domain)


@settings(max_examples=examples(60))
@given(st.lists(st.text(max_size=8) | texts, min_size=1, max_size=60))
def test_texts(cells: list[str]) -> None:
    assert_same(read_texts, cells, read_text)


def test_letters_of_other_alphabets_are_read_at_once() -> None:
    cells = ["José", "أحمد علي", "Łódź", "Иванов", "山田 太郎", "Müller – “Sons”"]

    assert assert_same(read_texts, cells, read_text) == len(cells)


def test_each_letter_is_read_as_it_is_beside_any_other() -> None:
    letters = [chr(code) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000]

    assert assert_same(
        read_texts, [one + other + one for one in letters for other in "a\u0301"], read_text
    )


def test_what_the_exact_reader_refuses_is_never_read() -> None:
    refused = ["a@b", "@b.co", "a@b.test", "a b@c.de", "a@-b.co", "a..b@c.de"]

    assert read_alone(read_emails, refused).null_count() == len(refused)
    for one in refused:
        with pytest.raises(BadValue):
            read_email(one)
