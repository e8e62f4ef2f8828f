"""An answer is lost after the record was made; what comes after it proves nothing."""

from __future__ import annotations

import pytest
from referee import Answer, World, dropped, late, lost, refusal

PEOPLE = """\
    first_name,email,note
    Ada,ada@example.com,x
    Bo,bo@example.com,y
    Cyd,cyd@example.com,z
    """
RUN = ("people.csv", "--object", "contact")
WAF = "<html><body>Request blocked</body></html>"
BY_ADDRESS = 'first_name = "First"\nemail = "Mail"\n'
EVERYBODY = {"Ada": 1, "Bo": 1, "Cyd": 1}
REFUSALS = {
    "vendor_unavailable": refusal("vendor_unavailable"),
    "quota_exceeded": refusal("quota_exceeded"),
    "validation_error": refusal("validation_error"),
    "bad_request": refusal("bad_request", 400),
    "conflict": refusal("conflict", 409),
    "a firewall": Answer(effect=dropped.effect, status=400, body=WAF.encode()),
    "413": Answer(effect=dropped.effect, status=413, body=WAF.encode()),
    "422": refusal("bad_request", 422),
    "451": Answer(effect=dropped.effect, status=451, body=WAF.encode()),
}
STOP = refusal("unauthorized", 401)


@pytest.fixture
def world(world: World) -> World:
    world.write("people.csv", PEOPLE)
    world.remembers = True
    return world


def settled(world: World) -> None:
    """Check that each person is there once, and stays so when the keys are forgotten."""
    world.remembers = False
    world.settled(**EVERYBODY)


@pytest.mark.parametrize("answer", REFUSALS.values(), ids=REFUSALS)
class TestARefusalAfterALostAnswer:
    def test_leaves_the_row_unknown_with_its_key(self, world: World, answer: Answer) -> None:
        world.crm.script("Ada", lost, *[answer] * 6)
        world.run(*RUN).ended(1, created=2, unknown=1)
        world.crm.script("Ada")
        world.run(*RUN).ended(0, before=2, created=1)
        assert len(world.crm.keys("Ada")) == 1
        settled(world)

    def test_in_the_run_after_too(self, world: World, answer: Answer) -> None:
        world.crm.script("Ada", lost, STOP)
        assert world.run(*RUN).exit_code == 3
        world.crm.script("Ada", *[answer] * 6)
        assert world.run(*RUN).counts["unknown"] == 1
        world.crm.script("Ada")
        world.sort("people.csv", reverse=True)
        world.run(*RUN).ended(0, before=2, created=1)
        assert len(world.crm.keys("Ada")) == 1
        settled(world)


def test_a_request_that_arrives_after_the_refusal(world: World) -> None:
    world.crm.script("Ada", late, refusal("quota_exceeded"))
    world.run(*RUN).ended(1, created=2, unknown=1)
    world.crm.catch_up()
    world.run(*RUN).ended(0, before=2, created=1)
    settled(world)


def test_a_request_that_arrives_after_the_next_run_began(world: World) -> None:
    world.crm.script("Ada", late, STOP)
    assert world.run(*RUN).exit_code == 3
    assert world.run(*RUN).counts["created"] in {1, 2, 3}
    world.crm.catch_up()
    settled(world)


def test_a_clear_refusal_that_is_kept_takes_the_next_key(world: World) -> None:
    world.crm.script("Ada", refusal("validation_error", kept=True))
    world.run(*RUN).ended(1, created=2, failed=1)
    world.run(*RUN).ended(0, before=2, created=1)
    first, second = sorted(world.crm.keys("Ada"), key=len)
    assert second == f"{first}-2"
    settled(world)


def test_the_next_key_is_kept_once_an_answer_to_it_is_lost(world: World) -> None:
    world.crm.script("Ada", refusal("validation_error", kept=True))
    world.run(*RUN).ended(1, created=2, failed=1)
    world.crm.script("Ada", lost, refusal("quota_exceeded"))
    world.run(*RUN).ended(1, before=2, unknown=1)
    world.crm.script("Ada", refusal("validation_error"))
    world.run(*RUN).ended(1, before=2, unknown=1)
    world.run(*RUN).ended(0, before=2, created=1)
    assert len(world.crm.keys("Ada")) == 2
    settled(world)


def test_no_answer_at_all_and_then_an_outage(world: World) -> None:
    world.crm.always("Ada", lost)
    outage = world.run(*RUN, "--max-outage", "0")
    assert outage.exit_code in {1, 5}, outage.told()
    world.crm.always("Ada", refusal("validation_error"))
    assert world.run(*RUN).counts["unknown"] == 1
    world.crm.always("Ada", None)
    assert world.run(*RUN).exit_code == 0
    assert len(world.crm.keys("Ada")) == 1
    settled(world)


