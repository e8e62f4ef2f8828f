"""A row is refused, its next version is created, and the refused version comes back."""

from __future__ import annotations

from referee import World, refusal

MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    last_name = "Last"
    external_ref = "Ref"
    city = "City"
    """
RUN = ("people.csv", "--mapping", "mapping.toml")
RESULTS = "people.results.jsonl"


def test_the_results_file_can_be_made_smaller(world: World) -> None:
    """The line of the refusal says what is known of its key, and that of the change does not."""
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", "First,Last,Ref,City\nEli,Eid,1,Dubai\n")
    world.crm.script("Eli", refusal("busy"))
    world.run(*RUN).ended(1, failed=1)
    world.write("people.csv", "First,Last,Ref,City\nEli,Eid,1,Ajman\n")
    world.run(*RUN).ended(0, created=1)
    world.write("people.csv", "First,Last,Ref,City\nEli,Eid,1,Dubai\n")
    world.run(*RUN).ended(6, changed=1)
    code, _, told = world.command("compact", RESULTS)
    assert code == 0, told
    world.run(*RUN).ended(0, before=1)
    world.settled(Eli=1)
