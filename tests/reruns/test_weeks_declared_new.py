"""Who was declared new gets one record, whatever becomes of the row by which that was said."""

from __future__ import annotations

import shutil

import pytest
from referee import World, lost, refusal
from referee.fixtures import beginning
from referee.weeks import (
    NAME,
    RESULTS,
    RUN,
    TEL,
    Row,
    begin,
    everybody,
    moved,
    person,
    save,
)

from importer.writer import index_file

BY_REF = """
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Ref"
first_name = "First"
last_name = "Last"
email = { column = "Mail", type = "email" }
"""
ADA = "A1,Ada,Lind,ada@example.com"
WRONG, RIGHT = "A1,Cyd,Marin,cyd@example.com", "C1,Cyd,Marin,cyd@example.com"
ZOE = person(10, "Zoe", "Zander")


def refs(world: World, *rows: str, name: str = "people.csv") -> None:
    world.write(name, "\n".join(["Ref,First,Last,Mail", *rows, ""]))


def of_file(name: str) -> tuple[str, ...]:
    return (name, *RUN[1:], "--results", RESULTS)


@beginning
def asked(world: World) -> list[Row]:
    """Return a list: Ada has left it, Zoe has her number and may be Ada."""
    people = everybody(4)
    begin(world, people)
    rows = [{**ZOE, "Tel": people[0]["Tel"]}, *people[1:]]
    save(world, rows)
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    return rows


@pytest.fixture
def declared(world: World, asked: list[Row]) -> list[Row]:
    world.acknowledge("--new", "all")
    return asked


@beginning
def doubtful(world: World) -> None:
    """Cyd is in the list with Ada's id, and may be Ada."""
    world.write("mapping.toml", BY_REF)
    refs(world, ADA)
    world.run(*RUN).ended(0, created=1)
    refs(world, ADA, WRONG)
    world.run(*RUN).ended(6, before=1, possible_duplicate=1)


@pytest.fixture
def wrong(world: World, doubtful: None) -> None:
    """Cyd is declared new, and not sent yet."""
    del doubtful
    world.acknowledge("--new", "all")


class TestOnceItHasItsRecord:
    @pytest.mark.parametrize("is_compacted", [False, True])
    def test_it_changes_and_is_as_before(
        self, world: World, declared: list[Row], *, is_compacted: bool
    ) -> None:
        world.run(*RUN).ended(0, before=3, created=1)
        save(world, [moved(declared[0]), *declared[1:]])
        world.run(*RUN).ended(6, before=3, changed=1)
        world.acknowledge()
        if is_compacted:
            world.command("compact", RESULTS)
        save(world, declared)
        world.run(*RUN).ended(6, before=3, changed=1)
        world.holds(Ada=1, Zoe=1, Bo=1, Cyd=1, Dina=1)

    def test_the_file_that_said_so_is_imported(self, world: World, asked: list[Row]) -> None:
        del asked
        shutil.copy(world.folder / "people.changed.csv", world.folder / "new-people.csv")
        world.acknowledge("--new", "new-people.csv")
        world.run(*RUN).ended(0, before=3, created=1)
        world.run(*of_file("new-people.csv"))
        world.holds(Ada=1, Zoe=1, Bo=1, Cyd=1, Dina=1)

    def test_its_correction_is_imported_twice(self, world: World) -> None:
        born = NAME + TEL + 'birthday = { column = "Born", type = "date" }\n'
        people = [{**one, "Born": "1990-01-01"} for one in everybody(4)]
        begin(world, people, fields=born)
        save(world, [{**ZOE, "Tel": people[0]["Tel"], "Born": "x"}, *people[1:]])
        world.run(*RUN).ended(1, before=3, invalid=1)
        shutil.copy(world.folder / "people.failed.csv", world.folder / "mine.csv")
        world.edit("mine.csv", (",x,", ",1977-07-07,"))
        world.run(*of_file("mine.csv")).ended(6, possible_duplicate=1)
        world.acknowledge("--new", "all")
        world.run(*of_file("mine.csv")).ended(0, created=1)
        world.run(*of_file("mine.csv"))
        world.holds(Ada=1, Zoe=1, Bo=1, Cyd=1, Dina=1)

    @pytest.mark.parametrize("edit", [(), (ZOE["Mail"], "zz@example.com")])
    def test_a_copy_of_the_unsent_file_is_imported(
        self, world: World, declared: list[Row], edit: tuple[str, ...]
    ) -> None:
        del declared
        shutil.copy(world.folder / "people.unsent.csv", world.folder / "mine.csv")
        world.run(*RUN).ended(0, before=3, created=1)
        if edit:
            world.edit("mine.csv", (edit[0], edit[1]))
        world.run(*of_file("mine.csv"))
        world.holds(Ada=1, Zoe=1, Bo=1, Cyd=1, Dina=1)


