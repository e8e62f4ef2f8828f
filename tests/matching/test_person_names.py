"""Two spellings of one name share a form, and two names do not."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.matching.person_names import first_name_forms, name_forms, name_words

ONE_NAME = {
    "umlauts": ["Jürgen Müller", "Juergen Mueller", "Jurgen Muller", "JÜRGEN MÜLLER"],
    "umlauts in two letters each": ["Jürgen Müller", "Ju\u0308rgen Mu\u0308ller"],
    "order": ["Jürgen Müller", "Müller Jürgen", "Müller, Jürgen", "Müller,Jürgen"],
    "umlauts beside other vowels": ["Jörg Bäuerle", "Joerg Baeuerle", "Jorg Bauerle"],
    "umlaut before the last letter": ["Songül Yıldız", "Songuel Yildiz"],
    "sharp s": ["Rolf Weiß", "ROLF WEISS", "ROLF WEIẞ"],
    "Spanish": ["José Núñez", "JOSE NUNEZ"],
    "read as windows-1252": ["José Núñez", "JosÃ© NÃºÃ±ez"],
    "read as Mac Roman": ["José Núñez", "Jos√© N√∫√±ez"],
    "read as windows-1251": ["José Núñez", "JosГ© NГєГ±ez"],
    "a control among it": ["Łukasz Wałęsa", "Å\x81ukasz WaÅ‚Ä™sa"],
    "read as windows-1256": ["محمد علي", "ظ…ط­ظ…ط¯ ط¹ظ„ظٹ"],
    "read as windows-1250": ["Łukasz Wałęsa", "Ĺ\x81ukasz WaĹ‚Ä™sa"],
    "Cyrillic read as windows-1252": ["Ольга Лосева", "ÐžÐ»ÑŒÐ³Ð° Ð›Ð¾Ñ\x81ÐµÐ²Ð°"],
    "Vietnamese read as windows-1252": ["Nguyễn Lan", "Nguyá»…n Lan"],
    "no mojibake, but a no-break space": ["JOSÉ PEREZ", "JOSÉ\u00a0PEREZ"],
    "no mojibake, but Finnish capitals": ["HEIKKILÄ LIISA", "HEIKKILÄ\u00a0LIISA"],
    "no mojibake in windows-1250": ["LICĂ KUHN", "LICĂ\u00a0KUHN"],
    "no mojibake, but an apostrophe": ["Jean D'Étienne", "Jean D’Étienne"],
    "Turkish": ["IŞIK YILDIZ", "Işık Yıldız", "isik yildiz", "İşik YILDIZ"],
    "Danish": ["Søren Ørsted", "Soeren Oersted", "Soren Orsted", "SØREN ØRSTED"],
    "Polish": ["Łukasz Wałęsa", "Lukasz Walesa"],
    "Vietnamese": ["Nguyễn Thị Đào", "Nguyen Thi Dao"],
    "Arabic": ["فاطمة علي", "فاطمه علی", "فاطمـــة علي", "فَاطِمَة عَلِيّ", "علي، فاطمة"],
    "presentation forms": ["فاطمة علي", "ﻓﺎﻃﻤﺔ ﻋﻠﻲ"],
    "hamzas": ["أحمد إبراهيم", "احمد ابراهيم", "ٱحمد إبراهیم"],
    "madda": ["آمنة كريم", "امنه کریم"],
    "final ya": ["ليلى موسى", "ليلي موسي"],
    "joined Arabic": ["عبد الله حسن", "عبدالله حسن", "حسن, عبد الله", "حسن عبدالله"],
    "joined": ["Rana Al-Amin", "Rana Alamin", "Rana Al Amin", "Al Amin, Rana", "ALAMIN RANA"],
    "joined twice": ["Abu Bakr Al Amin", "Abubakr Alamin", "Alamin, Abu-Bakr"],
    "hyphen between vowels": ["Anna-Elena Kuhn", "Anna Elena Kuhn", "Kuhn, Anna Elena"],
    "apostrophes": ["Sa'id Haddad", "Said Haddad", "Sa’id Haddad", "Saʿid Haddad"],
    "Irish": ["Kim O'Brien", "Kim OBrien", "Kim O’Brien", "O Brien, Kim", "Kim Oâ€™Brien"],
    "full width": ["Rana Haddad", "Ｒａｎａ　Ｈａｄｄａｄ", "Ｈａｄｄａｄ，Ｒａｎａ"],
    "spaces": ["Rana Haddad", " Rana\u00a0\u00a0Haddad\u200f", "Rana\tHaddad"],
    "dots": ["J. R. Haddad", "J.R. Haddad", "JR Haddad"],
    "Cyrillic": ["Сергей Лосев", "Sergey Losev", "СЕРГЕЙ ЛОСЕВ"],
    "Russian yo": ["Алёна Королёва", "Алена Королева"],
    "Greek": ["Σωκράτης Καρράς", "ΣΩΚΡΑΤΗΣ ΚΑΡΡΑΣ", "Sokratis Karras"],
    "any order of three": ["Anna Maria Kuhn", "Maria Kuhn Anna", "Kuhn Maria Anna"],
}


@pytest.mark.parametrize("spellings", ONE_NAME.values(), ids=ONE_NAME)
def test_spellings_of_one_name_share_a_form(spellings: list[str]) -> None:
    for one, other in combinations(spellings, 2):
        assert name_forms([one]) & name_forms([other]), f"{one} and {other}"


@pytest.mark.parametrize(
    "names",
    [
        ["Jürgen", "Müller"],
        ["Müller", "Jürgen"],
        ["", "Jürgen Müller", "-"],
        ["Jürgen Müller", "Jürgen", "Müller"],
        ["Jürgen", "Müller, Jürgen"],
        ["JÃ¼rgen", "Müller"],
    ],
)
def test_it_does_not_matter_in_which_field_a_word_stands(names: list[str]) -> None:
    assert name_forms(names) == name_forms(["Jürgen Müller"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Clara Kuhn", "Carla Kuhn"),
        ("Joe Kuhn", "Jo Kuhn"),
        ("Michael Kuhn", "Michal Kuhn"),
        ("Saeed Haddad", "Saad Haddad"),
        ("Saeed Haddad", "Said Haddad"),
        ("Raed Haddad", "Raad Haddad"),
        ("Angela Anders", "Angel Anders"),
        ("Luisa Ender", "Luis Ender"),
        ("عمر حسن", "عامر حسن"),
        ("علا حسن", "علاء حسن"),
        ("سالم حسن", "سلم حسن"),
        ("Лидия Лосева", "Лидия Лосев"),
        ("민지 우", "지우 민"),
        ("王 小明", "汪 小明"),
        ("がく はら", "かく はら"),
        ("रीमा राव", "रमा राव"),
        ("Test Kuhn 1", "Test Kuhn 2"),
        ("Anna Maria Kuhn", "Anna Kuhn"),
    ],
)
def test_two_names_share_no_form(one: str, other: str) -> None:
    assert name_forms([one])
    assert name_forms([other])
    assert not name_forms([one]) & name_forms([other])


@pytest.mark.parametrize(
    "names", [[], [""], ["Rana"], ["Al-Amin"], ["王小明"], ["Rana", "-"], ["Rana", " . "]]
)
def test_a_single_word_is_no_whole_name(names: list[str]) -> None:
    assert name_forms(names) == frozenset()


def test_the_same_word_twice_is_a_whole_name() -> None:
    assert name_forms(["Ali", "Ali"]) == name_forms(["Ali Ali"]) != frozenset()


@pytest.mark.parametrize(
    ("first", "name", "forms"),
    [
        ("Jürgen", None, {"jurgen"}),
        ("Juergen", "Someone Else", {"jurgen"}),
        ("Dr. Anna Maria", None, {"anna", "annamaria"}),
        ("Anna-Maria", None, {"annamaria"}),
        ("", "Rana Haddad", {"rana"}),
        (None, "Haddad, Rana", {"rana"}),
        (None, "Al Amin, Anna Maria", {"anna", "annamaria"}),
        (None, "حداد، رنا", {"رنا"}),
        (None, "Ｈａｄｄａｄ，Ｒａｎａ", {"rana"}),
        (None, "Haddad,", {"haddad"}),
        (None, "Frau Rana Haddad", {"rana"}),
        ("السيد أحمد", None, {"احمد"}),
        (None, "Abd Allah Haddad", {"abdallah"}),
        (None, "عبد الله حداد", {"عبدالله"}),
        (None, "عبدالله حداد", {"عبدالله"}),
        ("Herr", None, set()),
        ("Herr", "Rana Haddad", {"rana"}),
        (None, "", set()),
        (None, None, set()),
    ],
)
def test_a_first_name_is_found(first: str | None, name: str | None, forms: set[str]) -> None:
    assert first_name_forms(first, name) == forms


def test_the_words_of_a_name_are_folded() -> None:
    assert name_words(["Sa'id", "AL-AMIN Müller, Łukasz"]) == {"said", "alamin", "muller", "lukasz"}
    assert name_words([]) == frozenset()


def test_version_1_folds_as_it_always_did() -> None:
    """Records on file were folded like this: if it must change, so must the version."""
    names = ["Jürgen Müller", "Łukasz Wałęsa", "Søren Ægir Þór", "Щукина Юлия", "Σωκράτης Καρράς"]
    names += ["فاطمة الزهراء", "Rana Al Amin", "Bo Li", "김 철수", "გიორგი ლომი", "Արամ Տեր"]
    assert {form for name in names for form in name_forms([name])} == {
        *("enmullerjurg", "alesalukaszw", "agirthorsoren", "agir soren thor"),
        *("ashchukinayuliy", "arrassokratisk", "ءفاطمهالزهرا", "aalaminran", "al amin rana"),
        *("bo li", "김 철수", "gilomigior", "amterar"),
    }


def folded(text: str) -> str:
    return "".join(name_words([text]))


LETTERS = st.text("abceouäöüßøłñçéIıİج'-ةيعب나김山", min_size=1, max_size=6)
WORDS = st.lists(LETTERS.filter(folded), min_size=2, max_size=4, unique_by=folded)
LONG_NAMES = WORDS.filter(lambda words: len("".join(map(folded, words))) >= 5)


@given(WORDS)
def test_any_order_and_any_fields_share_a_form(words: list[str]) -> None:
    forms = name_forms(words)
    for order in permutations(words):
        assert name_forms(order) & forms
        assert name_forms([" ".join(order)]) == name_forms(order)
        assert name_forms([" ".join(order[:1]), " ".join(order[1:])]) == name_forms(order)


@given(LONG_NAMES.filter(lambda words: len(words) > 2), st.integers(0, 2))
def test_joined_words_share_a_form(words: list[str], at: int) -> None:
    """Joined by a hyphen: without one, an `a` and an `e` that meet may be an ä."""
    joined = [*words[:at], "-".join(words[at : at + 2]), *words[at + 2 :]]
    assert name_forms(joined) & name_forms(words)


@given(st.lists(st.text()), st.text())
def test_any_text_is_folded_the_same_again(names: list[str], text: str) -> None:
    for form in name_forms(names):
        assert name_forms([form]) <= {form} or " " in form
    for form in first_name_forms(text, None):
        assert form
        assert not any(map(str.isspace, form))


def test_no_library_is_loaded_for_names_that_need_none() -> None:
    code = (
        "import sys; from importer.matching.person_names import name_forms;"
        "name_forms(['Jürgen Müller']); name_forms(['فاطمة علي']); print('anyascii' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
