"""Rows that are equal, or have equal identities, while an earlier answer is unclear."""

from __future__ import annotations

from typing import ClassVar

import pytest
from referee import World, dropped, lost, made, refusal
from referee.fixtures import beginning

STOP = refusal("unauthorized", 401)


@pytest.fixture
def world(world: World) -> World:
    """A CRM that remembers keys, so that a request with the same key makes nobody twice."""
    world.remembers = True
    return world


def test_a_row_in_doubt_is_named_although_it_equals_another_one_in_doubt(world: World) -> None:
    """Who is to look up both before `--resend-unknown` has to know of both."""
    world.write("people.csv", "name,email\nAda,ada@example.com\nAda,other@example.com\n")
    world.write(
        "mapping.toml", 'object = "contact"\n[fields]\nfirst_name = "name"\nemail = "email"\n'
    )
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script_each_key("Ada", lost, refusal("validation_error"))
    world.run(*run).ended(1, unknown=2)
    world.edit("mapping.toml", ('email = "email"\n', ""))
    world.run(*run).ended(1, unknown=2)
    world.holds(Ada=2)


def test_a_copy_of_a_row_in_doubt_has_no_error_once_that_row_has_a_record(world: World) -> None:
    """The question that the copy waits for is answered by the same run."""
    world.write("people.csv", "name,email,note\nAda,ada@example.com,\n")
    mapping = 'object = "contact"\n[fields]\nfirst_name = "name"\nemail = "email"\n'
    world.write("mapping.toml", mapping)
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script_each_key("Ada", lost, refusal("validation_error"))
    world.run(*run).ended(1, unknown=1)
    world.edit("people.csv", ("ada@example.com,\n", "ada@example.com,\nAda,ada@example.com,tea\n"))
    world.run(*run).ended(0, created=1, duplicate=1)
    copy = world.outcomes("people.results.jsonl")[2]
    assert (copy["external_id"] is None, copy["error"]) == (False, None)


def test_two_unclear_rows_that_mean_the_same_are_sent_again_with_their_own_keys(
    world: World,
) -> None:
    website = 'website = { column = "Page", type = "text" }\n'
    world.write("mapping.toml", f'object = "contact"\n[fields]\nfirst_name = "First"\n{website}')
    rows = ("Ada,ada@example.com\n", "Ada,Ada@Example.com\n")
    world.write("people.csv", "First,Page\n" + "".join(rows))
    run = ("people.csv", "--mapping", "mapping.toml", "--on-duplicate", "send")
    no = refusal("validation_error")
    world.crm.script_each_key("Ada", lost, no)
    world.run(*run).ended(1, unknown=2)
    world.run(*run).ended(0, created=2)
    assert len(world.crm.keys("Ada")) == 2
    world.remembers = False
    world.settled(Ada=2)


@pytest.mark.parametrize("order", [1, -1])
def test_two_in_doubt_of_which_one_has_the_key_of_the_other_one_today(
    world: World, order: int
) -> None:
    """The one that is as it was is sent again with its own; the other one is held back."""
    mapping = 'object = "contact"\n[fields]\nfirst_name = "First"\nemail = "Mail"\n'
    run = ("people.csv", "--mapping", "mapping.toml")
    world.write("mapping.toml", mapping)
    tea, plain = "Ada,ada@example.com,tea\n", "Ada,ada@example.com,\n"
    world.write("people.csv", f"First,Mail,Note\n{tea}{plain}")
    world.crm.script_each_key("Ada", lost, refusal("validation_error"))
    world.run(*run, "--on-duplicate", "send").ended(1, unknown=2)
    world.write("mapping.toml", mapping + 'notes = "Note"\n')
    rows = [tea.replace("tea", "coffee"), plain][::order]
    world.write("people.csv", "First,Mail,Note\n" + "".join(rows))
    world.run(*run).ended(1, created=1, unknown=1)
    world.run(*run).ended(1, before=1, unknown=1)
    world.holds(Ada=2)


