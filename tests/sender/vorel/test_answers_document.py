"""`docs/answers.md` says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from importer.sender.answer import Meaning
from importer.sender.vorel.answers import _STOP_BY_STATUS, _STOP_BY_WORD, classify

DOCUMENT = Path(__file__).parents[3] / "docs" / "answers.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| ---")
]


def row_for(status: int) -> list[str]:
    """The row that names a status, or else its hundred."""
    named = [row for row in ROWS if f"`{status}`" in row[0]]
    found = named or [row for row in ROWS if f"other `{status // 100}xx`" in row[0]]
    assert len(found) == 1, status
    return found[0]


def in_words(meaning: Meaning) -> str:
    return meaning.name.lower().replace("_", " ")


def test_every_status_is_in_the_document_with_its_meaning() -> None:
    for status in range(300, 600):
        answer = classify(status, {}, b"")
        _, means, do = row_for(status)
        assert means == in_words(answer.meaning), status
        if answer.stop is not None:
            assert answer.stop.exit_code == 3
            assert str(answer.stop.hint) in do


def test_every_status_that_stops_has_a_row_of_its_own() -> None:
    assert [status for status in _STOP_BY_STATUS if f"`{status}`" not in row_for(status)[0]] == []


def test_every_word_is_in_the_document_with_its_meaning() -> None:
    for word in (*_STOP_BY_WORD, "rate_limited", "validation_error"):
        body = json.dumps({"ok": False, "error": word}).encode()
        answer = classify(200, {}, body)
        (row,) = [row for row in ROWS if f"`{word}`" in row[0]]
        assert row[1] == in_words(answer.meaning)
        if answer.stop is not None:
            assert str(answer.stop.hint) == row[2]


def test_another_word_of_the_crm_is_in_the_document() -> None:
    answer = classify(200, {}, b'{"ok": false, "error": "odd"}')
    (row,) = [row for row in ROWS if "any other word" in row[0]]
    assert row[1] == in_words(answer.meaning)


def test_every_meaning_is_explained() -> None:
    explained = re.findall(r"^- \*\*(.+?)\*\*:", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert explained == [in_words(meaning) for meaning in Meaning]
