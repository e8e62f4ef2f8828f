"""A deal whose answer was lost, and the deals of its customer that the CRM has already."""

from __future__ import annotations

import json

import pytest
from referee import World, dropped, refusal

MAPPING = """\
    object = "deal"
    [fields]
    title = "Title"
    contact_email = "Mail"
    company = "Company"
    """
FIELDS = ("title", "contact_email", "company")


@pytest.mark.parametrize(
    ("there", "finding"),
    [
        ("Villa 4,ada@example.com,Other", "unclear"),
        ("Villa 4,other@example.com,ACME", "unclear"),
        ("Flat 2,other@example.com,Other", "unclear"),
        ("Villa 4,other@example.com,Other", "not_there"),
    ],
)
def test_it_is_not_sent_again_while_one_of_them_may_be_it(
    world: World, there: str, finding: str
) -> None:
    rows = ["House 1,bo@example.com,Bo Ltd", "Flat 2,ada@example.com,Acme", "Hut 3,cy@e.com,Cy"]
    world.write("deals.csv", "\n".join(["Title,Mail,Company", *rows, ""]))
    world.write("mapping.toml", MAPPING)
    world.crm.script("Flat", dropped, refusal("validation_error"))
    world.run("deals.csv", "--mapping", "mapping.toml", "--concurrency", "1").ended(
        1, created=2, unknown=1
    )
    made = [
        ",".join((one, *(str(request.fields[name]) for name in FIELDS)))
        for one, request in world.crm.records.items()
    ]
    world.write(
        "crm.csv", "\n".join(["Record ID,Title,Contact Email,Company", *made, f"d9,{there}", ""])
    )
    _, out, err = world.command("reconcile", "deals.results.jsonl", "crm.csv", "--json")
    counts = json.loads(out)["counts"]
    assert [kind for kind, count in counts.items() if count] == [finding], err
