"""What the importer says is said in the language of the page, with what there is on the page."""

from __future__ import annotations

import re

import pytest
from catalogues import extracted

from importer.core.locale.language import language
from importer.core.locale.message import Message, foreign, joined, plain_codes
from importer.ui.words.show import Show, harmless

ARABIC = language("ar")
COMMAND_LINE = re.compile(
    r"--[a-z]|VOREL_|_PROXY|SSL_CERT|vorel-import|same command|run the command|`|failed file| = "
    r"|YYYY|%\(command\)"
)
GAPS = re.compile(r"%\(\w+\)s")


def test_the_words_of_others_stay_as_they_are_and_are_marked_as_such() -> None:
    assert Show(ARABIC).said(foreign("something <b>else")) == (
        '<bdi lang="en">something &lt;b&gt;else</bdi>'
    )
    assert "lang" not in Show(ARABIC).said(Message("chosen by you"))


def test_where_the_page_has_its_files_is_not_said() -> None:
    found = Message(
        "%(name)s, line %(line)s: %(value)s", name="/home/a/b.csv", line=1, value="/c/d"
    )

    assert Show(language("en")).said(found) == "b.csv, line 1: &#39;/c/d&#39;"


def test_a_sentence_begins_with_a_capital_and_a_name_stays_as_it_is() -> None:
    show = Show(language("en"))
    said = Message("%(what)s (%(fault)s)", what=Message("the list is empty"), fault="x")

    assert show.sentence(Message("no path was given")) == "No path was given"
    assert show.sentence(said) == "The list is empty (x)"
    assert show.sentence(Message("%(name)s: no such file", name="/home/a/ada.csv")) == (
        "ada.csv: no such file"
    )
    assert show.sentence(foreign("slow down")) == show.said(foreign("slow down"))


def test_the_form_of_a_date_is_shown_as_an_example() -> None:
    found = Message("is not a date in the form %(form)s", form="%m/%d/%Y")

    assert Show(language("en")).said(found) == "is not a date in the form 12/31/2024"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\nb", "a⏎b"), ("\u202eevil", "⟨202E⟩evil"), ("\x1b[2J", "⟨001B⟩[2J"), ("x\ty", "x⇥y")],
)
def test_signs_that_hide_or_reverse_are_shown(text: str, shown: str) -> None:
    assert harmless(text) == shown


@pytest.mark.parametrize(
    ("seconds", "english", "arabic"),
    [(1, "1 second", "ثانية واحدة"), (45, "45 seconds", "٤٥ ثانية"),
     (600, "10 minutes", "١٠ دقائق"), (18_000, "5 hours", "٥ ساعات")],
)  # fmt: skip
def test_how_long_something_takes(seconds: float, english: str, arabic: str) -> None:
    assert Show(language("en")).duration(seconds) == english
    assert Show(ARABIC).duration(seconds) == arabic


@pytest.mark.parametrize(
    ("code", "shown"),
    [("en", "write 1 in “Rows of the header (0: there is none)”"), ("ar", "فاذكر ذلك أدناه")],
)
def test_what_is_a_flag_of_the_command_line_is_named_as_on_the_page(code: str, shown: str) -> None:
    found = Message("the header has %(count)s rows; use --header-rows 1 if it has one", count=2)
    assert shown in Show(language(code)).said(found)


def test_what_is_for_commands_alone_is_not_said() -> None:
    found = joined([Message("Make room."), Message("Run the same command again.")], "sentences")
    assert Show(language("en")).said(found) == "Make room."
    assert Show(language("en")).hint(Message("Run the same command again.")) == ""


def test_no_message_of_the_page_is_about_the_command_line() -> None:
    """A message that names a flag, a command or a line of a mapping has plain words."""
    told = {code for context, (code, *_) in extracted("messages") if not context}
    assert [code for code in told if COMMAND_LINE.search(code)] == []


def test_plain_words_have_no_gap_of_their_own_and_name_what_is_on_the_page() -> None:
    texts = {text for name in ("page", "messages") for _, (text, *_) in extracted(name)}
    for code, plain in plain_codes().items():
        assert set(GAPS.findall(plain)) <= set(GAPS.findall(code)), code
        labels = [text for text in re.findall(r"“([^”%]{2,})”", plain) if text not in texts]
        assert labels == [], code
