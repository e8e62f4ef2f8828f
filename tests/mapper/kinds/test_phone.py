"""Phone numbers: E.164 out, the region stated and never guessed."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.phone import check_region, phone_reader
from importer.mapper.values.texts import BadValue

READ = [
    # As lists in the Emirates have them; the numbering plan by libphonenumber.
    ("AE", "0501234567", "+971501234567"),
    ("AE", "050-123 4567", "+971501234567"),
    ("AE", "050 123 4567", "+971501234567"),
    ("AE", "(050) 123 4567", "+971501234567"),
    ("AE", "050.123.4567", "+971501234567"),
    ("AE", "50 123 4567", "+971501234567"),
    ("AE", "971501234567", "+971501234567"),
    ("AE", "971 050 123 4567", "+971501234567"),
    ("AE", "00971501234567", "+971501234567"),
    ("AE", "00 971 50 123 4567", "+971501234567"),
    ("AE", "+971 50 123 4567", "+971501234567"),
    ("AE", "+971 (0)50 123 4567", "+971501234567"),
    ("AE", "+971-50-1234567", "+971501234567"),
    ("AE", "+9710501234567", "+971501234567"),
    ("AE", "04 555 0181", "+97145550181"),
    ("AE", "02-555 0182", "+97125550182"),
    ("AE", "800 1234", "+9718001234"),
    # Digits, marks and spaces of other keyboards.
    ("AE", "٠٥٠١٢٣٤٥٦٧", "+971501234567"),
    ("AE", "٠٠٩٧١٥٠١٢٣٤٥٦٧", "+971501234567"),
    ("AE", "۰۵۰۱۲۳۴۵۶۷", "+971501234567"),
    ("AE", "050\u00a0123\u00a04567", "+971501234567"),
    ("AE", "\u200e+971 50 123 4567\u200f", "+971501234567"),
    ("AE", "\u202a0501234567\u202c", "+971501234567"),
    ("AE", "050\u2010123\u20134567", "+971501234567"),
    # What spreadsheets and exports put around a number.
    ("AE", "'0501234567", "+971501234567"),
    ("AE", '="0501234567"', "+971501234567"),
    ("AE", "501234567.0", "+971501234567"),
    ("AE", "971501234567.00", "+971501234567"),
    ("AE", "tel:+971-50-123-4567", "+971501234567"),  # RFC 3966
    ("AE", "Tel: 04 555 0101", "+97145550101"),
    ("AE", "Mob. 050 123 4567", "+971501234567"),
    ("AE", "M: 0501234567", "+971501234567"),
    ("AE", "جوال: ٠٥٠١٢٣٤٥٦٧", "+971501234567"),
    ("AE", "WhatsApp 0501234567", "+971501234567"),
    ("AE", "0501234567;", "+971501234567"),
    # A number that says its own country is of that country, whatever the region.
    ("AE", "+44 20 7946 0958", "+442079460958"),
    ("AE", "0044 20 7946 0958", "+442079460958"),
    (None, "+971501234567", "+971501234567"),
    (None, "00971501234567", "+971501234567"),
    (None, "+1 202 555 0123", "+12025550123"),
    # A single zero before the own country code, where no national number is meant.
    ("CH", "041 79 712 88 70", "+41797128870"),
    ("AE", "0971 50 123 4567", "+971501234567"),
    ("CH", "041 712 88 70", "+41417128870"),  # 041 is Lucerne's area code
    ("IT", "039 230 1234", "+390392301234"),  # 039 is Monza's
    # Other plans.
    ("GB", "020 7946 0958", "+442079460958"),
    ("GB", "+44 (0)20 7946 0958", "+442079460958"),
    ("US", "(202) 555-0123", "+12025550123"),
    ("US", "202.555.0123", "+12025550123"),
    ("US", "1-202-555-0123", "+12025550123"),
    ("US", "011 971 50 123 4567", "+971501234567"),
    ("DE", "089/123456", "+4989123456"),
    ("DE", "+49 (0) 89 / 12 34 56", "+4989123456"),
    ("DE", "030 123456", "+4930123456"),
    ("FR", "06 12 34 56 78", "+33612345678"),
    ("IT", "06 1234 5678", "+390612345678"),  # Italy keeps the zero
    ("IT", "+39 06 1234 5678", "+390612345678"),
    ("ES", "612 34 56 78", "+34612345678"),
    ("PL", "512 345 678", "+48512345678"),
    ("PT", "912 345 678", "+351912345678"),
    ("NL", "06-12345678", "+31612345678"),
    ("TR", "0532 123 45 67", "+905321234567"),
    ("RU", "8 (912) 345-67-89", "+79123456789"),
    ("SA", "05٠١٢٣٤٥٦٧", "+966501234567"),
    ("QA", "3312 3456", "+97433123456"),
    ("KW", "500 12345", "+96550012345"),
    ("OM", "9212 3456", "+96892123456"),
    ("BH", "3600 1234", "+97336001234"),
    ("EG", "0100 123 4567", "+201001234567"),
    ("IN", "098765 43210", "+919876543210"),
    ("IN", "+91 98765 43210", "+919876543210"),
    ("PK", "0301 2345678", "+923012345678"),
    ("BR", "(11) 96123-4567", "+5511961234567"),
    ("MX", "55 1234 5678", "+525512345678"),
    ("IN", "9876543210w", "+919876543210"),
    ("IN", "9876543210l", "+919876543210"),  # with a 1 for the l it would be too long
]  # fmt: skip


@pytest.mark.parametrize(("region", "written", "read"), READ)
def test_a_number_in_e164(region: str | None, written: str, read: str) -> None:
    assert phone_reader(region)(written) == read
    assert phone_reader(region)(read) == read
    assert phone_reader(None)(read) == read


@pytest.mark.parametrize("written", ["0", "000000", "000-000", "00 000 00", "0.0"])
def test_zeros_alone_are_no_number(written: str) -> None:
    assert phone_reader("AE")(written) == phone_reader(None)(written) == ""


REFUSED = [
    (None, "050 123 4567", "does not say its country"),
    (None, "971501234567", "does not say its country"),
    ("AE", "9.71501E+11", "was rounded by a spreadsheet"),
    ("AE", "9,71501E+11", "was rounded by a spreadsheet"),
    ("AE", "9.71501e11", "was rounded by a spreadsheet"),
    ("AE", "12", "is too short for AE"),
    ("AE", "050 123 456", "is not a valid number for AE"),
    ("AE", "050 123 45678901", "is too long for AE"),
    ("AE", "+44 12", "is too short for GB"),
    ("AE", "+971 50 123 456", "is not a valid number for AE"),
    ("AE", "+999 123 4567", "is not a phone number"),
    ("US", "123-456-7890", "is not a valid number for US"),
    ("AE", "+971+501234567", "is not a phone number"),
    ("IL", "015112340000", "is too short for IL"),  # 015 dials abroad there
    ("AE", "call Ann", "has letters"),
    ("AE", "0501234567F", "has letters"),
    ("IN", "987654321O", "has letters"),
    ("AE", "n/a", "has letters"),
    ("AE", "0501234567 (Ann)", "has letters"),
    ("US", "1-800-FLOWERS", "has letters"),
    ("AE", "-", "is not a phone number"),
    ("AE", "050 123 4567 / 055 123 4567", "holds more than one number"),
    ("AE", "050 123 4567; 055 123 4567", "holds more than one number"),
    ("AE", "050 123 4567, 055 123 4567", "holds more than one number"),
    ("AE", "050 123 4567 or 055 123 4567", "holds more than one number"),
    ("AE", "050 123 4567 و 055 123 4567", "holds more than one number"),
    ("AE", "050 123 4567 & 055 123 4567", "holds more than one number"),
    ("AE", "050 123 4567\n055 123 4567", "holds more than one number"),
    ("AE", "0501234567/0551234567/041234567", "holds more than one number"),
    ("AE", "050-1234567/8", "may be more than one number, or have an extension"),
    ("DE", "089 123456/57", "may be more than one number, or have an extension"),
    ("AE", "04 555 0101 ext. 12", "has an extension"),
    ("AE", "04 555 0101 x12", "has an extension"),
    ("AE", "04 555 0101 (Ext 12)", "has an extension"),
    ("AE", "04 555 0101;ext=12", "has an extension"),
    ("AE", "04 555 0101 تحويلة 12", "has an extension"),
    ("AE", "04 555 0101 #12", "has an extension"),
    ("AE", "+", "is not a phone number"),
]  # fmt: skip


@pytest.mark.parametrize(("region", "written", "reason"), REFUSED)
def test_a_number_that_is_not_guessed(region: str | None, written: str, reason: str) -> None:
    with pytest.raises(BadValue) as caught:
        phone_reader(region)(written)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "written",
    [
        "04 555 0101 ext. 12",
        "(04) 555 0101 Ext. 12",
        "04 555 0101 x12",
        "04 555 0101;ext=12",
        "04 555 0101 Durchwahl 7",
        "04 555 0101, ext 12",
        "04 555 0101 داخلي ١٢",
        "04 555 0101",
    ],
)
def test_an_extension_is_left_out_where_the_mapping_says_so(written: str) -> None:
    assert phone_reader("AE", drop_extension=True)(written) == "+97145550101"


def test_the_hint_of_a_number_without_region_can_be_the_callers() -> None:
    with pytest.raises(BadValue) as caught:
        phone_reader(None, hint="Fill in the country.")("050 123 4567")
    assert caught.value.hint == "Fill in the country."


@pytest.mark.parametrize("region", ["ae", "UAE", "XX", ""])
def test_regions_that_do_not_exist(region: str) -> None:
    with pytest.raises(ValueError, match="unknown region"):
        check_region(region)


def by_library(digits: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def examples(region: str) -> list[str]:
    kinds = range(11)
    found = (phonenumbers.example_number_for_type(region, kind) for kind in kinds)
    return [str(number.national_number) for number in found if number is not None]


@st.composite
def dialled(draw: st.DrawFn) -> tuple[str, str]:
    """A region, and digits close to a number of it, dialled in one of the usual ways."""
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    digits = list(draw(st.sampled_from(examples(region))))
    for place, digit in draw(
        st.lists(st.tuples(st.integers(0, 20), st.sampled_from("0123456789")), max_size=3)
    ):
        digits[place % len(digits)] = digit
    digits = digits[: len(digits) - draw(st.integers(0, 1))] + draw(
        st.lists(st.sampled_from("0123456789"), max_size=1)
    )
    code = str(phonenumbers.country_code_for_region(region))
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    start = draw(st.sampled_from(["", "0", prefix, f"+{code}", code, f"+{code}{prefix}"]))
    return region, start + "".join(digits)


@given(dialled())
def test_phone_of_a_phone_is_itself(case: tuple[str, str]) -> None:
    region, digits = case
    try:
        read = phone_reader(region)(digits)
    except BadValue:
        return
    assert phone_reader(region)(read) == phone_reader(None)(read) == read


@given(st.text(max_size=30), st.sampled_from(["AE", "US", "DE", None]))
def test_any_text_is_a_number_or_refused(text: str, region: str | None) -> None:
    try:
        read = phone_reader(region)(text)
    except BadValue:
        return
    assert read[0] == "+"
    assert read[1:].isdecimal()
    assert len(read) <= 16
