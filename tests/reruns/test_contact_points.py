"""The net under the keys: whom no key knows, but whose contact points made a record before."""

from __future__ import annotations

import pytest
from referee import World, refusal
from referee.fixtures import beginning

HEADER = "first_name,last_name,email,phone,external_ref,notes\n"
ADA = "Ada,Abboud,ada@example.com,+971501110001,C-1,likes tea\n"
BO = "Bo,Berg,bo@example.com,+971501110002,C-2,\n"
RUN = ("people.csv", "--object", "contact")


def lists(world: World, *rows: str) -> None:
    world.write("people.csv", HEADER + "".join(rows))


def changed(row: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in row
        row = row.replace(old, new)
    return row


@beginning
def imported(world: World) -> None:
    lists(world, ADA, BO)
    world.run(*RUN).ended(0, created=2)


def ada(world: World) -> str:
    """Return the id of Ada's first record."""
    return str(world.crm.of("Ada")[0].record)


CORRECTIONS = {
    "notes": [("likes tea", "likes coffee")],
    "email": [("ada@", "ada.abboud@")],
    "phone": [("+971501110001", "+971502220001")],
    "external_ref": [("C-1", "C-77")],
    "all but email": [("+971501110001", ""), ("C-1", ""), ("likes tea", "likes water")],
    "all but phone": [("ada@example.com", ""), ("C-1", ""), ("likes tea", "likes water")],
    "all but external_ref": [("ada@example.com", ""), ("+971501110001", ""), ("likes tea", "")],
    "name in capitals": [("Ada,Abboud", "ADA,ABBOUD"), ("likes tea", "likes coffee")],
    "part of the name missing": [("Abboud", "")],
    "the phone's spelling too": [("+971501110001", "+971 50 111-0001"), ("likes tea", "")],
    "the address's case too": [("ada@example.com", "ADA@example.com"), ("likes tea", "")],
}


@pytest.mark.parametrize("correction", CORRECTIONS.values(), ids=CORRECTIONS)
class TestACorrectedRow:
    def test_is_named_and_not_sent(
        self, imported: World, correction: list[tuple[str, str]]
    ) -> None:
        lists(imported, BO, changed(ADA, *correction))
        imported.run(*RUN).ended(6, before=1, changed=1)
        line = imported.outcomes("people.results.jsonl")[2]
        assert (line["status"], line["external_id"]) == ("changed", ada(imported))
        imported.run(*RUN).ended(0, before=2)
        imported.holds(Ada=1, Bo=1)

    def test_is_sent_where_that_is_asked_for(
        self, imported: World, correction: list[tuple[str, str]]
    ) -> None:
        lists(imported, BO, changed(ADA, *correction))
        send = (*RUN, "--on-change", "send")
        imported.run(*send).ended(0, before=1, created=1)
        imported.run(*send).ended(0, before=2)
        imported.run(*RUN).ended(0, before=2)
        assert len(imported.crm.records) == 3


def test_its_file_names_the_record(imported: World) -> None:
    lists(imported, changed(ADA, ("likes tea", "likes coffee")), BO)
    imported.run(*RUN).ended(6, before=1, changed=1)
    [row] = imported.rows("people.changed.csv")
    assert row["vorel_external_id"] == ada(imported)
    assert (row["first_name"], row["notes"]) == ("Ada", "likes coffee")


def test_a_change_found_can_be_sent_later(imported: World) -> None:
    lists(imported, changed(ADA, ("likes tea", "likes coffee")), BO)
    imported.run(*RUN).ended(6, before=1, changed=1)
    imported.run(*RUN).ended(0, before=2)
    imported.run(*RUN, "--on-change", "send").ended(0, before=1, created=1)
    imported.settled(Ada=2, Bo=1)


def test_each_change_is_told_once(imported: World) -> None:
    for notes in ("coffee", "water"):
        lists(imported, changed(ADA, ("tea", notes)), BO)
        imported.run(*RUN).ended(6, before=1, changed=1)
        imported.run(*RUN).ended(0, before=2)
    lists(imported, ADA, BO)
    imported.run(*RUN).ended(0, before=2)
    imported.settled(Ada=1, Bo=1)


def test_new_people_are_sent_beside_a_change(imported: World) -> None:
    cyd = "Cyd,Cohen,cyd@example.com,+971501110003,C-3,\n"
    lists(imported, cyd, changed(ADA, ("likes tea", "likes coffee")), BO)
    imported.run(*RUN).ended(6, before=1, changed=1, created=1)
    imported.settled(Ada=1, Bo=1, Cyd=1)


def test_refused_rows_beside_a_change_come_first_in_the_exit_code(imported: World) -> None:
    cyd = "Cyd,Cohen,cyd@example.com,+971501110003,C-3,\n"
    imported.crm.always("Cyd", refusal("validation_error"))
    lists(imported, cyd, changed(ADA, ("likes tea", "likes coffee")), BO)
    imported.run(*RUN).ended(1, before=1, changed=1, failed=1)
    imported.holds(Ada=1, Bo=1)


SHARED = {
    "email": ("bo@example.com", "ada@example.com"),
    "phone": ("+971501110002", "+971501110001"),
}


class TestTwoPeople:
    @pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
    def test_who_share_one_and_not_the_name(self, world: World, shared: tuple[str, str]) -> None:
        lists(world, ADA)
        world.run(*RUN).ended(0, created=1)
        lists(world, ADA, changed(BO, shared))
        world.run(*RUN).ended(0, before=1, created=1)
        world.settled(Ada=1, Bo=1)

    @pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
    def test_who_share_one_and_the_family_name(self, world: World, shared: tuple[str, str]) -> None:
        lists(world, ADA)
        world.run(*RUN).ended(0, created=1)
        lists(world, changed(BO, shared, ("Berg", "Abboud")), ADA)
        world.run(*RUN).ended(0, before=1, created=1)
        world.settled(Ada=1, Bo=1)

    def test_who_share_the_name_alone(self, imported: World) -> None:
        other = "Ada,Abboud,another@example.com,+971509990009,C-9,\n"
        lists(imported, ADA, BO, other)
        imported.run(*RUN).ended(0, before=2, created=1)
        imported.settled(Ada=2, Bo=1)

    def test_of_whom_one_was_corrected(self, imported: World) -> None:
        other = "Cyd,Cohen,ada@example.com,+971501110001,C-3,\n"
        lists(imported, other, changed(ADA, ("likes tea", "likes coffee")), BO)
        imported.run(*RUN).ended(6, before=1, changed=1, created=1)
        imported.settled(Ada=1, Bo=1, Cyd=1)


def test_within_one_run_nothing_is_held_back(world: World) -> None:
    lists(world, ADA, changed(ADA, ("likes tea", "likes coffee")), BO)
    world.run(*RUN).ended(0, created=3)
    world.settled(Ada=2, Bo=1)


def test_within_one_run_that_was_stopped_in_between(world: World) -> None:
    lists(world, ADA, BO)
    world.run(*RUN, "--limit", "1")
    world.run(*RUN).ended(0, before=1, created=1)
    world.settled(Ada=1, Bo=1)


def test_two_columns_of_the_name_become_one(imported: World) -> None:
    imported.write(
        "people.csv",
        """\
        name,email,phone
        Ada Abboud,ada@example.com,+971501110001
        Bo Berg,bo@example.com,+971501110002
        Cyd Cohen,cyd@example.com,+971501110003
        """,
    )
    imported.run(*RUN).ended(6, changed=2, created=1)
    imported.settled(Ada=1, Bo=1, Cyd=1)


def test_a_row_that_was_never_made_is_corrected(world: World) -> None:
    lists(world, changed(ADA, ("ada@example.com", "ada@" + "x" * 300)), BO)
    world.run(*RUN).ended(1, created=1, invalid=1)
    lists(world, ADA, BO)
    world.run(*RUN).ended(0, before=1, created=1)
    world.settled(Ada=1, Bo=1)


def test_no_contact_point_stands_readable_in_the_results_file(imported: World) -> None:
    text = imported.read("people.results.jsonl").casefold()
    assert "abboud" not in text
    assert "ada@example.com" not in text
    assert "501110001" not in text


@pytest.mark.parametrize(
    "mapping",
    ['name = { template = "{first_name} {last_name}" }\nemail = "email"', 'email = "email"'],
    ids=["as one name", "without a name"],
)
def test_a_mapping_that_no_key_bridges(imported: World, mapping: str) -> None:
    imported.write("mapping.toml", f'object = "contact"\n[fields]\n{mapping}\n')
    lists(imported, changed(ADA, ("likes tea", "likes coffee"), ("C-1", "C-77")), BO)
    imported.run("people.csv", "--mapping", "mapping.toml").knew(2)
    assert len(imported.crm.records) == 2


def test_of_two_records_of_one_person_the_one_whose_row_is_gone_is_named(world: World) -> None:
    """Whoever brings the records up to date changes the right one."""
    first = changed(ADA, ("C-1", ""))
    second = changed(first, ("+971501110001", "+971502220001"))
    lists(world, first, second, BO)
    world.run(*RUN).ended(0, created=3)
    made = {record.fields["phone"]: str(record.record) for record in world.crm.of("Ada")}
    for kept, edited in ((first, second), (second, first)):
        phone = edited.split(",")[3]
        lists(world, kept, changed(edited, (phone, "+971507770001"), ("tea", phone)), BO)
        world.run(*RUN).ended(6, before=2, changed=1)
        line = world.outcomes("people.results.jsonl")[2]
        assert line["external_id"] == made[phone]


class TestALongListThatIsExportedAnew:
    """A column that is not mapped differs in every row: no row is there as it was."""

    HEADER = "first_name,last_name,email,Exported\n"
    RUN = ("people.csv", "--mapping", "mapping.toml")

    def export(self, world: World, *first: str, day: str) -> None:
        letters = "abcdefghijkl"
        rest = (f"P{one},Q{one}x,{one}@example.com,{day}\n" for one in letters)
        world.write("people.csv", self.HEADER + "".join((*first, *rest)))

    @beginning
    def world(self, world: World) -> None:
        fields = 'first_name = "first_name"\nlast_name = "last_name"\nemail = "email"\n'
        world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
        self.export(world, "Ada,Abboud,ada@example.com,1\n", day="1")
        world.run(*self.RUN).ended(0, created=13)

    @pytest.mark.parametrize("nights", [1, 4])
    @pytest.mark.parametrize(
        "ada", ["Ada,Haddad,ada@example.com", "Ada,Abboud,ada@other.example"], ids=["name", "email"]
    )
    def test_a_correction_is_named_and_not_sent(self, world: World, ada: str, nights: int) -> None:
        for night in range(2, 1 + nights):
            self.export(world, f"Ada,Abboud,ada@example.com,{night}\n", day=f"{night}")
            world.run(*self.RUN).ended(0, before=13)
        self.export(world, f"{ada},9\n", day="9")
        world.run(*self.RUN).ended(6, before=12, possible_duplicate=1)
        assert len(world.crm.of("Ada")) == 1

    def test_somebody_new_above_with_the_same_address_is_sent(self, world: World) -> None:
        new = "Zed,Abboud,ada@example.com,2\n"
        self.export(world, new, "Ada,Abboud,ada@example.com,2\n", day="2")
        world.run(*self.RUN).ended(0, before=13, created=1)

    def test_a_namesake_in_another_list_under_this_name_is_sent(self, world: World) -> None:
        others = "".join(f"R{one},S{one}x,{one}@other.example,2\n" for one in "abcdefghijkl")
        world.write("people.csv", f"{self.HEADER}Ada,Abboud,ada@other.example,2\n{others}")
        world.run(*self.RUN).ended(0, created=13)
