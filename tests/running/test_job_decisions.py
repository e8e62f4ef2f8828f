"""In which order rows are decided about: new ones first, those that were refused last."""

from __future__ import annotations

from pathlib import Path

from law.imports import Imports, Settings
from law.lists import Line

from importer.records import AlreadyCreated, Reconsidered, Send
from importer.running.recall import recall


def person(who: int, **details: str) -> Line:
    email = f"a{who}@example.com"
    made = Line(who=who, ref=f"R{who}", first="Ana", last=f"Roy{who}", email=email)
    return Line(**{name: details.get(name, getattr(made, name)) for name in Line.__slots__})


def test_rows_that_were_refused_are_sent_after_those_that_only_waited(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    known, refused, mixed_up = person(1), person(2, first="Bo"), person(3)
    imports.run([known, refused], Settings(mapping="first names alone"), ["answered", "refused"])

    ran = imports.run([refused, known, mixed_up], Settings(mapping="full"))

    assert [send.record.row.number for send in ran.sent] == [3, 1]
    assert ran.before == 1


def test_a_row_that_stood_for_the_record_of_another_is_counted_once(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    poor = Settings(mapping="first names alone")
    one, other = person(1), person(2)
    imports.run([one], poor)
    imports.run([other], poor)

    job = imports.job([other, one], Settings(mapping="full"))
    with recall(job, salt="salt") as recalled:
        decisions = [type(one) for one in job.decisions(recalled.ledger)]
    ran = imports.run([other, one], Settings(mapping="full"))

    assert decisions == [AlreadyCreated, Reconsidered, Send]
    assert [send.record.row.number for send in ran.sent] == [1]
    assert ran.before == 1
    assert imports.run([other, one], Settings(mapping="full")).before == 2
