"""Second changes: what a week leaves on record must not hide what the next one changes."""

from __future__ import annotations

import shlex

import pytest
from referee import World
from referee.fixtures import beginning

RUN = ("people.csv", "--mapping", "mapping.toml")
FIELDS = """
first_name = "First"
last_name = "Last"
email = { column = "Email", type = "email" }
phone = { column = "Phone", type = "phone", region = "AE" }
"""
SARA = ("Sara", "Nour", "sara@example.com", "0501111111")
OMAR = ("Omar", "Saleh", "omar@example.com", "0502222222")
LINA = ("Lina", "Qasim", "lina@example.com", "0503333333")


def maps(world: World, *, with_id: bool = False) -> None:
    head = 'object = "contact"\n' + 'identity = ["external_ref"]\n' * with_id
    world.write("mapping.toml", f"{head}[fields]{FIELDS}" + 'external_ref = "Id"\n' * with_id)


def lists(world: World, *rows: tuple[str, ...], name: str = "people.csv") -> None:
    header = ("First", "Last", "Email", "Phone", "Id")[: len(rows[0])]
    world.write(name, "".join(",".join(row) + "\n" for row in (header, *rows)))


@beginning
def begun(world: World) -> None:
    maps(world)
    lists(world, SARA, OMAR, LINA)
    world.run(*RUN).ended(0, created=3)


class TestAnIdentityThatCameLater:
    @pytest.fixture
    def with_ids(self, begun: World) -> World:
        maps(begun, with_id=True)
        lists(begun, (*SARA, "1"), (*OMAR, "2"), (*LINA, "3"))
        begun.run(*RUN).ended(0, before=3)
        return begun

    def test_does_not_hide_a_change(self, with_ids: World) -> None:
        sara = ("Sara", "Khoury", "sk@example.com", "0501111199", "1")
        lists(with_ids, sara, (*OMAR, "2"), (*LINA, "3"))
        with_ids.run(*RUN).ended(6, before=2, changed=1)

    def test_does_not_make_somebody_else_the_record(self, with_ids: World) -> None:
        petra = ("Petra", "Novak", "petra@example.com", "0509999999", "2")
        lists(with_ids, (*SARA, "1"), petra, (*LINA, "3"))
        with_ids.run(*RUN).ended(6, before=2, possible_duplicate=1)


class TestAPossibleDuplicateThatIsEdited:
    LENA = ("Lena", "Kasem", "lina@example.com", "0507777777")

    @pytest.fixture
    def edited(self, begun: World) -> World:
        lists(begun, SARA, OMAR, self.LENA)
        begun.run(*RUN).ended(6, before=2, possible_duplicate=1)
        return begun

    def test_stays_one(self, edited: World) -> None:
        lists(edited, SARA, OMAR, ("Lena", "Kassem", *self.LENA[2:]))
        for _ in range(2):
            edited.run(*RUN).ended(6, before=2, possible_duplicate=1)

    def test_is_asked_about_again_though_its_older_version_was_new(self, edited: World) -> None:
        edited.acknowledge("--new", "all")
        lists(edited, SARA, OMAR, ("Lena", "Kassem", *self.LENA[2:]))
        edited.run(*RUN).ended(6, before=2, possible_duplicate=1)
        edited.acknowledge("--new", "all")
        edited.run(*RUN).ended(0, before=2, created=1)
        lists(edited, SARA, OMAR, LINA, ("Lena", "Kassem", *self.LENA[2:]))
        edited.run(*RUN).ended(0, before=4)


class TestASonWithHisFathersNamesAndNumber:
    FATHER = ("Ahmed", "Ali", "", "0501234567")
    SON = ("Ali", "Ahmed", "", "0501234567")

    def test_is_somebody_new_beside_his_father(self, world: World) -> None:
        maps(world)
        lists(world, self.FATHER, SARA)
        world.run(*RUN).ended(0, created=2)
        lists(world, self.FATHER, SARA, self.SON)
        world.run(*RUN).ended(0, before=2, created=1)

    def test_is_told_in_his_fathers_place(self, world: World) -> None:
        maps(world)
        lists(world, self.FATHER, SARA)
        world.run(*RUN).ended(0, created=2)
        lists(world, self.SON, SARA)
        world.run(*RUN).ended(6, before=1, changed=1)


def test_what_was_corrected_in_the_failed_file_and_the_list_is_done(begun: World) -> None:
    rana = ("Rana", "Haddad", "rana@@example", "0504444444")
    lists(begun, SARA, OMAR, LINA, rana)
    begun.run(*RUN).ended(1, before=3, invalid=1)
    begun.edit("people.failed.csv", ("rana@@example", "rana@example.com"))
    begun.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
    lists(begun, SARA, OMAR, LINA, ("Rana", "Haddad", "rana@example.com", "0504444444"))
    run = begun.run(*RUN).ended(0, before=4)
    assert run.report["left"] == 0
    assert run.report["unsent_file"] is None
    code, status, _ = begun.command("status", "people.results.jsonl")
    assert code == 0
    assert "without an outcome" not in status


def test_what_the_stop_tells_builds_the_results_file_again(begun: World) -> None:
    """Each word of the command counts: the mapping knows the people who have changed."""
    begun.delete("people.results.jsonl")
    lists(begun, (*SARA[:3], "0501111112"), (*OMAR[:2], "o@example.com", OMAR[3]), LINA)
    run = begun.run(*RUN).ended(7)
    [told] = [line for line in run.stderr.splitlines() if "vorel-import recover" in line]
    command = shlex.split(told[told.index("recover") :])
    code, _, said = begun.command(*command)
    assert code == 0, said
    begun.run(*RUN).ended(6, before=1, changed=2)