class TestOnceItsPersonWasSentByAnotherRow:
    @pytest.mark.usefixtures("wrong")
    @pytest.mark.parametrize("is_away", [False, True])
    def test_with_its_own_id(self, world: World, *, is_away: bool) -> None:
        if is_away:
            refs(world, ADA)
            world.run(*RUN).ended(0, before=1)
        refs(world, ADA, RIGHT)
        world.run(*RUN).ended(0, before=1, created=1)
        world.command("compact", RESULTS)
        refs(world, ADA, WRONG)
        world.run(*RUN).ended(6, before=1, changed=1)
        world.holds(Ada=1, Cyd=1)

    def test_with_another_time_stamp(self, world: World, declared: list[Row]) -> None:
        save(world, [{**row, "Exported": "tuesday"} for row in declared])
        world.run(*RUN).ended(0, before=3, created=1)
        save(world, declared)
        world.run(*RUN).ended(0, before=4)

    def test_of_another_list(self, world: World, declared: list[Row]) -> None:
        save(world, [{**declared[0], "Tel": "0529912345"}], "others.csv")
        world.run(*of_file("others.csv")).ended(0, created=1)
        world.run(*RUN).ended(6, before=3, changed=1)
        world.holds(Ada=1, Zoe=1, Bo=1, Cyd=1, Dina=1)

    @pytest.mark.usefixtures("wrong")
    @pytest.mark.parametrize("size", [0, 1_000_000], ids=["in blocks", "line by line"])
    def test_of_another_list_by_its_own_id(
        self, world: World, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        monkeypatch.setattr(index_file, "_SMALL_BYTES", size)
        refs(world, RIGHT, name="others.csv")
        world.run(*of_file("others.csv")).ended(0, created=1)
        world.run(*RUN)
        world.holds(Ada=1, Cyd=1)

    @pytest.mark.usefixtures("wrong")
    def test_that_was_corrected(self, world: World) -> None:
        refs(world, ADA, "C1,Cyd,Marin,cyd-at-example")
        world.run(*RUN).ended(1, before=1, invalid=1)
        world.edit("people.failed.csv", ("cyd-at-example", "cyd@example.com"))
        world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
        refs(world, ADA, WRONG)
        world.run(*RUN).ended(6, before=1, changed=1)
        world.holds(Ada=1, Cyd=1)

    def test_that_was_corrected_otherwise(self, world: World, declared: list[Row]) -> None:
        save(world, [{**declared[0], "Tel": "abc"}, *declared[1:]])
        world.run(*RUN).ended(1, before=3, invalid=1)
        world.edit("people.failed.csv", (",abc,", ",0529912345,"))
        world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
        save(world, declared)
        world.run(*RUN).ended(6, before=3, changed=1)
        world.holds(Ada=1, Zoe=1, Bo=1, Cyd=1, Dina=1)

    def test_of_a_file_with_another_name_each_week(self, world: World) -> None:
        world.write("mapping.toml", BY_REF)
        for name, rows, code in (("a", (ADA,), 0), ("b", (ADA, WRONG), 6)):
            refs(world, *rows, name=f"{name}.csv")
            assert world.run(*of_file(f"{name}.csv")).exit_code == code
        world.acknowledge("--new", "all")
        for name, rows in (("c", (ADA, RIGHT)), ("d", (ADA, WRONG))):
            refs(world, *rows, name=f"{name}.csv")
            world.run(*of_file(f"{name}.csv"))
        world.holds(Ada=1, Cyd=1)

    @pytest.mark.usefixtures("wrong")
    def test_after_the_crm_had_refused_it(self, world: World) -> None:
        world.crm.script("Cyd", refusal("validation_error"))
        world.run(*RUN).ended(1, before=1, failed=1)
        refs(world, ADA, RIGHT)
        world.run(*RUN).ended(0, before=1, created=1)
        refs(world, ADA, WRONG)
        world.run(*RUN)
        world.holds(Ada=1, Cyd=1)

    def test_that_the_crm_had_refused_before(self, world: World) -> None:
        world.write("mapping.toml", BY_REF)
        refs(world, ADA)
        world.run(*RUN).ended(0, created=1)
        world.crm.script("Cyd", refusal("validation_error"))
        refs(world, ADA, RIGHT)
        world.run(*RUN).ended(1, before=1, failed=1)
        refs(world, ADA, WRONG)
        world.run(*RUN).ended(6, before=1, possible_duplicate=1)
        world.acknowledge("--new", "all")
        refs(world, ADA, RIGHT)
        world.run(*RUN).ended(0, before=1, created=1)
        refs(world, ADA, WRONG)
        world.run(*RUN)
        world.holds(Ada=1, Cyd=1)


class TestTheDecisionStays:
    def test_once_whom_they_were_like_has_a_record_and_is_gone(self, world: World) -> None:
        """The two are sent alike: the first one had no record yet when the second was declared."""
        world.write("mapping.toml", f'object = "contact"\n[fields]\n{NAME}')
        first = {**ZOE, "Exported": "monday"}
        second, others = {**ZOE, "Exported": "tuesday"}, everybody(3)
        save(world, [first, second, *others])
        world.crm.script("Zoe", refusal("validation_error"))
        assert world.run(*RUN).counts["possible_duplicate"] == 1
        world.acknowledge("--new", "all")
        save(world, [first, *others])
        world.run(*RUN).ended(0, before=3, created=1)
        save(world, [second, *others])
        world.run(*RUN).ended(0, before=3, created=1)

    def test_while_a_colleague_is_sent(self, world: World) -> None:
        people = everybody(5)
        begin(world, people)
        two = [
            {**one, "Tel": of["Tel"], "Mail": "office@example.com"}
            for one, of in zip((ZOE, person(11, "Yan", "Yoder")), people[:2], strict=True)
        ]
        save(world, [*two, *people[2:]])
        world.run(*RUN).ended(6, before=3, possible_duplicate=2)
        world.acknowledge("--new", "all")
        save(world, [two[0], *people[2:]])
        world.run(*RUN).ended(0, before=3, created=1)
        save(world, [*two, *people[2:]])
        world.run(*RUN).ended(0, before=4, created=1)

    @pytest.mark.usefixtures("wrong")
    def test_while_nobody_is_sent(self, world: World) -> None:
        refs(world, ADA, RIGHT)
        world.run(*RUN, "--limit", "0")
        refs(world, ADA, WRONG)
        world.run(*RUN).ended(0, before=1, created=1)

    @pytest.mark.usefixtures("wrong")
    def test_and_ties_nobody_to_the_record_that_it_was_not(self, world: World) -> None:
        refs(world, ADA, RIGHT)
        world.run(*RUN).ended(0, before=1, created=1)
        refs(world, RIGHT, "D1,Dan,Marin,cyd@example.com")  # they share an address; Ada has left
        world.run(*RUN).ended(0, before=1, created=1)


def test_rows_that_are_refused_count_as_known(world: World) -> None:
    """Else half of the list would be new, and a name alone say nothing."""
    people = everybody(3)
    begin(world, people, fields=NAME + TEL)
    spoiled = [{**one, "Tel": "x"} for one in people[:2]]
    save(world, [*spoiled, {**people[2], "Tel": "0507770000"}])
    assert world.run(*RUN).counts["possible_duplicate"] == 1
    world.holds(Ada=1, Bo=1, Cyd=1)


class TestOneOfTwoWhoWereDeclaredNew:
    """Each gets a record of their own, though the other one's was made since."""

    @beginning
    def namesakes(self, world: World) -> list[Row]:
        """Father and son have the number of somebody who has left; the first one was sent."""
        people = everybody(5)
        begin(world, people)
        both = {**ZOE, "Tel": people[0]["Tel"]}
        two = [{**both, "Mail": "zoe1@example.com"}, {**both, "Mail": "zoe2@example.com"}]
        save(world, [*two, *people[1:]])
        world.run(*RUN).ended(6, before=4, possible_duplicate=2)
        world.acknowledge("--new", "all")
        world.run(*RUN, "--limit", "1").ended(0, created=1)
        return [*two, *people[1:]]

    def test_is_in_the_unsent_file(self, world: World, namesakes: list[Row]) -> None:
        del namesakes
        world.run("people.unsent.csv", *RUN[1:]).ended(0, created=1)

    def test_is_alone_in_the_list(self, world: World, namesakes: list[Row]) -> None:
        save(world, namesakes[1:])
        world.run(*RUN)
        save(world, namesakes)
        world.run(*RUN)
        assert len(world.crm.of("Zoe")) == 2

    def test_is_beside_the_other_who_cannot_be_read(
        self, world: World, namesakes: list[Row]
    ) -> None:
        save(world, [{**namesakes[0], "Tel": "x"}, *namesakes[1:]])
        world.run(*RUN).ended(1, before=4, created=1, invalid=1)

    def test_is_alone_after_a_list_that_differs(self, world: World, namesakes: list[Row]) -> None:
        """Both were declared new at one time, so neither is the other, whatever lists follow."""
        del namesakes
        people = everybody(5)
        both = {**ZOE, "Tel": people[0]["Tel"]}
        first, second = ({**both, "Mail": f"zoe{number}@example.com"} for number in (1, 2))
        save(world, [second, {**people[1], "Exported": "x"}, *people[2:]])
        world.run(*RUN)
        assert len(world.crm.of("Zoe")) == 2
        save(world, [first, *people[1:]])
        world.run(*RUN)
        assert len(world.crm.of("Zoe")) == 2

    def test_is_sent_alike(self, world: World) -> None:
        people = [{**one, "N": str(at)} for at, one in enumerate(everybody(5))]
        begin(world, people, fields=NAME)
        two = [{**people[0], "N": "10"}, {**people[0], "N": "11"}]
        save(world, [people[0], *two, *people[1:]])
        world.run(*RUN).ended(6, before=5, possible_duplicate=2)
        world.acknowledge("--new", "all")
        world.run(*RUN, "--limit", "1").ended(0, before=1, created=1)
        world.run("people.unsent.csv", *RUN[1:]).ended(0, created=1)
        world.holds(Ada=3, Bo=1, Cyd=1, Dina=1, Emil=1)


@pytest.mark.usefixtures("wrong")
class TestWhatCameSinceCountsAsForAnyOtherRow:
    def test_a_request_without_an_answer(self, world: World) -> None:
        refs(world, ADA, RIGHT)
        world.crm.script("Cyd", lost, refusal("validation_error"))
        world.run(*RUN).ended(1, before=1, unknown=1)
        refs(world, ADA, WRONG)
        world.run(*RUN).ended(1, before=1, unknown=1)
        world.holds(Ada=1, Cyd=1)

    def test_a_record_that_may_be_theirs(self, world: World) -> None:
        refs(world, ADA, "C1,Cyd,Berg,cyd@example.com")
        world.run(*RUN).ended(0, before=1, created=1)
        refs(world, ADA, WRONG)
        world.run(*RUN).ended(6, before=1, possible_duplicate=1)

    def test_a_record_that_may_be_that_of_a_stranger_too(self, world: World) -> None:
        refs(world, ADA, RIGHT)
        world.run(*RUN).ended(0, before=1, created=1)
        stranger = "X9,Dan,Berg,cyd@example.com"
        refs(world, ADA, stranger)
        world.run(*RUN).ended(6, before=1, possible_duplicate=1)
        refs(world, ADA, stranger, WRONG)
        world.run(*RUN)
        assert len(world.crm.of("Cyd")) == 1


@pytest.mark.usefixtures("doubtful")
def test_who_was_declared_new_is_so_since_the_first_time(world: World) -> None:
    """A command that is given again says nothing of the records made meanwhile."""
    shutil.copy(world.folder / "people.changed.csv", world.folder / "new-people.csv")
    for rows in ((ADA, RIGHT), (ADA, WRONG)):
        world.acknowledge("--new", "new-people.csv")
        refs(world, *rows)
        world.run(*RUN)
    world.holds(Ada=1, Cyd=1)
