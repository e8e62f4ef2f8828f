"""What the importer says is a code with values, and each code has words in every language."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import re

import pytest
from catalogues import calls_of, codes_of, modules, worded

from importer.core.locale.gaps import GAPS, gap
from importer.core.locale.language import language
from importer.core.locale.message import Message, foreign, joined, of_parts, with_parts
from importer.core.records import Rejected, Row
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping

ARABIC = language("ar")
FOUND = Message(
    "%(field)s: %(value)s%(of)s %(reason)s.",
    field="phone",
    value="abc",
    of=Message(" (column %(column)s)", column="Tel"),
    reason=Message("is not a phone number: it has letters"),
)


def test_a_message_is_its_english_words() -> None:
    assert FOUND == "phone: 'abc' (column 'Tel') is not a phone number: it has letters."


def test_words_are_chosen_with_those_of_all_that_is_in_it() -> None:
    assert FOUND.words(ARABIC) == "الهاتف: 'abc' (العمود 'Tel') ليس رقم هاتف: فيه حروف."
    several = joined([FOUND, Message("The row is empty: no mapped column has a value.")])
    assert "؛ " in several.words(ARABIC)


def test_the_words_of_a_library_are_said_in_general_where_it_does_not_speak_the_language() -> None:
    said = Message("is not an email address: %(reason)s", reason="it has a typo")

    assert said == "is not an email address: it has a typo"
    assert "typo" not in said.words(ARABIC)


def test_the_limits_of_a_field_are_in_the_words_of_the_language() -> None:
    row = Row(number=1, line=2, source="l.csv", values={"N": "Ada", "S": "101"})
    mapping = parse_mapping('[fields]\nname = "N"\nqualification_score = "S"\n')
    refused = Mapper(mapping, "lead").map(row)

    assert isinstance(refused, Rejected)
    assert "is not a whole number, 0 to 100." in refused.error.message
    assert "ليس عددًا صحيحًا، من 0 إلى 100." in refused.error.message.words(ARABIC)


def test_a_message_stays_what_it_is_when_it_is_kept_or_copied() -> None:
    for found in (FOUND, foreign("no"), joined([FOUND, FOUND], "lines")):
        for again in (
            Message.from_text(found.to_text()),
            Message.from_json(json.loads(json.dumps(found.to_json()))),
            pickle.loads(pickle.dumps(found)),  # noqa: S301 - it is our own
            copy.deepcopy(found),
        ):
            assert again == found
            assert isinstance(again, Message)
            assert [*again.codes()] == [*found.codes()]


def test_a_line_without_parts_is_read_as_it_is() -> None:
    line = {"message": "phone: 'abc' is odd", "hint": None}

    assert of_parts(line, "message", "hint") == {"message": "phone: 'abc' is odd"}
    assert of_parts(with_parts({"message": FOUND}), "message")["message"].values == FOUND.values  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "form",
    [
        None,
        "text",
        {"code": "%(a)s", "values": {}},
        {"code": "%(a)d", "values": {"a": 1}},
        {"code": "%(a)999999999s", "values": {"a": 1}},
        {"code": "%(a)s", "values": {"a": None}},
        {"code": "%(a)s", "values": {"a": {"code": "%"}}},
    ],
)
def test_what_is_no_message_is_none(form: object) -> None:
    found = Message.from_json(form)
    assert found is None or "%(a)s" in found


def test_each_gap_of_a_code_is_filled() -> None:
    """The names that an exception has for itself fill no gap."""
    own = {
        "also",
        "answers",
        "code",
        "columns",
        "differences",
        "exit_code",
        "hint",
        "kind",
        "known",
        "paths",
    }
    wrong = []
    for path in modules():
        for call in calls_of(path):
            code = call.args[0] if call.args else None
            given = {str(one.arg) for one in call.keywords}
            if isinstance(code, ast.Constant) and given - own and "None" not in given:
                gaps = set(re.findall(r"%\((\w+)\)s", str(code.value)))
                if given - own - gaps or gaps - given:
                    wrong.append(f"{path}:{call.lineno}")
    assert wrong == []


def test_the_table_has_only_gaps_of_codes() -> None:
    """A log may have what the table calls public, and nothing of other gaps."""
    found = {
        one
        for path in modules()
        for call in calls_of(path)
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for one in re.findall(r"%\((\w+?)(?:_2)?\)s", node.value)
    } | {
        one
        for path in modules()
        for _, code in codes_of(path)
        for one in re.findall(r"%\((\w+?)(?:_2)?\)s", code)
    }

    assert GAPS.keys() <= found | {"choices", "lines", "parts", "sentences"}
    assert not gap("of_no_code").is_public


def test_no_message_is_put_together_from_texts() -> None:
    """Its values would be lost: no language could word it, and a log would show them."""
    found = [
        f"{path}:{one.lineno}"
        for path in modules()
        if not path.startswith(("importer/sandbox/", "importer/core/locale/message.py"))
        for call in calls_of(path)
        for one in worded(call)
        if isinstance(one, ast.JoinedStr | ast.BinOp)
    ]
    assert found == []


def test_the_walk_finds_codes_wherever_they_are_worded() -> None:
    found = {code for path in modules() for _, code in codes_of(path)}

    assert {
        "%(name)s: no such file",  # in an exception
        "Check the path.",  # its hint
        "has no time of day",  # of a value
        "Correct it in the source, or leave it empty.",  # a constant of the module
        "the key's %(count)s a minute",  # inside another message
    } <= found