def test_a_copy_that_nobody_has_found_is_skipped_where_copies_are(world: World) -> None:
    """Somebody has looked: neither request made a record, so one of the two rows is sent."""
    world.write(
        "mapping.toml", 'object = "contact"\n[fields]\nfirst_name = "First"\nemail = "Mail"\n'
    )
    world.write("people.csv", "First,Mail,Note\nAda,ada@example.com,\nAda,ada@example.com,tea\n")
    run = ("people.csv", "--mapping", "mapping.toml", "--on-duplicate")
    world.crm.script_each_key("Ada", dropped, refusal("validation_error"))
    world.run(*run, "send").ended(1, unknown=2)
    world.run(*run, "skip", "--resend-unknown").ended(0, created=1, duplicate=1)
    world.run(*run, "skip", "--resend-unknown").ended(0, before=2)
    world.holds(Ada=1)


class TestEqualIdentitiesThatAreAllSent:
    """With `--on-duplicate send`, the key of a request is that of any row with its identity."""

    SEND = ("people.csv", "--mapping", "mapping.toml", "--on-duplicate", "send")
    OLD, NEW = "Ada,ada@example.com,old,x\n", "Ada,ada@example.com,new,x\n"
    MAPPING = """\
        object = "contact"
        identity = ["email"]
        [fields]
        first_name = "First"
        email = "Mail"
        company = "Firm"
        """

    @pytest.fixture(params=["refused after it", "stopped after it"])
    def world(self, world: World, request: pytest.FixtureRequest) -> World:
        """Ada's record is made, and nobody knows it."""
        world.write("mapping.toml", self.MAPPING)
        after = refusal("validation_error") if request.param == "refused after it" else STOP
        self.people(world, self.OLD)
        world.crm.script("Ada", lost, after)
        assert world.run(*self.SEND).exit_code in {1, 3}
        world.crm.script("Ada")
        return world

    def people(self, world: World, *rows: str) -> None:
        world.write("people.csv", "First,Mail,Firm,Note\n" + "".join(rows))

    @pytest.mark.parametrize("more", [(), ("--on-change", "send")])
    def test_an_edited_row_is_held_back(self, world: World, more: tuple[str, ...]) -> None:
        self.people(world, self.NEW)
        for _ in range(2):
            world.run(*self.SEND, *more).ended(1, unknown=1)
        world.holds(Ada=1)

    def test_an_edited_row_is_sent_once_somebody_has_looked(self, world: World) -> None:
        world.crm.records.clear()
        self.people(world, self.NEW)
        world.run(*self.SEND).ended(1, unknown=1)
        world.run(*self.SEND, "--resend-unknown").ended(0, created=1)
        world.remembers = False
        world.settled(Ada=1)

    def test_an_edited_row_that_is_as_before_again_has_its_key(self, world: World) -> None:
        self.people(world, self.NEW)
        world.run(*self.SEND).ended(1, unknown=1)
        self.people(world, self.OLD)
        world.run(*self.SEND).ended(0, created=1)
        world.remembers = False
        world.settled(Ada=1)

    def test_a_new_row_above_it_leaves_it_its_key(self, world: World) -> None:
        self.people(world, self.NEW, self.OLD)
        world.run(*self.SEND).ended(0, created=2)
        world.remembers = False
        world.settled(Ada=2)

    def test_of_an_edited_row_and_a_new_one_only_one_is_sent(self, world: World) -> None:
        self.people(world, self.NEW, self.NEW.replace("new", "newer"))
        world.run(*self.SEND).ended(1, created=1, unknown=1)
        world.run(*self.SEND).ended(1, before=1, unknown=1)
        world.holds(Ada=2)

    def test_an_unmapped_column_differs(self, world: World) -> None:
        self.people(world, self.OLD.replace(",x", ",y"))
        world.run(*self.SEND).ended(0, created=1)
        world.remembers = False
        world.settled(Ada=1)

    def test_the_mapping_changes(self, world: World) -> None:
        world.edit("mapping.toml", ('"Firm"', '"Firm"\nsource = { const = "list" }'))
        world.run(*self.SEND).ended(1, unknown=1)
        assert len(world.crm.keys("Ada")) == 1
        world.holds(Ada=1)