@pytest.mark.parametrize("retry", ["all", "transient"])
def test_a_refused_unclear_row_is_tried_again_by(world: World, retry: str) -> None:
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*RUN).ended(1, created=2, unknown=1)
    world.run(*RUN, "--retry", retry).ended(0, before=2, created=1)
    settled(world)


def test_a_person_is_told_which_row_is_unclear(world: World) -> None:
    world.crm.script("Ada", lost, refusal("quota_exceeded"))
    world.run(*RUN).ended(1, created=2, unknown=1)
    [failed] = world.rows("people.failed.csv")
    assert (failed["first_name"], failed["vorel_status"]) == ("Ada", "unknown")
    assert failed["vorel_error_message"]


def test_an_unmapped_column_differs_while_the_answer_is_unclear(world: World) -> None:
    world.write("mapping.toml", 'object = "contact"\n[fields]\nfirst_name = "first_name"\n')
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script("Ada", lost, refusal("quota_exceeded"))
    world.run(*run).ended(1, created=2, unknown=1)
    world.edit("people.csv", (",x", ",u"), (",y", ",v"))
    world.run(*run).ended(0, before=2, created=1)
    assert len(world.crm.keys("Ada")) == 1
    settled(world)


def test_a_mapping_that_changes_other_rows_alone_sends_an_unclear_one_again(world: World) -> None:
    world.edit("people.csv", (",x", ","))
    world.crm.script("Ada", lost, refusal("quota_exceeded"))
    fields = 'object = "contact"\n[fields]\nfirst_name = "first_name"\nemail = "email"\n'
    world.write("mapping.toml", fields)
    run = ("people.csv", "--mapping", "mapping.toml")
    world.run(*run).ended(1, created=2, unknown=1)
    world.write("mapping.toml", f'{fields}company = "note"\n')
    world.run(*run).ended(0, before=2, created=1)
    settled(world)


def test_a_namesake_does_not_take_the_request_of_whom_it_was_made_for(world: World) -> None:
    """One request made one record at most: the namesake is sent."""
    mona, namesake = "Mona,Saleh,mona@example.com\n", "Mona L,Saleh,mona@example.com\n"
    fields = 'first_name = "First"\nlast_name = "Last"\nemail = "Mail"\n'
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
    world.write("people.csv", f"First,Last,Mail\n{mona}")
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script("Mona", lost, refusal("validation_error"))
    world.run(*run).ended(1, unknown=1)
    world.write("people.csv", f"First,Last,Mail\n{namesake}{mona}")
    world.edit("mapping.toml", ('"Mail"\n', '"Mail"\nsource = { const = "old list" }\n'))
    world.run(*run).ended(1, created=1, unknown=1)
    world.run(*run).ended(1, before=1, unknown=1)
    world.holds(Mona=2)


@pytest.mark.parametrize("more", [(), ("--on-duplicate", "send")], ids=["skipped", "sent"])
@pytest.mark.parametrize("later", ["the same", "an unmapped column differs"])
def test_a_refused_row_is_edited_and_its_next_request_gets_no_answer(
    world: World, more: tuple[str, ...], later: str
) -> None:
    fields = 'first_name = "First"\nemail = "Mail"\ncompany = "Firm"\n'
    world.write("mapping.toml", f'object = "contact"\nidentity = ["email"]\n[fields]\n{fields}')
    world.write("people.csv", "First,Mail,Firm,Note\nAda,ada@example.com,old,x\n")
    run = ("people.csv", "--mapping", "mapping.toml", *more)
    world.crm.script("Ada", refusal("validation_error"), lost, STOP)
    world.run(*run).ended(1, failed=1)
    world.edit("people.csv", ("old", "new"))
    world.run(*run).ended(3, unsent=1)
    if later != "the same":
        world.edit("people.csv", (",x", ",y"))
    world.run(*run).ended(0, created=1)
    world.remembers = False
    world.settled(Ada=1)


def test_a_row_that_was_held_back_for_a_request_stays_so_beside_a_namesake(world: World) -> None:
    """One request made one record at most: the namesake is sent."""
    names = 'object = "contact"\n[fields]\nfirst_name = "First"\n'
    world.write("mapping.toml", names)
    world.write("people.csv", "First,Mail,Note\nAda,ada@example.com,x\n")
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*run).ended(1, unknown=1)
    world.write("mapping.toml", f'{names}email = "Mail"\n')
    edited, namesake = "Ada,ada@example.com,y\n", "Ada,other@example.com,z\n"
    world.write("people.csv", f"First,Mail,Note\n{edited}")
    world.run(*run).ended(1, unknown=1)
    world.write("people.csv", f"First,Mail,Note\n{namesake}{edited}")
    world.run(*run).ended(1, created=1, unknown=1)
    world.run(*run).ended(1, before=1, unknown=1)
    world.holds(Ada=2)


