"""The folder of an import that left two rows open."""

from __future__ import annotations

from referee import World, dropped, lost
from referee.fixtures import beginning
from referee.open_rows import MAPPING, NO, PEOPLE, RUN, write_list


@beginning
def world(world: World) -> None:
    """Six people, recorded in order; Cyd and Dan got no clear answer: Cyd was made, Dan was not."""
    world.write("mapping.toml", MAPPING)
    write_list(world, *PEOPLE)
    world.crm.script("Cyd", lost, NO)
    world.crm.script("Dan", dropped, NO)
    world.run(*RUN, "--concurrency", "1").ended(1, created=4, unknown=2)
