"""The judge of the stories knows who is who, what connects two rows, and what a decision is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from stories.doubts import Doubt, decisions
from stories.judge import Judge
from stories.register import Entry, Register
from stories.service import Service
from stories.ties import Book, Shape, Version, version_of
from stories.writings import NAMES, words

COLUMNS = ("First", "Last", "Mail", "Tel", "Ref")
SHAPE = Shape(COLUMNS, COLUMNS, "Ref")
ADA = {"First": "Ada", "Last": "Lind", "Mail": "a@example.com", "Tel": "+971501", "Ref": "1"}


def _version(who: str = "Ada", styles: tuple[str, ...] = (), **facts: str) -> Version:
    register = Register(Random(0), COLUMNS, styles=styles)
    entry = Entry(who, {**ADA, "Firm": "", "Since": "", "Note": "", **facts}, "")
    return version_of(entry, register.cells(entry), styles, SHAPE)


def _book(*versions: Version) -> Book:
    book = Book()
    for version in versions:
        book.note(version)
    return book


NOBODY_LEFT = {"Mail": "b@example.com", "Tel": "+971502", "Ref": "2"}


@pytest.mark.parametrize(
    ("facts", "is_connected"),
    [
        ({"Mail": "b@example.com"}, True),
        ({"First": "Eve", "Last": "Roy", "Mail": "b@example.com", "Tel": "+971502"}, True),
        (NOBODY_LEFT, True),  # a whole name, in a list of people who are all known
        ({**NOBODY_LEFT, "Last": "Roy"}, False),
    ],
)
def test_a_row_is_connected_by_whatever_the_contract_names(
    facts: dict[str, str], is_connected: bool
) -> None:
    unconnected = [*_book(_version()).unconnected([_version("Ada", (), **facts)], "Ref")]
    assert unconnected == ([] if is_connected else ["Ada"])


def test_a_whole_name_alone_connects_nobody_in_a_list_of_strangers() -> None:
    strangers = [
        _version(name, First=name, Mail=f"{name}@example.com", Tel=name, Ref=name)
        for name in ("Bo", "Cy")
    ]
    rows = [_version("Ada", (), **NOBODY_LEFT), *strangers]
    assert [*_book(_version()).unconnected(rows, None)] == ["Ada"]


def test_the_version_before_connects_as_well() -> None:
    book = _book(_version(), _version(Mail="b@example.com", Ref="2"))
    row = _version(Last="Marin", Mail="b@example.com", Tel="+971502", Ref="3")
    assert [*book.unconnected([row], None)] == []


def test_a_shared_address_connects_only_with_a_first_name() -> None:
    other = _version("Bo", First="Bo", Tel="+971509", Ref="9")
    book = _book(_version(), other)
    married = _version(Last="Roy", Tel="+971502", Ref="2")
    renamed = _version(First="Eve", Last="Roy", Tel="+971502", Ref="2")
    assert [*book.unconnected([married, other], None)] == []
    assert [*book.unconnected([renamed, other], None)] == ["Ada"]


def test_what_cannot_be_read_connects_nobody() -> None:
    row = _version(styles=("names misspelt", "ids cut"), Mail="b@example.com", Tel="+971502")
    assert row.names is None
    assert [*_book(_version()).unconnected([row], "Ref")] == ["Ada"]


def test_rows_contradict_each_other_by_one_identity() -> None:
    rows = [_version(name, First=name, Ref="1") for name in ("Ada", "Bo", "Cy")]
    assert Book().contradictions(rows, "Ref") == (2, 3)
    assert _book(*rows).contradictions(rows, "Ref") == (0, 3)


def test_ids_given_anew_contradict_the_records() -> None:
    old = [_version(name, First=name, Ref=str(at)) for at, name in enumerate(("Ada", "Bo"))]
    new = [_version(name, First=name, Ref=str(1 - at)) for at, name in enumerate(("Ada", "Bo"))]
    assert _book(*old).contradictions(new, "Ref") == (2, 2)


def test_a_record_is_known_by_any_way_of_writing_its_name() -> None:
    register, judge = Register(Random(0), COLUMNS), Judge(Service())
    entry = register.new("", First="Jürgen", Last="Ørsted")
    namesake = register.new("")
    namesake.facts |= {"First": "Jürgen", "Last": "Ørsted"}
    for one in (entry, namesake):
        judge.learn(one, register.spellings(one))
    for write in NAMES.values():
        name = f"{write('Ørsted')}, {write('Jürgen')}"
        assert judge.who_is(name, entry.facts["Mail"].upper()) == entry.who
        assert judge.who_is(name, namesake.facts["Tel"]) == namesake.who


def test_words_do_not_depend_on_order_or_unseen_letters() -> None:
    assert words("Lind, Ada") == words("Ada  Lind") == words("Ada Li\u00adnd")


def test_decisions_are_truthful(tmp_path: Path) -> None:
    doubts = [
        Doubt("Ada", "Ada", "r1"),
        Doubt("Bo", "Ada", "r2"),
        Doubt("Cy", None, "r3"),
        Doubt("Cy", None, "r4"),
        Doubt("Dee", "Ada", "r5"),
        Doubt("Eve", "Ada", "r6"),
    ]
    there, allowed = Counter(Ada=1, Dee=1, Eve=1), {"Ada": 2, "Dee": 1, "Eve": 2}
    found = [*decisions(doubts, there, tmp_path, Random(0), may_say_all=True, allowed=allowed)]
    assert found == [("--same", "r1", {"Ada"}), ("--new", "decided.csv", {"Bo", "Cy", "Eve"})]
    refs = (tmp_path / "decided.csv").read_text(encoding="utf-8").splitlines()
    assert sorted(refs) == ["r2", "r3", "r6", "vorel_ref"]
