"""Reads names of people: tidied, and split, reordered or capitalised if the mapping says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from importer.mapper.data import load_words
from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Convert, FieldLimits, Kind, Options
from importer.mapper.values.texts import BadValue, fold, folded_words, one_line
from importer.mapper.values.written import stated

Order = Literal["first last", "last first", "last, first"]
Part = Literal["first", "last"]
Case = Literal["title", "title-tr"]

_SMALL_AFTER_DE = frozenset(("la", "las", "los"))
_ROMAN = frozenset(("II", "III", "IV", "VII", "VIII", "IX"))  # the others are also names: Xi, Vi
_TURKISH = str.maketrans("Iİ", "ıi")
_LETTERS = re.compile(r"[^\W\d_]+(?:\u0307[^\W\d_]*)*")
_HINT_ORDER = 'Say how the column is written: order = "first last", or order = "last first".'


class NameOptions(Options):
    """Which part of a name is taken, how the column writes names, and how case is changed."""

    part: Part | None = stated('"first" or "last"')
    order: Order | None = stated('"first last", "last first" or "last, first"')
    case: Case | None = stated('"title", or "title-tr" for Turkish names')


def name_reader(
    *, part: Part | None = None, order: Order | None = None, case: Case | None = None
) -> Callable[[str], str]:
    """
    Return a function from a text to a name; it raises `BadValue`.

    `part` is the part to take of a whole name, and `order` says where the family name is: it is the
    last word with the particles before it (`van der`, `Al`, `bin`), the first word, or everything
    before a comma, which is also the default. Without `part` the name is put into the order first,
    last. `case` changes names that are all in capitals or all in small letters; `title-tr` does so
    by the Turkish rules for dotted and dotless i.
    """

    def read(text: str) -> str:
        name = one_line(text).strip(" ;")
        if part is not None:
            first, last = _parted(name, order or "last, first")
            name = first if part == "first" else last
        elif order is not None and (order == "last first" or "," in name):
            name = " ".join(filter(None, _parted(name, order)))
        name = name.strip(" ,")
        return _titled(name, turkish=case == "title-tr") if case is not None else name

    return read


def _parted(name: str, order: Order) -> tuple[str, str]:
    if order == "last, first" or "," in name:
        last, comma, first = name.partition(",")
        if not comma:
            raise BadValue("has no comma between family and given name", _HINT_ORDER)
        if "," in first:
            raise BadValue("has more than one comma", "Correct it in the source.")
        return first.strip(), last.strip()
    words = name.split()
    if order == "last first":
        return " ".join(words[1:]), "".join(words[:1])
    start = len(words) - 1
    while start > 1 and fold(words[start - 1]).strip(".") in folded_words("people", "particles"):
        start -= 1
    return " ".join(words[: max(start, 1)]), " ".join(words[max(start, 1) :])


def _titled(name: str, *, turkish: bool) -> str:
    if not (name.isupper() or name.islower()):
        return name
    shaped: list[str] = []
    for word in name.split(" "):
        small = _lower(word, turkish=turkish)
        # De la Cruz; but La Fontaine.
        is_small = small in load_words("people", "small_particles") or (
            small in _SMALL_AFTER_DE and shaped[-1:] in (["de"], ["De"])
        )
        shaped.append(small if shaped and is_small else _capital(word, turkish=turkish))
    return " ".join(shaped)


def _capital(word: str, *, turkish: bool) -> str:
    if word in _ROMAN:
        return word  # Henry VIII

    def begin(run: re.Match[str]) -> str:
        letters = run[0]
        if letters.startswith("mc") and len(letters) > 3:  # McIntosh, and not Mca
            return f"Mc{letters[2].title()}{letters[3:]}"
        return ("İ" if turkish and letters[0] == "i" else letters[0].title()) + letters[1:]

    # Every run of letters begins with a capital: Al-Mansoori, O'Brien, J.R.; but not X's.
    shaped = _LETTERS.sub(begin, _lower(word, turkish=turkish))
    return re.sub(r"(?<=['’])S\b", "s", shaped)


def _lower(word: str, *, turkish: bool) -> str:
    return (word.translate(_TURKISH) if turkish else word).lower()


def _build(options: NameOptions, _: FieldLimits | None) -> Convert:
    return from_text(name_reader(part=options.part, order=options.order, case=options.case))


NAME = Kind(name="name", plural="names", build=_build, options=NameOptions)
