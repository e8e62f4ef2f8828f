"""A derived file with corrected rows is kept aside, and only an edited one is called edited."""

from __future__ import annotations

import pytest
from referee import World
from referee.weeks import RUN, everybody, maps, person, save

FAILED = ("people.failed.csv", *RUN[1:])
CHANGED = "people.changed.csv"
ASIDE = "people.edited-1.changed.csv"


@pytest.fixture
def corrected(world: World) -> World:
    """Return a folder where a correction of a failed row is a change of somebody on record."""
    maps(world)
    save(world, everybody(5))
    world.run(*RUN).ended(0, created=5)
    save(world, [{**person(0), "Tel": "12"}, *everybody(5)[1:]])
    world.run(*RUN).ended(1, before=4, invalid=1)
    [failed] = world.rows("people.failed.csv")
    save(world, [{**failed, "Tel": "0501199999"}], "people.failed.csv")
    world.run(*FAILED).ended(6, changed=1)
    return world


def test_nobody_is_told_to_have_edited_what_the_importer_has_written(corrected: World) -> None:
    written = corrected.read(CHANGED)
    corrected.run(*RUN).ended(0, before=5)
    assert corrected.read(CHANGED) == written
    save(corrected, [{**person(0), "Tel": "12"}, *everybody(6)[1:]])
    run = corrected.run(*RUN).ended(0, before=5, created=1)
    assert f"{CHANGED} was edited" not in run.stderr
    assert f"{CHANGED} has corrected or added rows that the list does not have" in run.stderr
    assert corrected.read(ASIDE) == written


def test_a_file_that_was_edited_is_told_as_such(corrected: World) -> None:
    corrected.edit(CHANGED, ("0501199999", "0501188888"))
    run = corrected.run(*RUN)
    assert f"{CHANGED} was edited and has not been imported: it is kept as {ASIDE}" in run.stderr
    assert "0501188888" in corrected.read(ASIDE)


def test_a_file_whose_rows_were_all_deleted_is_not_kept(corrected: World) -> None:
    header = corrected.read(CHANGED).splitlines()[0]
    (corrected.folder / CHANGED).write_text(f"{header}\n", "utf-8")
    assert "it is kept as" not in corrected.run(*RUN).stderr
    assert not (corrected.folder / ASIDE).exists()


def test_an_edited_row_of_a_changed_file_stands_in_place_of_that_of_the_list(world: World) -> None:
    maps(world)
    save(world, everybody(5))
    world.run(*RUN).ended(0, created=5)
    save(world, [{**person(0), "Tel": "0501199999"}, *everybody(5)[1:]])
    world.run(*RUN).ended(6, before=4, changed=1)
    world.edit(CHANGED, ("0501199999", "0501188888"))
    world.run(CHANGED, *RUN[1:]).ended(6, changed=1)
    for _ in range(2):
        [told] = world.rows(CHANGED)
        assert (told["First"], told["Tel"]) == (person(0)["First"], "0501188888")
        assert len(world.rows("people.success.csv")) == 4
        world.run(*RUN).ended(0, before=5)
