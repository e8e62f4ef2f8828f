"""A row counts as created at the service, for the account and as the object it was made for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from referee import Crm, World
from referee.crm import KEY, OTHER_KEY
from referee.fixtures import beginning

PEOPLE = """\
    first_name,last_name,email
    Ada,Abboud,ada@example.com
    Bo,Berg,bo@example.com
    """
RUN = ("people.csv", "--object", "contact")
BOTH = {"Ada": 1, "Bo": 1}


@beginning
def imported(world: World) -> None:
    world.write("people.csv", PEOPLE)
    world.run(*RUN).ended(0, created=2)


@pytest.fixture
def elsewhere(imported: World, serve: Callable[[Crm], str]) -> World:
    """The same folder, and another service at another port."""
    crm = Crm()
    return replace(imported, crm=crm, url=serve(crm))


@pytest.fixture
def other_account(imported: World) -> World:
    """The same folder and service, with another client's key."""
    return replace(imported, api_key=OTHER_KEY)


def set_aside(world: World) -> list[str]:
    """Return the results files that are no longer in use."""
    return sorted(world.names("*.results.jsonl.aside*"))


class TestAnotherService:
    def test_is_a_question(self, elsewhere: World) -> None:
        before = elsewhere.read("people.results.jsonl")
        elsewhere.run(*RUN).refused("--same-service", "--new-import")
        assert elsewhere.read("people.results.jsonl") == before
        elsewhere.holds()

    def test_is_a_new_import(self, elsewhere: World) -> None:
        old = elsewhere.read("people.results.jsonl")
        elsewhere.run(*RUN, "--new-import").ended(0, created=2)
        elsewhere.holds(**BOTH)
        [aside] = set_aside(elsewhere)
        assert elsewhere.read(aside) == old
        elsewhere.run(*RUN).ended(0, before=2)
        elsewhere.settled(**BOTH)

    def test_is_a_new_import_once_however_often_the_same_command_runs(
        self, elsewhere: World
    ) -> None:
        elsewhere.run(*RUN, "--new-import").ended(0, created=2)
        elsewhere.run(*RUN, "--new-import").ended(0, before=2)
        assert len(set_aside(elsewhere)) == 1
        elsewhere.holds(**BOTH)

    def test_and_back_with_what_was_set_aside(self, imported: World, elsewhere: World) -> None:
        elsewhere.run(*RUN, "--new-import").ended(0, created=2)
        [aside] = set_aside(elsewhere)
        imported.run(*RUN).refused("--same-service", "--new-import", f"--results {aside}")
        imported.run(*RUN, "--results", aside).ended(0, before=2)
        imported.settled(**BOTH)

    def test_and_back_after_several_were_set_aside(self, imported: World, elsewhere: World) -> None:
        other = replace(elsewhere, api_key=OTHER_KEY)
        for world in (elsewhere, other, imported, elsewhere):
            world.run(*RUN, "--new-import").ended(0, created=2)
        asked = imported.run(*RUN).refused("--results people.results.jsonl.aside-4")
        assert "aside-1" not in asked.stderr
        imported.run(*RUN, "--results", "people.results.jsonl.aside-4").ended(0, before=2)

    def test_does_not_name_what_was_set_aside_for_another_one(
        self, imported: World, elsewhere: World
    ) -> None:
        elsewhere.run(*RUN, "--new-import").ended(0, created=2)
        third = replace(imported, api_key=OTHER_KEY)
        assert set_aside(third)
        assert "aside-1" not in third.run(*RUN).refused("--new-import").stderr

    @pytest.mark.parametrize(
        "url", ["https://127.0.0.1:{port}", "http://127.0.0.2:{port}", "https://crm.invalid"]
    )
    def test_is_another_scheme_or_host(self, imported: World, url: str) -> None:
        port = imported.url.rpartition(":")[2]
        there = replace(imported, url=url.format(port=port))
        run = there.run(*RUN)
        assert run.exit_code == 2, run.told()
        assert run.requests == 0

    def test_is_refused_by_check_too(self, elsewhere: World) -> None:
        code, _, told = elsewhere.command("check", *RUN)
        assert code == 2, told
        assert "--new-import" in told

    def test_keeps_another_list_beside_it_apart(self, elsewhere: World) -> None:
        elsewhere.write("copy.csv", PEOPLE)
        elsewhere.run("copy.csv", *RUN[1:]).ended(0, created=2)
        elsewhere.settled(**BOTH)


class TestAFileThatIsJoinedFromSeveral:
    @staticmethod
    def joined(first: World, second: World, *second_run: str) -> World:
        """Return the second world, whose results file begins with the lines of the first one."""
        name = "people.results.jsonl"
        before = first.read(name)
        first.delete(name)
        first.delete("people.success.csv")
        second.run(*second_run, "--limit", "1").ended(0, created=1)
        second.write(name, before + second.read(name))
        return second

    def test_is_refused_if_its_records_are_of_several_objects(self, imported: World) -> None:
        mapping = 'object = "lead"\n[fields]\nname = "first_name"\nemail = "email"\n'
        imported.write("lead.toml", mapping)
        lead = ("people.csv", "--mapping", "lead.toml")
        world = self.joined(imported, imported, *lead)
        asked = world.run(*lead).refused(
            "joined", "its rows are of the object contact", "--new-import"
        )
        assert "--same" not in asked.stderr
        code, _, told = world.command("check", *lead)
        assert code == 2, told

    def test_is_a_question_if_its_records_are_of_several_accounts(
        self, imported: World, other_account: World
    ) -> None:
        world = self.joined(imported, other_account, *RUN)
        world.run(*RUN).refused("joined", "another API key", "--same-account")
        world.run(*RUN, "--same-account").ended(0, before=2)
        world.run(*RUN).ended(0, before=2)


