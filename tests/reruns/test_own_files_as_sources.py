"""The files of an import given to `run`: they say whose they are, and nobody is made again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from referee import World
from referee.three_people import (
    ADA,
    BO,
    CYD,
    EVERYBODY,
    HEADER,
    OBJECT,
    RUN,
    cleaned,
    rewrite,
    save,
)


class TestASuccessFileAsASource:
    def test_goes_on_with_its_own_results(self, imported: World) -> None:
        imported.run("people.success.csv", *OBJECT).ended(0, before=2)
        imported.holds(Ada=1, Bo=1)

    @pytest.mark.parametrize("edit", [dict, cleaned], ids=["as it is", "cleaned"])
    def test_under_another_name_is_never_sent(
        self, imported: World, edit: Callable[[dict[str, str]], dict[str, str]]
    ) -> None:
        rewrite(imported, "people.success.csv", "clients.csv", edit)
        run = imported.run("clients.csv", *OBJECT)
        assert run.requests == 0, run.told()
        imported.run("clients.csv", *OBJECT, "--new-import")
        imported.holds(Ada=1, Bo=1)

    @pytest.mark.parametrize("edit", [dict, cleaned], ids=["as it is", "cleaned"])
    def test_in_another_folder_is_never_sent(
        self, imported: World, edit: Callable[[dict[str, str]], dict[str, str]]
    ) -> None:
        (imported.folder / "june").mkdir()
        rewrite(imported, "people.success.csv", "june/clients.csv", edit)
        run = imported.run("june/clients.csv", *OBJECT)
        assert run.requests == 0, run.told()

    def test_whose_results_file_is_gone_is_refused(self, imported: World) -> None:
        imported.delete("people.results.jsonl")
        imported.run("people.success.csv", *OBJECT).refused("people.results.jsonl")

    def test_with_somebody_added(self, imported: World) -> None:
        text = imported.read("people.success.csv").rstrip("\n")
        columns = text.splitlines()[0].count(",") + 1
        dan = "Dan,Dahl,dan@example.com,0501110004" + "," * (columns - 4)
        imported.write("people.success.csv", f"{text}\n{dan}\n")
        imported.run("people.success.csv", *OBJECT).ended(0, before=2, created=1)
        imported.settled(Ada=1, Bo=1, Dan=1)


def test_a_row_of_a_success_file_copied_to_be_somebody_else_is_sent(imported: World) -> None:
    """As people do in a spreadsheet: the copy still has the marks of the row it was made of."""
    ada, bo = imported.rows("people.success.csv")
    dee = {**ada, "first_name": "Dee", "last_name": "Diaz", "email": "dee@example.com", "phone": ""}
    save(imported, "people.success.csv", [ada, bo, dee, bo])
    success = ("people.success.csv", *OBJECT)
    imported.run(*success).ended(0, before=3, created=1)
    imported.run(*RUN).ended(1, before=2, invalid=1)
    save(imported, "mine.success.csv", [ada, bo, dee, bo])
    imported.run("mine.success.csv", *OBJECT).ended(0, before=4)
    imported.holds(Ada=1, Bo=1, Dee=1)


class TestAnUnsentFileAsASource:
    @pytest.fixture
    def pilot(self, world: World) -> World:
        world.write("people.csv", HEADER + ADA + BO + CYD)
        world.run(*RUN, "--limit", "1")
        return world

    def test_brings_in_the_rest(self, pilot: World) -> None:
        pilot.run("people.unsent.csv", *OBJECT).ended(0, created=2)
        pilot.run(*RUN).ended(0, before=3)
        assert not pilot.has("people.unsent.csv")
        pilot.settled(**EVERYBODY)

    def test_after_the_list_was_finished_makes_nobody(self, pilot: World) -> None:
        pilot.write("rest.csv", pilot.read("people.unsent.csv"))
        pilot.run(*RUN).ended(0, before=1, created=2)
        run = pilot.run("rest.csv", *OBJECT)
        assert run.requests == 0, run.told()
        pilot.holds(**EVERYBODY)


def test_a_changed_file_is_sent_once(imported: World) -> None:
    imported.write("people.csv", HEADER + ADA.replace("Abboud", "Abboud-Berg") + BO)
    imported.run(*RUN).ended(6, before=1, changed=1)
    imported.run("people.changed.csv", *OBJECT, "--on-change", "send").ended(0, created=1)
    imported.run(*RUN).ended(0, before=2)
    imported.settled(Ada=2, Bo=1)
