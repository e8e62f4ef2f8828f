"""After a run that was killed, `status` counts people, and not the versions of their rows."""

from __future__ import annotations

import json

import pytest
from referee import World

from importer.writer import index_file

MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "Name"
email = "E-mail"
"""
RUN = ("people.csv", "--mapping", "mapping.toml")
PEOPLE = {n: f"p{n}@example.com" for n in range(6)}


def night(world: World, **changes: str) -> None:
    rows = PEOPLE | {int(name.removeprefix("p")): email for name, email in changes.items()}
    text = "".join(f"C-{n},Name{n},{email}\n" for n, email in rows.items())
    world.write("people.csv", "Id,Name,E-mail\n" + text)
    world.run(*RUN)


def killed(world: World) -> dict[str, int]:
    """Take the end of the last run off, as if it was killed. Returns the counts of `status`."""
    path = world.folder / "people.results.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    begun = max(n for n, line in enumerate(lines) if '"kind":"run"' in line)
    kept = [
        *lines[:begun],
        *(one for one in lines[begun:] if '"kind":"row"' in one or one in lines[begun]),
    ]
    path.write_text("".join(kept), encoding="utf-8")
    code, out, err = world.command("status", path.name, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert not found["is_exact"], found
    return {
        **{name: count for name, count in found["counts"].items() if count},
        "left": found["left"],
    }


@pytest.fixture(params=["read", "indexed"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows be read line by line, or be found in an index."""
    if request.param == "indexed":
        monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)


@pytest.mark.usefixtures("how")
class TestSomebodyWhoseRow:
    def test_has_changed_each_night_is_one(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        night(world)
        for number in range(3):
            night(world, p2=f"other{number}@example.com")
        assert killed(world) == {"created": 5, "changed": 1, "left": 0}

    def test_is_as_it_was_again_is_one(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        night(world)
        night(world, p2="other@example.com")
        night(world)
        assert sum(killed(world).values()) == 6

    def test_was_settled_is_one(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        night(world)
        night(world, p2="other@example.com")
        world.acknowledge()
        night(world, p2="other@example.com", p3="third@example.com")
        assert killed(world) == {"created": 4, "changed": 1, "dealt_with": 1, "left": 0}

    def test_was_made_smaller_is_one(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        night(world)
        for number in range(3):
            night(world, p2=f"other{number}@example.com", p4=f"next{number}@example.com")
        code, _, err = world.command("compact", "people.results.jsonl")
        assert code == 0, err
        night(world, p2="last@example.com", p4="next2@example.com")
        assert killed(world) == {"created": 4, "changed": 2, "left": 0}
