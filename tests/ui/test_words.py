"""What the importer says in English is said in the language of the page where it can be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import importer
from importer.core.locale import language
from importer.core.locale.said import REASONS, SENTENCES
from importer.core.locale.sentences import translated
from importer.core.shared import HIDDEN
from importer.ui.words.show import Show, harmless

ARABIC = language("ar")
_PACKAGE = Path(importer.__file__).parent


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a known header of the field; the values look like phone numbers",
         "عنوان معروف للحقل؛ تبدو القيم مثل أرقام هاتف"),
        ("28 cells expected, as in the header, and 29 found",
         "عدد الخلايا المتوقع 28 كما في صف العناوين، والموجود 29"),
        ("phone: 'abc' (column 'Tel') is not a phone number: it has letters.",
         "الهاتف: 'abc' (العمود 'Tel') ليس رقم هاتف: فيه حروف."),
        ("phone: '12' (column 'Tel') is too short for AE.",
         "الهاتف: '12' (العمود 'Tel'): قيمة لا يقبلها الحقل (قصير جدًا)."),
        ("list.csv: row repaired: its delimiter is ';' (line 7)",
         "list.csv: أُصلح صف: فاصله ';' (السطر 7)"),
        (("p.csv differs too much from the last list (2026-11-25); "
         "it has 5 rows; the last one had 100 (95 % fewer; --max-shrink allows 20%); "
         "column 'Tel' mostly holds words; in the last one it held numbers"),
         ("تختلف p.csv كثيرًا عن القائمة السابقة (2026-11-25)؛ عدد صفوفها 5، وكان في "
         "السابقة 100 (أقل بنسبة 95 %؛ والمسموح 20%)؛ في العمود 'Tel' غالبًا كلمات، وكان فيه في "
         "السابقة أعداد")),
        ("the list is right: take it as it is", "القائمة صحيحة: استوردها كما هي"),
        ("Every contact needs at least one of email, name, and the row has none.",
         ("كل سجل يحتاج إلى واحد على الأقل من البريد الإلكتروني، الاسم الكامل، "
         "ولا شيء منها في الصف.")),
    ],
)  # fmt: skip
def test_a_known_sentence_is_translated_with_its_values(said: str, shown: str) -> None:
    assert translated(said, ARABIC) == shown
    assert translated(said, language("en")) == said


def test_each_field_of_a_row_is_named_once() -> None:
    said = (
        "email: 'a; b' (column 'E-mail') holds more than one address.; "
        "phone: phone: '12' (columns 'A', 'B') is odd."
    )
    assert translated(said, language("en")) == said.replace("phone: phone: ", "phone: ")
    assert translated(said, ARABIC) == (
        "البريد الإلكتروني: 'a; b' (العمود 'E-mail') فيه أكثر من عنوان.؛ "
        "الهاتف: '12' (العمود 'A', 'B'): قيمة لا يقبلها الحقل (صيغته غير مقبولة)."
    )


def test_an_unknown_sentence_stays_english_and_is_marked_as_such() -> None:
    assert translated("something else", ARABIC) is None
    assert Show(ARABIC).said("something <b>else") == (
        '<bdi lang="en">something &lt;b&gt;else</bdi>'
    )


def test_the_importer_still_says_each_sentence_that_is_translated() -> None:
    """A message that is reworded would otherwise be shown in English without a word."""
    said = "\n".join(_texts_of_the_importer())
    between = re.compile(r"%\(\w+\)s|[.:;(),]|but ")
    parts = [part.strip() for one in (*SENTENCES, *REASONS) for part in between.split(one)]
    missing = {part for part in parts if part not in said}
    assert missing == set()


def _texts_of_the_importer() -> Iterator[str]:
    for path in _PACKAGE.rglob("*.py"):
        if path.name != "said.py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield from _text_of(node)


def _text_of(node: ast.AST) -> Iterator[str]:
    """Yield a text of the code, with a NUL for each value that is put into it."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_each_reason_why_a_value_is_refused_is_translated() -> None:
    """A new kind of values would otherwise say in English what is wrong with one."""
    said = {one: translated(f"notes: 'X' (column 'X') {one}.", ARABIC) for one in _reasons()}
    assert len(said) > 40
    english = re.compile(r"[a-z]+ [a-z]+")
    assert [one for one, shown in said.items() if shown is None or english.search(shown)] == []


def _reasons() -> Iterator[str]:
    for name in ("kinds", "values", "fields"):
        for path in (_PACKAGE / "mapper" / name).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "BadValue":
                    yield from _text_of(node.args[0])


def test_no_translation_has_signs_that_would_be_shown() -> None:
    assert not [text for text in (*SENTENCES, *REASONS) if HIDDEN.search(ARABIC.gettext(text))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/amal/lists/a.csv, line 1: not a list", "a.csv, line 1: not a list"),
        ("birthday: '23/11/1979' is not a date in the form %m/%d/%Y.",
         "birthday: '23/11/1979' is not a date in the form 12/31/2024."),
        ("website: '/a/b' (column 'C/D') is not an address that begins https:// or so",
         "website: '/a/b' (column 'C/D') is not an address that begins https:// or so"),
    ],
)  # fmt: skip
def test_where_the_page_has_its_files_is_not_said(text: str, shown: str) -> None:
    assert str(Show(language("en")).said(text)) == shown.replace("'", "&#39;")


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
    [
        ("en", "the header has 2 rows; use “Rows of the header (0: there is none)” 1 if it has"),
        ("ar", "فاذكر ذلك أدناه"),
    ],
)
def test_what_is_a_flag_of_the_command_line_is_named_as_on_the_page(code: str, shown: str) -> None:
    said = Show(language(code)).said("the header has 2 rows; use --header-rows 1 if it has one")
    assert shown in said
    assert "--" not in said