class TestTwoThatBecomeEqualOnceAColumnIsDropped:
    """One has a record, which either may have today. The request of the other one is unclear."""

    MAPPING = 'object = "contact"\n[fields]\nfirst_name = "First"\nemail = "Mail"\n'
    SEND = ("people.csv", "--mapping", "mapping.toml", "--on-duplicate", "send")
    TEA, PLAIN = "Ada,ada@example.com,tea,1\n", "Ada,ada@example.com,,1\n"

    @beginning
    def world(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING + 'notes = "Note"\n')
        self.people(world, self.PLAIN, self.TEA)
        world.crm.script("Ada", made, lost, refusal("validation_error"))
        world.run(*self.SEND[:3], "--concurrency", "1").ended(1, created=1, unknown=1)
        world.write("mapping.toml", self.MAPPING)
        world.holds(Ada=2)

    def people(self, world: World, *rows: str) -> None:
        world.write("people.csv", "First,Mail,Note,Day\n" + "".join(rows))

    @pytest.mark.parametrize("note", ["tea", "coffee"])
    @pytest.mark.parametrize("order", [1, -1])
    def test_the_second_is_held_back(self, world: World, note: str, order: int) -> None:
        rows = [self.TEA.replace("tea", note), self.PLAIN][::order]
        self.people(world, *[row.replace(",1", ",2") for row in rows])
        for _ in range(2):
            world.run(*self.SEND).ended(1, before=1, unknown=1)
        world.holds(Ada=2)

    def test_a_copy_is_sent_once_somebody_has_looked(self, world: World) -> None:
        world.crm.records.popitem()
        self.people(world, self.PLAIN.replace(",1", ",2"), self.PLAIN.replace(",1", ",3"))
        world.run(*self.SEND).ended(1, before=1, unknown=1)
        world.run(*self.SEND, "--resend-unknown").ended(0, before=1, created=1)
        world.remembers = False
        world.settled(Ada=2)


class TestARecordMadeBesideAnUnclearRequest:
    """Where each equal row was sent, a row that is sent all the same gets a key of its own."""

    MAPPINGS: ClassVar = {
        "id": 'object = "contact"\nidentity = ["external_ref"]\n[fields]\nexternal_ref = "Id"\n'
        'first_name = "Name"\nlast_name = "Last"\nemail = "E-mail"\n',
        "names": 'object = "contact"\n[fields]\nfirst_name = "Name"\nlast_name = "Last"\n',
    }

    def run(self, world: World, mapping: str, *flags: str) -> None:
        world.write("mapping.toml", self.MAPPINGS[mapping])
        world.run("people.csv", "--mapping", "mapping.toml", *flags)

    @beginning
    def people(self, world: World) -> None:
        rows = "1,Omar,Haddad,omar@example.com\n2,Lina,Haddad,lina@example.com\n"
        world.write("people.csv", "Id,Name,Last,E-mail\n" + rows)
        world.crm.script("Lina", dropped, refusal("validation_error"))
        self.run(world, "id", "--on-duplicate", "send")
        world.edit("people.csv", ("lina@", "LINA@"))
        self.run(world, "id", "--on-duplicate", "send", "--resend-unknown")
        world.holds(Omar=1, Lina=1)
        assert len(world.crm.keys("Lina")) == 2

    @pytest.mark.parametrize("mappings", [["id"], ["names", "id"], ["names", "id", "names"]])
    @pytest.mark.parametrize("is_edited", [False, True])
    def test_it_is_the_record_of_its_row_where_equal_rows_are_one(
        self, people: World, mappings: list[str], is_edited: bool
    ) -> None:
        if is_edited:
            people.edit("people.csv", ("Lina,Haddad", "Lina,Haddadi"))
        for mapping in mappings:
            self.run(people, mapping)
            people.holds(Omar=1, Lina=1)
        people.settled(Omar=1, Lina=1)
