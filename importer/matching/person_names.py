"""Folds the names of people, so that two spellings of one name are found to be the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

# White space and commas separate words. Other signs join them: Al-Amin is Alamin, Sa'id is Said.
_SIGNS: dict[int, str | None] = {
    code: " " if chr(code).isspace() else None for code in range(128) if not chr(code).isalnum()
} | {ord(","): " "}
# Letters that keyboards for Arabic, Persian and Urdu write with different characters. A tatweel
# only makes a word longer; hamzas on other letters are marks.
_ARABIC = str.maketrans("ةۃہھەىیےکٱ،、", "هههههيييكا,,", "ـ")
_COMMA = re.compile("[,،、，]")
# Accents, Hebrew points, Arabic vowels, and what cannot be seen. Marks of other scripts tell
# letters apart, as does that of й.
_MARKS = re.compile(
    r"(?<!и)[\u0300-\u036f]|[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# Latin, Greek, Cyrillic, Armenian and Georgian, which `anyascii` reads letter by letter. In other
# scripts it loses too much: Omar (عمر) and Amer (عامر) would be one name.
_READABLE = re.compile(r"[\u0080-\u058f\u10a0-\u10ff\u1e00-\u1fff]+")
# The e of ae, oe and ue, as ä, ö and ü are also written. It stays at the end of a word (Joe is not
# Jo), before another e (Saeed is not Saad), and in Michael (not Michal).
_UMLAUT_E = re.compile(r"(?<=[ou])e(?=[a-df-z])|(?<=a)e(?=[a-df-z])(?!l\b)")
# A name with fewer letters says too little once its words are joined: Woo Minji and Min Jiwoo have
# three syllables each, and the same ones.
_RING_LETTERS = 5
_KEPT = 4096
"""The words of so many texts are kept: first and last names repeat in a list."""
# What spreadsheet programs take UTF-8 for, by language and system.
_WRONG_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "mac_roman")
# A byte that the encoding has no character for becomes a control; this makes it a byte again.
_CONTROLS = {code: 0xDC00 + code for code in range(0x80, 0xA0)}
_TITLES = frozenset(
    (
        *("mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme"),
        *("السيد", "السيده", "الدكتور", "الدكتوره", "د"),
    )
)
# Halves of first names that are none by themselves: Abd Allah and Abd Rahman are two names.
_HALVES = frozenset(("abd", "abdul", "abdel", "abu", "عبد", "ابو"))


def name_forms(names: Sequence[str]) -> frozenset[str]:
    """
    Return the folded forms of a whole name; spellings of one name have at least one in common.

    `names` are the texts of the fields that a name may stand in, in any order. The result is empty
    if they have fewer than two words, which white space, a comma or the end of a text separates.
    A text that repeats all other ones is the whole name.

    Case, accents, punctuation and the order of the words do not matter, neither does in which
    field a word stands, whether it is joined to the next one, nor whether ü is written u or ue.

    >>> name_forms(["Jürgen", "Müller"]) == name_forms(["MUELLER, Juergen"])
    True
    >>> name_forms(["Rana Al-Amin"]) & name_forms(["Al Amin", "Rana"])
    frozenset({'aalaminran'})
    >>> name_forms(["Rana"])
    frozenset()

    The first form is a ring: the letters of all words, joined, read from where they come first in
    the alphabet. Joining words does not change it, nor does moving words from one end to the other
    (first and last name). Names of three words or more have their sorted words as a second form,
    for any other order. Names of fewer than five letters have the sorted words alone.

    Measured with 298,925 made-up names, 690 first and 1,000 last names of Faker's for the USA: 10
    have the ring of another one (Paula Li and Paul Ali), but 11,676 its sorted letters (Clara and
    Carla). Of 12,584 names in 37 public lists, four fifths of them from a list of generated ones,
    two have the same ring: one name, written joined and not.
    """
    words = _whole_name(names)
    if len(words) < 2:
        return frozenset()
    letters = "".join(words)
    if len(letters) < _RING_LETTERS:
        return frozenset((" ".join(sorted(words)),))
    if len(words) == 2:
        return frozenset((_ring(letters),))
    return frozenset((_ring(letters), " ".join(sorted(words))))


def first_name_forms(first: str | None, name: str | None) -> frozenset[str]:
    """
    Return the folded forms of a first name: of the first word of `first`, or else of `name`.

    In `name` it is the word after a comma, if there is one. Titles are skipped. Where it is known
    to have more words than one, they are joined as another form.

    >>> sorted(first_name_forms("Anna Maria", None))
    ['anna', 'annamaria']
    >>> first_name_forms(None, "Haddad, Dr. Rana") == first_name_forms(None, "RANA HADDAD")
    True
    """
    if first is not None and (words := _first_names(first)):
        forms = {words[0], "".join(words)}
    elif name is not None:
        last, *after = _COMMA.split(name, maxsplit=1)
        words = _first_names("".join(after))
        forms = {words[0], "".join(words)} if words else set(_first_names(last)[:1])
    else:
        return frozenset()
    return frozenset(forms)


def whole_name(name: str | None, first: str | None, last: str | None) -> str:
    """
    Return the folded letters of a whole name from the first name to the last, joined.

    In `name` what follows a comma comes first. The result is "" if there are fewer words than two.

    >>> whole_name("HADDAD, Rana", None, None) == whole_name(None, "Rana", "Haddad")
    True
    >>> whole_name("Haddad Rana", None, None) == whole_name(None, "Rana", "Haddad")
    False
    """
    begins, *rest = _COMMA.split(name or "", maxsplit=1)
    words = _whole_name([" ".join([*rest, begins]), first or "", last or ""])
    return "".join(words) if len(words) > 1 else ""


def name_words(names: Sequence[str]) -> frozenset[str]:
    """
    Return the folded words of a name.

    >>> sorted(name_words(["Søren", "Ørsted"]))
    ['orsted', 'soren']
    """
    return frozenset(word for text in names for word in _words(text))


def _whole_name(names: Sequence[str]) -> Sequence[str]:
    """Return the words of all texts, or those of the one text that has all others in it."""
    texts = [words for text in names if (words := _words(text))]
    every = [word for words in texts for word in words]
    if len(texts) > 1 and len(every) > len(texts):
        longest = max(texts, key=len)
        if {*every} <= {*longest} and Counter(every) <= Counter(longest + longest):
            return longest
    return every


def _first_names(text: str) -> list[str]:
    """Return the words of a first name, without the titles before it."""
    words = [*_words(text)]
    while words and words[0] in _TITLES:
        del words[0]
    if len(words) > 1 and words[0] in _HALVES:
        words[:2] = ["".join(words[:2])]
    return words


@lru_cache(_KEPT)
def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without accents and punctuation."""
    letters = text.lower() if text.isascii() else _letters(text)
    return (*_UMLAUT_E.sub("", letters).translate(_SIGNS).split(),)


