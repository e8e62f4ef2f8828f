"""What must not be sent by accident is found by its form and its check digits, and masked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from importer.mapper.suggest.columns.sensitive import mask, secrets_in_texts, sensitive_values

CARDS, ACCOUNTS, IDS = "payment card numbers", "bank accounts (IBAN)", "ids of persons"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("4111 1111 1111 1111", CARDS),
        ("5500-0055-5555-5559", CARDS),
        ("٤١١١ ١١١١ ١١١١ ١١١١", CARDS),
        ("4111 1111 1111 1112", None),
        ("DE89 3704 0044 0532 0130 00", ACCOUNTS),
        ("ae070331234567890123456", ACCOUNTS),
        ("ES9121000418450200051332", ACCOUNTS),
        ("DE00 3704 0044 0532 0130 00", None),
        ("784-1980-1234567-8", IDS),
        ("784-1980-1234567-9", None),
        ("784198012345671", None),
        ("536-90-4399", IDS),
        ("000-12-3456", None),
        ("536904399", None),
        ("2345 6789 0124", IDS),
        ("4987-6543-2102", IDS),
        ("2345 6789 0125", None),
        ("234567890124", None),
        ("971 50 555 0101", None),
        ("$2b$12$abcdefghijklmnopqrstuv", "passwords"),
        ("", None),
    ],
)
def test_one_value(value: str, what: str | None) -> None:
    assert sensitive_values([value]) == what


@pytest.mark.parametrize(
    ("others", "what"),
    [
        ([], IDS),
        (["a", "b", "c"], IDS),
        (["a", "b", "c", "d", "e"], None),
        (["", " ", "536-90-4399"], IDS),
    ],
)
def test_three_in_ten_values_are_enough(others: list[str], what: str | None) -> None:
    assert sensitive_values(["536-90-4399", "219-45-1234", *others]) == what


def test_one_of_several_values_is_not_enough() -> None:
    assert sensitive_values(["536-90-4399", "x"]) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Paid by Visa 4111 1111 1111 1111, exp 08/28", CARDS),
        ("card:4111-1111-1111-1111", CARDS),
        ("Amex 3782 822463 10005 on file", CARDS),
        ("on file 4111111111111111.", CARDS),
        ("Visa: 4929-5831-7294-0168, CVV: 293", CARDS),
        ("Visa 4111 1111 1111 1112", None),
        ("see https://example.com/4111111111111111", None),
        ("ORD-4111111111111111", None),
        ("pay to DE89 3704 0044 0532 0130 00 by May", ACCOUNTS),
        ("pay to DE00 3704 0044 0532 0130 00 by May", None),
        ("SSN 536-90-4399 of his wife", IDS),
        ("Emirates id 784-1980-1234567-8", IDS),
        ("CPR: 230779-1234\nSalary: 118352 EUR", IDS),
        ("Reisepass: C01X00T47", IDS),
        ("login anna; password: summer24", "passwords"),
        ('{"password": "summer24", "name": "Anna"}', "passwords"),
        ("كلمة المرور: summer24", "passwords"),
        ("Password: forgotten, sent a link on 12/05", None),
        ("passport: not seen yet", None),
        ("call 050 123 4567 on 2026-01-05: order 2345-6789", None),
        ("", None),
    ],
)
def test_secrets_among_other_words(text: str, what: str | None) -> None:
    assert secrets_in_texts(["call after six", text, "", "VIP"]) == what


def test_references_that_pass_the_check_by_chance_are_no_cards() -> None:
    references = [f"order {4111111111111000 + number} paid" for number in range(100)]
    assert secrets_in_texts(references) is None


def test_other_long_numbers_do_not_hide_a_card_or_an_account() -> None:
    others = [f"article 9{number:012d} of flat AB{number:02d} on hill road" for number in range(50)]
    assert secrets_in_texts([*others, "Visa 4111 1111 1111 1111"]) == CARDS
    assert secrets_in_texts([*others, "to DE89 3704 0044 0532 0130 00"]) == ACCOUNTS
    assert secrets_in_texts(others) is None


@pytest.mark.parametrize(
    ("text", "masked"), [("4111111111111111", "4******1"), ("abcde", "a***e"), ("abcd", "****")]
)
def test_masked_values_show_their_ends_alone(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_the_checks_are_imported_only_where_a_value_needs_them() -> None:
    code = (
        "import sys; from importer.mapper.suggest.columns.sensitive import sensitive_values;"
        " sensitive_values(['a', 'b@example.com']); print('stdnum' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
