"""Headers taken apart: the same words however they are written, in a list's own language."""

from __future__ import annotations

import pytest

from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import Vocabulary, load_vocabulary, same_meaning


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("HomePhone2", ("home", "phone", "2")),
        ("home_phone_02", ("home", "phone", "2")),
        ("Home-Phone (2)", ("home", "phone", "2")),
        ("LName", ("l", "name")),
        ("FIRSTNAME", ("firstname",)),
        ("Straße", ("strasse",)),
        ("N° tél.", ("no", "tel")),
        ("№ п/п", ("no", "п", "п")),
        ("Client #", ("client", "no")),
        ("D.O.B.", ("dob",)),
        ("C.P.", ("cp",)),
        ("İl", ("il",)),
        ("Imię", ("imie",)),
        ("Ülke", ("ulke",)),
        ("الاسم الأوّل", ("اسم", "اول")),
        ("جوال ٢", ("جوال", "2")),
        ("फ़ोन", ("फोन",)),
        ("Contact's Phone", ("contact", "phone")),
        ("Legacy_Id__c", ("legacy", "id")),
        ("a\u200fb", ("ab",)),
        ("  ", ()),
    ],
)
def test_tokens(header: str, words: tuple[str, ...]) -> None:
    assert tokenize(header) == words


@pytest.mark.parametrize(
    ("neighbours", "header", "meanings"),
    [
        (["Nombre", "Correo", "Teléfono"], "Estado", {"either"}),
        (["Nazwisko", "Telefon", "Ulica"], "Do", {"end"}),
        (["First Name", "Phone", "E-mail", "City"], "Department", {"nofield_department"}),
        (["Prénom", "Téléphone", "Ville"], "Département", {"state"}),
        (["Kunde", "Telefonnummer"], "Rechnungsadresse", {"mailing", "address"}),
        (["First Name"], "E-mail Address of the Contact", {"email", "contact"}),
    ],
)
def test_meanings_depend_on_the_language(
    neighbours: list[str], header: str, meanings: set[str]
) -> None:
    vocabulary = load_vocabulary()
    votes = vocabulary.languages([*neighbours, header])
    assert vocabulary.parse(header, votes, "contact").meanings == meanings


def test_a_word_in_two_meanings_is_the_record_s_own() -> None:
    vocabulary = Vocabulary({"lead": {"xx": "ask"}, "case": {"xx": "ask"}})
    for prefer in ("lead", "case"):
        assert vocabulary.parse("ask", {}, prefer).meanings == {prefer}


@pytest.mark.parametrize(
    ("word", "unknown"),
    [
        ("telephone", ()),
        ("telepone", ("telepone",)),
        ("zelephone", ("zele",)),
        ("vereinstelephone", ("vereins",)),
        ("phon", ("phon",)),
        ("telephonemodel", ("telephonemodel",)),
    ],
)
def test_compounds_with_unknown_words(word: str, unknown: tuple[str, ...]) -> None:
    parsed = Vocabulary({"phone": {"en": "telephone, phone"}}).parse(word, {}, "contact")
    assert parsed.unknown == unknown


@pytest.mark.parametrize(
    ("header", "others", "same"),
    [
        ("Mobile", ["Cell Phone", "E-mail"], "Cell Phone"),
        ("Vorname", ["First Name", "City"], "First Name"),
        ("Mobile", ["Cell Phone", "Handy"], None),
        ("Plate", ["Colour"], None),
        ("", ["E-mail"], None),
    ],
)
def test_same_meaning(header: str, others: list[str], same: str | None) -> None:
    assert same_meaning(header, others) == same


def test_the_aliases_and_the_words_cover_all_languages() -> None:
    vocabulary = load_vocabulary()
    found = {
        language
        for senses in vocabulary._index.values()
        for sense in senses
        for language in sense.languages
    }
    tuned = {"en", "ar", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "ur", "hi"}
    assert found == tuned | {
        *("bg", "ca", "cs", "da", "el", "et", "fa", "fi", "he", "hr", "hu", "id", "ja"),
        *("ko", "lt", "lv", "nb", "ro", "sk", "sl", "sr", "sv", "th", "tl", "uk", "vi", "zh"),
    }


@pytest.mark.parametrize(
    ("header", "meanings", "unknown"),
    [
        ("Vereinstelefon", {"phone"}, ("vereins",)),
        ("Netzpasswort", {"secret_password"}, ("netz",)),
        ("교회전화", {"phone"}, 1),
        ("顧客電話番号", {"phone", "customer"}, ()),
        ("имяклиента", {"name", "customer"}, ()),
        ("capacity", set(), ("capacity",)),
        ("velocity", set(), ("velocity",)),
    ],
)
def test_compounds_of_any_script(
    header: str, meanings: set[str], unknown: tuple[str, ...] | int
) -> None:
    vocabulary = load_vocabulary()
    parsed = vocabulary.parse(header, vocabulary.languages([header]), "contact")
    assert parsed.meanings == meanings
    assert (len(parsed.unknown) if isinstance(unknown, int) else parsed.unknown) == unknown
