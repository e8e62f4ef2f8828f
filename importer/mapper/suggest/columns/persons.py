"""Tells the person that a row is about from others whom its columns name: parents, agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.suggest.columns.rules import match_rule, rules_of

__all__ = ["headers_of_the_row", "names_another_person"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# As `tokenize` returns them: in lower case, without accents and Arabic articles.
_GUARDIANS = _set(
    "parent parents mother father guardian mom dad mum carer caregiver grandparent grandmother"
    " mutter vater eltern elternteil vormund erziehungsberechtigter erziehungsberechtigte"
    " sorgeberechtigter pere mere tuteur tutrice responsable padre madre padres tutor tutora"
    " acudiente apoderado apoderada representante responsavel mae pai encarregado genitore genitori"
    " tutore moeder vader ouder ouders voogd verzorger rodzic rodzica rodzice matka matki ojciec"
    " ojca opiekun opiekuna veli velinin anne baba родитель родителя родители мать матери мама"
    " отец отца папа опекун anyja apja anya apa szulo szuloje gondviselo parinte parintele parinti"
    " tutorele rodic otec malsman vardnadshavare foralder foresatt foraelder ortu ayah ibu wali"
    " والد والده الاب الام ولي पिता माता अभिभावक سرپرست والدہ"
)
_OTHERS = _GUARDIANS | _set(
    "spouse partner wife husband emergency nok kin child children son daughter sibling brother"
    " sister relative fiance fiancee companion guarantor cosigner codebtor beneficiary dependent"
    " landlord agent broker ehepartner ehefrau ehemann notfall notfallkontakt kind kinder burge"
    " conjoint conjointe epoux epouse urgence enfant accompagnant conyuge esposo esposa emergencia"
    " emergencias familiar codeudor fiador hijo hija conjuge filho filha coniuge moglie marito"
    " figlio figlia emergenza noodgeval noodcontact echtgenoot echtgenote malzonek malzonka zona"
    " dziecko dziecka acil cocuk супруг супруга ребенок ребенка экстренный hazastars gyermek sot"
    " sotie copil urgenta manzel manzelka dite dieta anhorig parorende suami istri زوج زوجه طوارئ"
    " كفيل पति पत्नी شوہر"
)
# Whom a list is hardly ever about, though its rows name them.
_HELPERS = _set(
    "assistant manager supervisor referrer referral referred referee witness secretary advisor"
    " adviser lawyer solicitor doctor gp physician teacher coach investigator interviewer"
    " recruiter medico medecin arzt hausarzt lekarz врач lehrer huisarts"
)
_PUPILS = _set(
    "student pupil child kid aluno aluna alumno alumna estudiante estudante schuler schulerin kind"
    " eleve enfant alunno alunna studente leerling uczen ucznia dziecko dziecka ogrenci ученик"
    " ученика ребенок tanulo diak gyermek elev copil siswa طالب الطالب"
)
# Beginnings of compounds, and parts of words where words are not set apart.
_BEGINNINGS = ("notfall", "eltern", "ehepartner", "erziehungsberechtigt", "noodcontact", "vormund")
_INSIDE = (
    "家长",
    "父亲",
    "母亲",
    "监护人",
    "紧急联系",
    "保護者",
    "緊急連絡",
    "보호자",
    "학부모",
    "비상연락",
)
_PERSONS = frozenset({"contact", "customer", "person", "lead"})
_NAMES = frozenset({"fullname", "name", "first", "last"})
_REACH = frozenset({"email", "phone", "mobile"})
# On lists of these, whoever asks for something is another person than the row's, if there is one.
_NOT_OF_REQUESTS = frozenset({"contact", "lead", "appointment"})
_FIRST_ORDINAL = {"1", "01"}
_POSSESSIVE = "s"


def headers_of_the_row(columns: Sequence[str], object_: str) -> list[str]:
    """
    Return the headers without the word for a person whom the rows themselves are about.

    Where only `Parent Name`, `Parent Phone` and `Child Name` name people, the first of them is the
    person of the row: these headers become `name`, `phone` and stay `Child Name`. A lead is the
    parent who asked, though its child has a name too. So does whoever `Requester Name` and
    `Requester Phone` name become the person of an appointment; alone, `Requester` is a name.
    """
    own = _own_word(columns, object_)
    return [_without(column, own, object_) if own else column for column in columns]


def names_another_person(header: str, object_: str) -> bool:
    """Return whether a header is about a second person: `Contact2 Email`, `Spouse Phone`."""
    return _other_word(header, object_) is not None


@lru_cache(maxsize=4096)
def _other_word(header: str, object_: str) -> str | None:
    words = tokenize(header)
    for word in words:
        if word in _OTHERS or word in _HELPERS or word.startswith(_BEGINNINGS):
            return word
        if not word.isascii() and (inside := next((one for one in _INSIDE if one in word), None)):
            return inside
    vocabulary = load_vocabulary()
    if object_ in _NOT_OF_REQUESTS and "requester" in vocabulary.parse(header, {}, "").meanings:
        return next((word for word in words if _is_requester(word)), None)
    for word, number in pairwise(words):
        is_later = number.isdigit() and number not in _FIRST_ORDINAL and len(number) == 1
        if is_later and vocabulary.parse(word, {}, "").meanings & _PERSONS:
            return number if len(words) > 2 else None
    return None


def _is_requester(word: str) -> bool:
    return load_vocabulary().parse(word, {}, "").meanings == {"requester"}


def _own_word(columns: Sequence[str], object_: str) -> str | None:
    """Return the word for the person of the row, where that is one of those for other people."""
    words = [_other_word(column, object_) for column in columns]
    if not any(words):
        return None
    pairs = list(zip(columns, words, strict=True))
    named = [column for column, word in pairs if not word and _role(column, object_) in _NAMES]
    are_pupils = object_ == "lead" and all(not _PUPILS.isdisjoint(tokenize(one)) for one in named)
    if named and not are_pupils:
        return None
    for word in dict.fromkeys(filter(None, words)):
        roles = {_role(_without(one, word, object_), object_) for one, its in pairs if its == word}
        is_helper = not _is_requester(word) and (word in _HELPERS or word not in _OTHERS)
        if named and word not in _GUARDIANS:
            continue
        if roles & _NAMES and (roles & _REACH or not is_helper):
            return word
    return None


def _without(column: str, word: str, object_: str) -> str:
    if _other_word(column, object_) != word:
        return column
    left = " ".join(_left(tokenize(column), word))
    return left or ("name" if _is_requester(word) else "")


def _left(words: Sequence[str], word: str) -> Iterator[str]:
    for one in words:
        if one == _POSSESSIVE:
            continue
        if one != word and (rest := one.replace(word, "") if not word.isascii() else one):
            yield rest


def _role(header: str, object_: str) -> str | None:
    parsed = load_vocabulary().parse(header, {}, object_)
    match = match_rule(parsed, rules_of(object_))
    return match.role if match else None