class TestTheSameServiceAtAnotherAddress:
    @pytest.fixture
    def moved(self, imported: World, serve: Callable[[Crm], str]) -> World:
        return replace(imported, url=serve(imported.crm))

    def test_goes_on(self, moved: World) -> None:
        moved.edit("people.csv", ("Bo,", "Cyd,Cohen,cyd@example.com\nBo,"))
        moved.run(*RUN, "--same-service").ended(0, before=2, created=1)
        moved.run(*RUN).ended(0, before=3)
        moved.settled(**BOTH, Cyd=1)

    def test_does_not_answer_for_another_key(self, moved: World) -> None:
        other = replace(moved, api_key=OTHER_KEY)
        other.run(*RUN, "--same-service").refused("--same-account")
        other.holds()

    @pytest.mark.parametrize("url", ["HTTP://127.0.0.1:{port}", "http://127.0.0.1:{port}/"])
    def test_is_no_question_where_it_is_only_spelled_otherwise(
        self, imported: World, url: str
    ) -> None:
        spelled = replace(imported, url=url.format(port=imported.url.rpartition(":")[2]))
        spelled.run(*RUN).ended(0, before=2)
        spelled.settled(**BOTH)


class TestAnotherKey:
    def test_is_a_question(self, other_account: World) -> None:
        other_account.run(*RUN).refused("--same-account", "--new-import")
        other_account.holds()

    def test_is_another_client(self, other_account: World) -> None:
        other_account.run(*RUN, "--new-import").ended(0, created=2)
        other_account.holds(**BOTH)
        other_account.run(*RUN).ended(0, before=2)
        assert len(set_aside(other_account)) == 1
        other_account.settled(**BOTH)

    def test_was_renewed(self, imported: World) -> None:
        imported.crm.accounts = {OTHER_KEY: "us"}
        renewed = replace(imported, api_key=OTHER_KEY)
        renewed.edit("people.csv", ("Bo,", "Cyd,Cohen,cyd@example.com\nBo,"))
        renewed.run(*RUN, "--same-account").ended(0, before=2, created=1)
        renewed.run(*RUN).ended(0, before=3)
        renewed.settled(**BOTH, Cyd=1)

    def test_that_created_nothing_binds_nothing(self, world: World) -> None:
        world.write("people.csv", PEOPLE)
        mistyped = replace(world, api_key="vapk_live_" + "0" * 48)
        assert mistyped.run(*RUN).exit_code == 3
        world.run(*RUN).ended(0, created=2)
        world.settled(**BOTH)

    def test_that_created_nothing_in_between_binds_nothing(self, imported: World) -> None:
        imported.edit("people.csv", ("Bo,", "Cyd,Cohen,cyd@example.com\nBo,"))
        mistyped = replace(imported, api_key="vapk_live_" + "0" * 48)
        assert mistyped.run(*RUN, "--same-account").exit_code == 3
        imported.run(*RUN).ended(0, before=2, created=1)
        imported.settled(**BOTH, Cyd=1)

    def test_and_another_address_at_once(
        self, imported: World, serve: Callable[[Crm], str]
    ) -> None:
        imported.crm.accounts = {OTHER_KEY: "us"}
        there = replace(imported, api_key=OTHER_KEY, url=serve(imported.crm))
        there.run(*RUN).refused("--same-service", "--same-account", "--new-import")
        there.run(*RUN, "--same-service", "--same-account").ended(0, before=2)
        there.run(*RUN).ended(0, before=2)
        there.settled(**BOTH)


class TestAnotherObject:
    AS_LEADS = ("people.csv", "--mapping", "leads.toml")

    @pytest.fixture
    def as_leads(self, imported: World) -> World:
        mapping = 'name = { template = "{first_name} {last_name}" }\nemail = "email"'
        imported.write("leads.toml", f'object = "lead"\n[fields]\n{mapping}\n')
        return imported

    def test_is_a_question(self, as_leads: World) -> None:
        as_leads.run(*self.AS_LEADS).refused("--new-import")
        as_leads.holds(**BOTH)

    def test_is_a_new_import(self, as_leads: World) -> None:
        as_leads.run(*self.AS_LEADS, "--new-import").ended(0, created=2)
        as_leads.run(*self.AS_LEADS).ended(0, before=2)
        objects = [record.object for record in as_leads.crm.records.values()]
        assert objects == ["contact"] * 2 + ["lead"] * 2
        assert len(set_aside(as_leads)) == 1

    def test_has_a_results_file_of_its_own(self, as_leads: World) -> None:
        run = (*self.AS_LEADS, "--results", "leads.results.jsonl")
        as_leads.run(*run).ended(0, created=2)
        as_leads.run(*run).ended(0, before=2)
        as_leads.run(*RUN).ended(0, before=2)
        assert len(as_leads.crm.records) == 4


def test_no_flag_makes_anybody_count_as_created_who_is_not(elsewhere: World) -> None:
    run = elsewhere.run(*RUN, "--force")
    assert run.exit_code == 2, run.told()
    elsewhere.holds()


def test_a_new_import_where_there_was_none(world: World) -> None:
    world.write("people.csv", PEOPLE)
    world.run(*RUN, "--new-import").ended(0, created=2)
    assert not set_aside(world)
    world.settled(**BOTH)


def test_what_is_on_record_of_keys_tells_none(imported: World) -> None:
    lines = [json.loads(line) for line in imported.read("people.results.jsonl").splitlines()]
    assert KEY not in json.dumps(lines)
