"""A derived file of some nights ago is corrected and imported: its rows are still those people."""

from __future__ import annotations

from referee import World

BY_ID = """\
    object = "contact"
    identity = ["external_ref"]
    [fields]
    external_ref = "Mail"
    first_name = "First"
    """
PLAIN = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    """
RUN = ("people.csv", "--mapping", "mapping.toml")
NIGHTS = 7


def people(night: int, names: str = "Ada Bo Cyd") -> str:
    rows = [f"{one},{one.lower()}@example.com,seen in night {night}" for one in names.split()]
    return "\n".join(["First,Mail,Seen", *rows, ""])


def test_a_changed_file_of_some_nights_ago(world: World) -> None:
    world.write("mapping.toml", BY_ID)
    world.write("people.csv", people(0))
    world.run(*RUN).ended(0, created=3)
    old = ""
    for night in range(1, NIGHTS):
        world.write("people.csv", people(night))
        world.edit("people.csv", ("Ada,", "Adah,"))
        world.run(*RUN)
        old = world.read("people.changed.csv") if night == 2 else old
    world.write("people.changed.csv", old)
    world.edit("people.changed.csv", ("ada@example.com", "ada.new@example.com"))
    run = world.run("people.changed.csv", "--mapping", "mapping.toml")
    assert "created" not in run.counts
    world.holds(Ada=1, Bo=1, Cyd=1)


def test_an_unsent_file_of_some_nights_ago(world: World) -> None:
    world.write("mapping.toml", PLAIN)
    world.write("people.csv", people(0))
    world.run(*RUN).ended(0, created=3)
    world.write("people.csv", people(1, "Ada Eve Bo Cyd"))
    world.run(*RUN, "--limit", "1").ended(0, created=1, before=1)
    old = world.read("people.unsent.csv")
    for night in range(1, NIGHTS):
        world.write("people.csv", people(night, "Ada Eve Bo Cyd"))
        world.run(*RUN).ended(0, before=4)
    world.write("people.unsent.csv", old)
    world.edit("people.unsent.csv", ("cyd@example.com", "cyd.new@example.com"))
    world.run("people.unsent.csv", "--mapping", "mapping.toml").ended(6, before=1, changed=1)
    world.holds(Ada=1, Bo=1, Cyd=1, Eve=1)
