"""The kind enum: a field's words, however they are spelt."""

from __future__ import annotations

import pytest

from importer.mapper.kinds.enum import ENUM
from importer.mapper.schema.object_schema import FieldSpec, load_schema
from importer.mapper.values.kind import Options

STATUS = load_schema("appointment").fields["status"]


@pytest.mark.parametrize("written", ["no_show", "No Show", "no-show", "NO_SHOW"])
def test_a_word_is_known_whatever_its_spelling(written: str) -> None:
    assert ENUM.build(Options(), STATUS)(written) == "no_show"


def test_another_word_stays_for_the_limits_of_the_field_to_refuse() -> None:
    assert ENUM.build(Options(), STATUS)("left early") == "left early"


@pytest.mark.parametrize("limits", [None, load_schema("appointment").fields["customer_name"]])
def test_a_field_without_a_list_of_words_cannot_be_one(limits: FieldSpec | None) -> None:
    with pytest.raises(ValueError, match="the field has no list of words"):
        ENUM.build(Options(), limits)
