"""A last line that a crash has cut off: each command says what becomes of it."""

from __future__ import annotations

import pytest
from referee import World

PEOPLE = "first_name,email\nAda,ada@example.com\nBo,bo@example.com\n"
RESULTS = "people.results.jsonl"
TORN = '{"kind":"row","status":"crea'
WRITING = {
    "run": ("run", "people.csv", "--object", "contact"),
    "acknowledge": ("acknowledge", RESULTS),
    "forget": ("forget", RESULTS, "--before", "2000-01-01"),
    "compact": ("compact", RESULTS, "--json"),
    "export": ("export", RESULTS, "people.csv", "--json"),
    "export of another list": ("export", RESULTS, "others.csv"),
    "undo": ("undo", RESULTS),
    "reconcile": ("reconcile", RESULTS, "crm.csv"),
}
READING = {
    "check": ("check", "people.csv", "--object", "contact"),
    "status": ("status", RESULTS),
    "report": ("report", RESULTS),
}


@pytest.fixture
def cut_off(world: World) -> World:
    """Return an import whose results file ends in the middle of a line."""
    world.write("people.csv", PEOPLE)
    world.write("others.csv", PEOPLE.replace("Bo", "Cyd"))
    world.run("people.csv", "--object", "contact").ended(0, created=2)
    ids = [one["external_id"] for one in world.outcomes(RESULTS).values()]
    world.write("crm.csv", "id,Email\n" + "".join(f"{one},{n}@x.co\n" for n, one in enumerate(ids)))
    world.write(RESULTS, world.read(RESULTS) + TORN)
    return world


@pytest.mark.parametrize("command", WRITING.values(), ids=WRITING)
def test_who_writes_to_the_file_keeps_it_and_says_so(
    cut_off: World, command: tuple[str, ...]
) -> None:
    _, out, told = cut_off.command(*command)
    assert f"the last line of {RESULTS} was torn" in (out + told).replace(f"{cut_off.folder}/", "")
    assert cut_off.read(f"{RESULTS}.torn-1") == TORN
    assert TORN not in cut_off.read(RESULTS).splitlines()


@pytest.mark.parametrize("command", READING.values(), ids=READING)
def test_who_only_reads_leaves_it_there_and_says_so(
    cut_off: World, command: tuple[str, ...]
) -> None:
    before = cut_off.read(RESULTS)
    _, out, told = cut_off.command(*command)
    assert f"{RESULTS} is not finished" in out + told
    assert f"{RESULTS}.torn-1" in out + told
    assert cut_off.read(RESULTS) == before
    cut_off.write(RESULTS, before.removesuffix(TORN))
    _, out, told = cut_off.command(*command)
    assert "not finished" not in out + told