def test_an_edited_row_is_in_doubt_although_another_one_has_its_identity(world: World) -> None:
    """
    Who looks up all rows in doubt before `--resend-unknown` has to be told of this one.

    The other one is held back too: two names with one identity are not believed.
    """
    fields = 'first_name = "First"\nlast_name = "Last"\nemail = "Mail"\ncompany = "Firm"\n'
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
    header, ada = "First,Last,Mail,Firm\n", "Ada,Saleh,ada@example.com,old\n"
    world.write("people.csv", f"{header}{ada}")
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*run).ended(1, unknown=1)
    world.write("mapping.toml", f'object = "contact"\nidentity = ["last_name"]\n[fields]\n{fields}')
    world.write("people.csv", f"{header}Bo,Saleh,bo@example.com,x\n{ada.replace('old', 'new')}")
    world.run(*run).ended(1, possible_duplicate=1, unknown=1)
    world.holds(Ada=1)


def test_an_edited_row_in_doubt_is_no_change_to_send_of_another_ones_record(world: World) -> None:
    """Its identity has a record by now, which is that of a row that is gone."""
    fields = 'first_name = "First"\nlast_name = "Last"\nemail = "Mail"\ncompany = "Firm"\n'
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
    world.write("people.csv", "First,Last,Mail,Firm\nAda,Saleh,ada@example.com,old\n")
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script("Ada", lost, refusal("validation_error"))
    world.run(*run).ended(1, unknown=1)
    identity = 'identity = ["last_name"]'
    world.write("mapping.toml", f'object = "contact"\n{identity}\n[fields]\n{fields}')
    world.write("people.csv", "First,Last,Mail,Firm\nBo,Saleh,bo@example.com,x\n")
    world.run(*run).ended(0, created=1)
    world.write("people.csv", "First,Last,Mail,Firm\nAda,Saleh,ada@example.com,new\n")
    for _ in range(2):
        world.run(*run, "--on-change", "send").ended(1, unknown=1)
        world.holds(Ada=1, Bo=1)


def test_one_that_an_earlier_mapping_tells_from_another_is_in_doubt_beside_it(world: World) -> None:
    """Who finds one of them, and takes it out, has to know of both before `--resend-unknown`."""
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{BY_ADDRESS}')
    ana, amal = "Mona,ana@example.com,x\n", "Mona,amal@example.com,y\n"
    world.write("people.csv", f"First,Mail,Note\n{ana}{amal}")
    run = ("people.csv", "--mapping", "mapping.toml")
    world.crm.script("Mona", lost, lost, *[refusal("validation_error")] * 2)
    world.run(*run).ended(1, unknown=2)
    world.write("mapping.toml", 'object = "contact"\n[fields]\nfirst_name = "First"\n')
    world.write("people.csv", f"First,Mail,Note\n{ana}{amal}".replace(",x", ",seen x"))
    world.run(*run).ended(1, unknown=2)
    world.write("people.csv", f"First,Mail,Note\n{ana}{amal}".replace(",y", ",seen y"))
    world.run(*run).ended(1, unknown=2)
    world.holds(Mona=2)


@pytest.mark.parametrize("changes", ["report", "send"])
def test_one_of_two_with_the_same_identity_once_the_other_is_gone(
    world: World, changes: str
) -> None:
    """It is sent again with its own key, and is not reported as a change of the other record."""
    ada, bea = "Ada,a@example.com\n", "Bea,a@example.com\n"
    run = ("people.csv", "--mapping", "mapping.toml", "--on-duplicate", "send")
    fields = 'object = "contact"\nidentity = ["email"]\n[fields]\nfirst_name = "First"\n'
    world.write("mapping.toml", fields + 'email = "Mail"\n')
    world.write("people.csv", "First,Mail\n" + ada + bea)
    world.crm.script("Bea", lost, REFUSALS["bad_request"])
    world.run(*run).ended(1, created=1, unknown=1)
    world.write("people.csv", "First,Mail\n" + bea)
    world.run(*run, "--on-change", changes).ended(0, created=1)
    world.settled(Ada=1, Bea=1)


def test_the_version_whose_request_was_unclear_comes_back_after_a_correction_was_sent(
    world: World,
) -> None:
    """It is held back beside its own key: by name and number it is the corrected one's record."""
    fields = 'first_name = "First"\nlast_name = "Last"\nemail = "Mail"\nphone = "Tel"\n'
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
    row = "First,Last,Mail,Tel,Day\nBo,Berg,bo@example.com,0501110002,monday\n"
    run = ("people.csv", "--mapping", "mapping.toml")
    world.write("people.csv", row)
    world.crm.script("Bo", dropped, REFUSALS["validation_error"])
    world.run(*run).ended(1, unknown=1)
    world.write("people.csv", row.replace("bo@", "bob@").replace("monday", "tuesday"))
    world.run(*run).ended(1, unknown=1)
    world.run(*run, "--resend-unknown").ended(0, created=1)
    world.write("people.csv", row.replace("monday", "wednesday"))
    for _ in range(2):
        world.run(*run).ended(6, possible_duplicate=1)
    world.holds(Bo=1)
