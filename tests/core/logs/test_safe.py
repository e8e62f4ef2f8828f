"""What is logged and sent holds no value: the parameters of messages say what is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.core.errors import ListDiffers, MappingError, RefusedError
from importer.core.locale.message import Message, foreign, with_answer
from importer.core.logs.event_log import known_word
from importer.mapper.mapping.file import parse_mapping

SECRET = "Zaphod"


@given(st.text(), st.text())
def test_values_are_left_out_whatever_they_hold(before: str, after: str) -> None:
    value = f"{before}{SECRET}{after}"

    told = Message(
        "%(path)s, line %(line)s: %(value)s is no date", path="a.csv", line=3, value=value
    )

    assert SECRET in told
    assert told.without_values() == "a.csv, line 3: … is no date"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (Message("it has %(rows)s rows", rows="75"), "it has 75 rows"),
        (Message("not: %(what)s", what=Message("in %(column)s", column=SECRET)), "not: in …"),
        (Message("%(columns)s are gone", columns=["A", SECRET]), "… are gone"),
        (Message("%(anything)s else", anything=SECRET), "… else"),
        (foreign(f"{SECRET} is unknown"), "…"),
    ],
)
def test_what_is_not_known_to_be_public_is_a_value(message: Message, told: str) -> None:
    assert message.without_values() == told


def test_the_words_of_a_server_are_not_part_of_the_cause() -> None:
    what = Message("refused (401)")

    assert RefusedError(with_answer(what, SECRET)).cause == "refused (401)"
    assert RefusedError("refused: %(text)s", text=SECRET).cause == "refused: …"
    odd = {"code": with_answer(what, SECRET).code, "values": {"what": SECRET, "text": SECRET}}
    assert Message.from_json(odd).in_own_words() == "…: …"  # type: ignore[union-attr]


def test_of_a_file_that_the_user_wrote_keys_are_shown_and_values_are_not() -> None:
    text = f'identity = ["{SECRET}"]\n[fields]\nphone = {{ column = "T", split = 5 }}\n'

    with pytest.raises(MappingError) as raised:
        parse_mapping(text)

    assert SECRET in raised.value.message
    assert raised.value.message.without_values().split("\n") == [
        (
            'mapping: phone: split: it must be the text between two values, as in ";", or a '
            "list of such texts."
        ),
        "mapping: identity: … is not among the mapped fields.",
    ]


def test_the_cause_of_a_list_that_differs_names_columns_of_the_mapping_alone() -> None:
    differs = ListDiffers(
        "a.csv differs",
        hint="h",
        differences=[Message("no column %(mapped)s", mapped="Tel")],
        also=[Message("it has %(column)s", column=SECRET)],
    )

    assert SECRET in differs.message
    assert differs.cause == "a.csv differs:\n  - no column 'Tel'"


@pytest.mark.parametrize("word", ["validation_error", "INVALID_EMAIL", "attributes.bedrooms"])
def test_codes_and_fields_are_known_words(word: str) -> None:
    assert known_word(word) == word


@pytest.mark.parametrize("word", ["", "Zaphod is taken", "z@example.com", "+971", "ع", "a" * 65])
def test_what_may_be_a_value_is_not(word: str) -> None:
    assert known_word(word) == "other"
