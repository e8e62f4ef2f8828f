"""Forms ask questions: what they ask for is the header."""

from __future__ import annotations

import pytest
from lists.suggested import sent

from importer.mapper.suggest.columns.choose import suggest_mapping


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Hi there! What's your *first name*?", "first_name"),
        ("What's your phone number? We only call if needed.", "phone"),
        ("Which city do you live in?", "city"),
        ("Which company do you work for?", "company"),
        ("What's the best email to reach you?", "email"),
        ("In welcher Stadt wohnst du?", "city"),
        ("Wie heißen Sie?", "name"),
        ("Dans quelle ville habitez-vous ?", "city"),
        ("¿En qué ciudad vives?", "city"),
        ("¿Cuál es tu teléfono?", "phone"),
        ("Qual è il tuo cognome?", "last_name"),
        ("Em qual cidade você mora?", "city"),
        ("Adınız soyadınız nedir?", "name"),
        ("Как вас зовут?", "name"),
        ("ما اسمك؟", "name"),
        ("Aapka poora naam", "name"),
        ("Aap kis sheher mein rehte hain?", "city"),
        ("Do you have an email?", None),
        ("Is this your name?", None),
        ("What is your spouse's name?", None),
        ("How motivated are you?", None),
    ],
)
def test_a_question_is_the_field_that_it_asks_for(header: str, field: str | None) -> None:
    found, _ = suggest_mapping([header, "Qwxz"], "contact")
    assert found.field == field, found.reason


def test_both_names_are_sent_where_a_question_repeats_an_answer() -> None:
    text = """
What's your *first name*?,"And your *last name*, {{field:first}}?",*Email*?
Ann,Muster,ann@example.com
Ben,Probe,ben@example.com
"""
    assert [row and row["name"] for row in sent(text, "lead")] == ["Ann Muster", "Ben Probe"]


def test_the_name_of_a_father_is_not_that_of_the_row() -> None:
    text = "Aapka naam,Walid ka naam,Sheher\nAnn Muster,Max Muster,Lahore\n"
    assert sent(text, "contact") == [{"name": "Ann Muster", "city": "Lahore"}]
