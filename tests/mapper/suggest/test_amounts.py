"""The amount, the title and the last day of deals whose headers do not say so."""

from __future__ import annotations

import pytest
from lists.suggested import proposed, sent


def listed(header: str, *values: str) -> str:
    rows = (f"Shop {at},+97142345{at}67,{value},Open\n" for at, value in enumerate(values))
    return f"Company,Phone,{header},Stage\n{''.join(rows)}"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Service Charge AED", ["1200", "800", "950"]),
        ("Cheque", ['"AED 1,200"', "800/-", "950"]),
        ("Opportunity", ["1200", "800", "950"]),
        ("Gross Premium", ["1200", "800", "950"]),
        ("العمولة", ["1200", "800", "950"]),
    ],
)
def test_the_only_column_of_money_is_the_amount(header: str, values: list[str]) -> None:
    found = sent(listed(header, *values), "deal")
    assert [row and row.get("amount") for row in found] == ["1200", "800", "950"]
    assert not any(row and "title" in row for row in found)


def test_of_two_columns_of_money_a_person_has_to_choose() -> None:
    text = listed("Charge AED,Bail AED", "1200,300", "800,200", "950,100")
    draft = proposed(text, "deal")
    said = "which of 'Charge AED', 'Bail AED' is amount: map it, or none is sent"
    assert said in map(str, draft.decisions)
    draft = proposed(text, "deal", fields={"Charge AED": "amount"})
    assert said not in map(str, draft.decisions)
    assert 'amount = "Charge AED"' in draft.text


@pytest.mark.parametrize("header", ["Beds", "Level"])
def test_numbers_without_a_currency_are_no_amounts(header: str) -> None:
    draft = proposed(listed(header, "2", "3", "1"), "deal")
    assert "amount" not in {line.target for line in draft.lines}


def test_deals_may_be_called_leads() -> None:
    text = "Lead title,Lead stage,Lead value\nPool,Won,10\nRoof,Lost,20\nShed,Won,30\n"
    assert sent(text, "deal")[0] == {"title": "Pool", "stage": "Won", "amount": "10"}


@pytest.mark.parametrize("header", ["Expires on", "Handover Date", "تاريخ التجديد"])
def test_a_deal_is_closed_when_what_it_is_about_ends(header: str) -> None:
    found = sent(listed(header, "2026-03-31", "2026-04-12", "2026-05-13"), "deal")
    assert [row and row["close_date"] for row in found] == [
        "2026-03-31",
        "2026-04-12",
        "2026-05-13",
    ]