def _letters(text: str) -> str:
    """Return a text in lower case, without accents, and in ASCII where nothing is lost by that."""
    letters = unicodedata.normalize("NFKD", _repaired(text)).casefold()
    letters = _MARKS.sub("", letters)
    if letters.isascii():
        return letters
    letters = "".join(
        one if one < "\x80" or unicodedata.category(one)[0] in "LMN" else "-"
        for one in unicodedata.normalize("NFC", letters).translate(_ARABIC)
    )
    if _READABLE.search(letters) is None:
        return letters
    from anyascii import anyascii

    return _READABLE.sub(lambda found: anyascii(found[0]), letters).lower()


def _repaired(text: str) -> str:
    """Return a text as it was before it was read with a wrong encoding ("MÃ¼ller"), if it was."""
    if not _garbled().search(text):
        return text
    given = text.translate(_CONTROLS)
    for encoding in _WRONG_ENCODINGS:
        try:
            return given.encode(encoding, "surrogateescape").decode("utf-8")
        except UnicodeError:
            continue
    return text


@cache
def _garbled() -> re.Pattern[str]:
    """
    Return the pattern of UTF-8 that was read with a wrong encoding.

    One Western letter is enough for it, or two that are Greek, Cyrillic, Hebrew or Arabic, or the
    beginning of a quotation mark or a Vietnamese letter. A no-break space is none of it (HEIKKILÄ
    and a space), and other characters are not looked for (an apostrophe and É would be one).
    """

    def one_of(encoding: str, *codes: int) -> str:
        return re.escape(bytes(codes).decode(encoding, "ignore"))

    patterns = []
    for encoding in _WRONG_ENCODINGS:
        more = rf"[\x80-\x9f{one_of(encoding, *range(0x80, 0xC0))}]".replace("\xa0", "")
        patterns += [
            f"[{one_of(encoding, *range(0xC3, 0xC6))}]{more}",
            f"(?:[{one_of(encoding, *range(0xCE, 0xD2), *range(0xD7, 0xDC))}]{more}){{2}}",
            f"{one_of(encoding, 0xE2, 0x80)}",
            f"{one_of(encoding, 0xE1)}[{one_of(encoding, 0xBA, 0xBB)}]",
        ]
    return re.compile("|".join(patterns))


def _ring(letters: str) -> str:
    """
    Return the same text wherever one starts to read letters that are written in a ring.

    >>> _ring("ranahaddad"), _ring("haddadrana")
    ('addadranah', 'addadranah')
    """
    lowest, twice, size = min(letters), letters + letters, len(letters)
    return min(twice[at : at + size] for at, one in enumerate(letters) if one == lowest)
