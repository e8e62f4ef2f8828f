"""A block of rows is looked up in all that is on record; what is not there is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from stages.ledger import VALIDATION, created, decide, line, record, rerun, sent, sent_line

from importer import keys
from importer.marks import Marker, Marks
from importer.records import AlreadyCreated, Outcome, PendingDuplicate, Record, Row, Send, Status
from importer.writer import KnownLine, Ledger, line_from_json

HASH = record()[1]
RUN = {"kind": "run", "run": "r", "object": "contact", "base_url": "http://x"}


@dataclass
class Mapped:
    """Rows as a mapping maps them: the key and the mark of each."""

    keys: Sequence[str]
    mark: str = "nobody's"
    places: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = range(len(self.keys))

    def findable(self, marker: Marker) -> tuple[Sequence[int], Sequence[str]]:
        return self.places, marker.findable([self.mark for _ in self.keys])


class Held:
    """Marks on record."""

    def __init__(self, *marks: str) -> None:
        self.marks = marks

    def find(self, marks: Marks) -> Any:
        raise NotImplementedError

    def hold(self, marks: Sequence[str]) -> Sequence[bool]:
        return [one in self.marks for one in marks]


class Earlier:
    """An earlier mapping, which has made `first` of each row."""

    record: Record = record()[0]
    row_hash: str = keys.row_hash("contact", {"name": "Rana"})

    def __bool__(self) -> bool:
        return True

    def forms(self, row: Row) -> Iterator[Earlier]:  # noqa: ARG002
        yield self

    def key(self, number: int) -> str:
        return keys.row_key("contact", self.row_hash, occurrence=number)


class InABlock:
    """One created row of a long results file, of which only the content is known."""

    def __len__(self) -> int:
        return 1

    def find(self, hashes: Sequence[str]) -> list[int | None]:
        return [0 if one == HASH else None for one in hashes]

    def has_next(self, position: int, hashes: Sequence[str]) -> bool:  # noqa: ARG002
        return False

    def find_key(self, key: str) -> Outcome | None:  # noqa: ARG002
        return None

    def find_keys(self, keys: Sequence[str]) -> Sequence[int | None]:
        return [None for _ in keys]

    def key(self, position: int) -> str | None:  # noqa: ARG002
        return "vi1-lost"


def nobody() -> list[Mapped]:
    """Return the rows of a block with keys and marks that are not on record."""
    return [Mapped(["vi1-a", "vi1-b"]), Mapped(["vi1-c", "vi1-d"])]


def first() -> Send:
    return sent(Ledger())


ABOUT_ITS_CONTENT = {
    "a request": [{**sent_line(first()), "source_hash": HASH}],
    "a record": [line(created(first()))],
    "a refusal by the CRM": [line(first().outcome(Status.FAILED, error=VALIDATION))],
    "a refusal by the mapper": [
        {**line(first().outcome(Status.INVALID, error=VALIDATION)), "idempotency_key": None}
    ],
    "the record of another row": [
        KnownLine(
            source_hash=HASH, occurrence=1, idempotency_key=keys.row_key("contact", "x")
        ).to_json()
    ],
}


@pytest.mark.parametrize("lines", ABOUT_ITS_CONTENT.values(), ids=ABOUT_ITS_CONTENT)
def test_a_row_is_known_by_its_content_alone(lines: list[dict[str, Any]]) -> None:
    ledger = rerun(*lines)
    assert ledger.unrelated.related(["0" * 64, HASH], nobody()) == {1}


def test_a_row_is_known_by_its_content_in_a_long_file() -> None:
    ledger = Ledger()
    ledger.take(InABlock())
    assert ledger.unrelated.related(["0" * 64, HASH], nobody()) == {1}


@pytest.mark.parametrize("mapping", [0, 1], ids=["today's", "an earlier one"])
def test_a_row_is_known_by_its_key_with_each_mapping(mapping: int) -> None:
    ledger = rerun(line(created(first())))
    mapped = nobody()
    mapped[mapping].keys = ["vi1-a", first().key]
    assert ledger.unrelated.related(["0" * 64, "1" * 64], mapped) == {1}


@pytest.mark.parametrize("mapping", [0, 1], ids=["today's", "an earlier one"])
@pytest.mark.parametrize("salt", ["own", "one of a file that was joined to it", "last"])
def test_a_row_is_known_by_its_marks_with_each_mapping_and_salt(salt: str, mapping: int) -> None:
    ledger = Ledger(salt="own")
    runs = [] if salt == "own" else [{**RUN, "salt": salt}, {**RUN, "salt": "last"}]
    ledger.load(map(line_from_json, runs))
    ledger.recognise_by(marks=Held(*Marker(salt).findable(["hers"])))
    mapped = [Mapped(["vi1-a"]), Mapped(["vi1-b"])]
    assert ledger.unrelated.related(["0" * 64], mapped) == set()
    mapped[mapping].mark = "hers"
    assert ledger.unrelated.related(["0" * 64], mapped) == {0}


def test_a_new_row_is_sent_and_one_that_equals_it_is_not() -> None:
    ledger = Ledger()
    assert ledger.unrelated.send(first().key) is True
    assert ledger.unrelated.send(first().key) is False
    assert isinstance(decide(ledger), PendingDuplicate), "also if the ledger is asked"


def test_the_ledger_is_asked_about_a_key_that_it_has_decided_about() -> None:
    ledger = Ledger()
    assert isinstance(decide(ledger), Send)
    assert ledger.unrelated.send(first().key) is None
    assert rerun(sent_line(first())).unrelated.send(first().key) is None


def test_the_ledger_is_asked_about_a_row_that_equals_one_with_an_earlier_record() -> None:
    ledger = rerun(line(created(first())))
    ledger.recognise_by(earlier=Earlier())
    today = sent(Ledger(), ref="K1").key
    assert isinstance(decide(ledger, ref="K1", note="other content"), AlreadyCreated)
    assert ledger.unrelated.send(today) is None


def test_the_ledger_is_asked_about_an_address_in_capitals() -> None:
    send = Ledger().unrelated.send
    assert send("vi1-as-written", "vi1-plain") is True
    assert send("vi1-as-written", "vi1-plain") is None
    assert send("vi1-in-capitals", "vi1-plain") is None
    assert send("vi1-plain", "vi1-plain") is None
    assert send("vi1-other", "vi1-other") is True
