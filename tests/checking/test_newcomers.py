"""Rows that nothing on record is about are decided in blocks, as the ledger decides about each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest import mock

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.checking import CheckReport, check, row_check
from importer.checking.newcomers import Newcomers
from importer.config import ImportConfig
from importer.errors import QuestionError
from importer.records import RowIdentity, Send, Status
from importer.running.earlier_mappings import mapping_line
from importer.running.job import Job, prepare
from importer.writer import Ledger, RequestLine
from importer.writer.lines.row import RowLine
from importer.writer.lines.run import RunLine

AT = "2026-01-01T00:00:00.000Z"
HEADER = "first,last,mail,tel,id,exported\n"
PERSON = """\
first_name = "first"
last_name = "last"
email = { column = "mail", type = "email" }
phone = { column = "tel", type = "phone", region = "AE" }
"""
MAPPINGS = {
    "plain": PERSON,
    "with a constant": PERSON + 'source = { const = "old list" }\n',
    "with ids": PERSON + 'external_ref = "id"\n',
    "a name": 'name = "first"\ncity = "last"\n',
}
IDENTITIES = {
    "none": "",
    "the email": 'identity = ["email"]\n',
    "the last name": 'identity = ["last_name"]\n',
}
ENDS = (Status.CREATED, Status.FAILED, Status.UNKNOWN, None)

people = st.tuples(
    st.sampled_from(["Ada", "Bo", "Cyd"]),
    st.sampled_from(["Abboud", "Berg", "Cohen", ""]),
    st.sampled_from(["a@b.co", "A@b.co", "c@d.co", "e@f.co", "bad", ""]),
    st.sampled_from(["0501234567", "+971501234567", "0507654321", ""]),
    st.sampled_from(["1", "01", "2", ""]),
    st.sampled_from(["monday", "tuesday"]),
)
lists = st.lists(people, max_size=12)
outcomes = st.lists(st.sampled_from(ENDS), min_size=1, max_size=6)


class Before(NamedTuple):
    """An earlier import: its rows, its mapping, and what became of each row in turn."""

    rows: list[tuple[str, ...]]
    mapping: str
    identity: str
    ends: list[Status | None]
    has_marks: bool = True


before = st.builds(
    Before,
    lists,
    st.sampled_from([*MAPPINGS]),
    st.sampled_from([*IDENTITIES]),
    outcomes,
    st.booleans(),
)


def an_import(folder: Path, name: str, of: Before, **settings: Any) -> ImportConfig:
    source, mapping = folder / f"{name}.csv", folder / f"{name}.toml"
    source.write_text(HEADER + "".join(f"{','.join(row)}\n" for row in of.rows))
    identity = "" if of.mapping == "a name" else IDENTITIES[of.identity]
    mapping.write_text(f'object = "contact"\n{identity}[fields]\n{MAPPINGS[of.mapping]}')
    return ImportConfig(sources=(str(source),), mapping=mapping).replace(**settings)


def recorded(job: Job, salt: str, of: Before) -> list[dict[str, Any]]:
    """Return the lines of a run whose rows come to these ends in turn; None is no answer."""
    ledger = job.open_ledger(salt=salt)
    run = RunLine(
        run=salt, at=AT, version="1", object=job.object, base_url=job.config.base_url, source=None,
        mapping_sha256=job.mapping_sha256, api_key_sha256_8=None, salt=salt,
    )  # fmt: skip
    lines: list[dict[str, Any]] = [run.to_json(), mapping_line(job).to_json()]
    for at, (source_hash, batch, index) in enumerate(job.survey.hashed()):
        identity = RowIdentity(source_hash, ledger.see(source_hash))
        send = job.decide(batch.row(index), identity, ledger)
        if isinstance(send, Send):
            marked = send if of.has_marks else replace(send, marks=None)
            lines.append(RequestLine.of("sent", marked, AT).to_json())
            if (status := of.ends[at % len(of.ends)]) is not None:
                external_id = f"{salt}{at}" if status is Status.CREATED else None
                outcome = send.outcome(status, external_id=external_id)
                lines.append(RowLine(outcome=outcome, run=salt, at=AT).to_json())
    return lines


def put_on_record(config: ImportConfig, results: Path, salt: str, of: Before) -> None:
    job = prepare(config, spool=results.parent)
    with results.open("a", encoding="utf-8") as stream:
        stream.writelines(
            json.dumps(line, separators=(",", ":")) + "\n" for line in recorded(job, salt, of)
        )


def checked(config: ImportConfig, *, in_blocks: bool) -> CheckReport | str:
    """Check a list, without samples: the rows shown as such are decided one by one."""
    look_up = Newcomers.look_up if in_blocks else lambda *_: None
    with (
        mock.patch.object(row_check, "_SAMPLES", 0),
        mock.patch.object(Newcomers, "look_up", look_up),
    ):
        try:
            return check(config)
        except QuestionError as error:
            return str(error)


@settings(max_examples=examples(150), deadline=None)
@given(
    today=before,
    own=st.lists(before, max_size=2),
    others=st.lists(before, max_size=2),
    flags=st.sampled_from([{}, {"on_change": "send"}, {"on_duplicate": "send"}, {"retry": "all"}]),
)
def test_a_list_with_results_of_its_own_and_of_others(
    today: Before, own: list[Before], others: list[Before], flags: dict[str, Any]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for at, one in enumerate(own):
            earlier = an_import(folder, "list", one)
            put_on_record(earlier, folder / "list.results.jsonl", f"own{at}", one)
        for at, one in enumerate(others):
            other = an_import(folder, f"other{at}", one)
            put_on_record(other, folder / f"other{at}.results.jsonl", f"other{at}", one)
        config = an_import(folder, "list", today, **flags)

        assert checked(config, in_blocks=True) == checked(config, in_blocks=False)


@pytest.mark.parametrize("is_own", [True, False])
def test_the_ledger_is_asked_only_about_rows_that_may_be_known(
    tmp_path: Path, *, is_own: bool
) -> None:
    def person(number: int, tel: str = "") -> tuple[str, ...]:
        return (f"Rana{number}", f"Haddad{number}", f"r{number}@b.co", tel, str(number), "monday")

    then = Before([person(1, "0501234567")], "plain", "none", [Status.CREATED])
    strangers = [person(number) for number in range(2, 40)]
    repeated = [(*strangers[5][:-1], "tuesday"), strangers[6]]
    namesake = person(99, "0501234567")
    now = Before([*strangers, *repeated, namesake], "with a constant", "none", [])
    name = "list" if is_own else "other"
    put_on_record(an_import(tmp_path, name, then), tmp_path / f"{name}.results.jsonl", "salt", then)
    config = an_import(tmp_path, "list", now)

    with mock.patch.object(Ledger, "decide", autospec=True, side_effect=Ledger.decide) as decide:
        report = check(config)

    assert decide.call_count == 3 + 1, "three samples, and one with a number on record"
    assert (report.to_send, report.counts["duplicate"]) == (39, 2)
