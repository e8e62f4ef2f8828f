"""What is logged and sent holds no value: it is in quotes in messages, and is taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.core.errors import RefusedError
from importer.core.logs import cause_of, known_word, without_values

SECRET = "Zaphod"


@given(st.text(), st.text())
def test_what_is_quoted_as_python_does_is_taken_out(before: str, after: str) -> None:
    value = f"{before}{SECRET}{after}"

    told = without_values(
        f"the report's line 3: {value!r} is no date of the list's, like {value!r}"
    )

    assert SECRET not in told
    assert told == "the report's line 3: … is no date of the list's, like …"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("line 7: “Zaphod” was “Zäphod” before", "line 7: … was … before"),
        ('an email address such as "Zaphod"', "an email address such as …"),
        ("it has 75 rows; the last one had 150", "it has 75 rows; the last one had 150"),
        ("not closed: 'Zaphod is no date", "not closed: …"),
        ("not closed: “Zaphod", "not closed: …"),
        ("the last run's rows, and Zaphod's", "the last run's rows, and Zaphod's"),
    ],
)
def test_other_quotes_too_and_nothing_else(message: str, told: str) -> None:
    assert without_values(message) == told


def test_the_words_of_a_server_are_not_part_of_the_cause() -> None:
    error = RefusedError("refused (401): Zaphod is unknown", cause="refused (401)")

    assert cause_of(error) == "refused (401)"
    assert cause_of(RefusedError("refused: 'Zaphod'")) == "refused: …"


@pytest.mark.parametrize("word", ["validation_error", "INVALID_EMAIL", "attributes.bedrooms"])
def test_codes_and_fields_are_known_words(word: str) -> None:
    assert known_word(word) == word


@pytest.mark.parametrize("word", ["", "Zaphod is taken", "z@example.com", "+971", "ع", "a" * 65])
def test_what_may_be_a_value_is_not(word: str) -> None:
    assert known_word(word) == "other"
