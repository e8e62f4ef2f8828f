"""Lines of the results file: all they say there and back, and nothing from a damaged one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from stages.rows import AT, VALIDATION, created, line, match, send, state_of

from importer.core import keys
from importer.core.keys import source_hash_of
from importer.core.locale.message import Message
from importer.core.records import Problem, Rejected, Status
from importer.core.verdict import Lack, Verdict
from importer.writer.group_commit import encode_line
from importer.writer.line_reader import KINDS, Line, line_from_json, read_line
from importer.writer.lines.line import OtherLine
from importer.writer.lines.row_line import (
    REQUESTS,
    KnownLine,
    ReadingLine,
    RequestLine,
    RowLine,
    pack_hashes,
)
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsLine,
    ExportsRecord,
    FileRecord,
    ListLine,
    MappingLine,
    RunLine,
    SourceRecord,
    VanishedLine,
)
from importer.writer.list_status import ListStatus

PAGE = Path(__file__).parents[2] / "docs" / "results-file.md"
SOURCE = SourceRecord(name="people.csv", bytes=12, sha256="ab", rows=3)
RUN = RunLine(
    run="0123456789ab",
    at=AT,
    version="1.0",
    object="contact",
    base_url="https://app.vorel.ai",
    source=SOURCE,
    mapping_sha256="cd",
    api_key_sha256_8="01234567",
    settings={"sources": ["people.csv"], "rate": 60},
    pid=1,
    host="here",
    salt="ab12",
)
MAPPING = MappingLine(
    at=AT, object="contact", mapping={"fields": []}, null=("-",), namespace="twins"
)
KNOWN = KnownLine(source_hash="ab", occurrence=1, idempotency_key=f"vi1-{'0' * 64}", row=4, at=AT)
STANDING = ListStatus(
    counts={
        **dict.fromkeys([*(status.value for status in Status), "dealt_with"], 0),
        "created": 1,
    },
    left=2,
    problems=(
        Problem(
            code="c",
            origin="crm",
            field=None,
            message=Message("m"),
            hint=Message("h"),
            count=1,
            lines=[3],
            sources=["people.csv"],
            status="failed",
        ),
    ),
)
LACKING = replace(
    STANDING,
    lacks=(Lack(field="email", what="left_out", count=2, lines=(3, 9)),),
    refused_versions=1,
    differing=3,
    differ_in=("Note",),
    unclear=1,
    elsewhere=1,
)
VERDICT = Verdict(object="contact", records=5, counted=5, has={"name": 5}, differ_in=("Note",))
EXPORTS = ExportsRecord(
    made_of="ef",
    rows={"success": 1, "failed": 0, "unsent": 0},
    files={"success": ("l.success.csv", 10, 1_700_000_000_000_000_000)},
    list_status=STANDING,
)
WRITTEN = ExportsLine(
    run="0123456789ab", at=AT, files={"l.success.csv": FileRecord(sha256="01", bytes=10)}
)
END = EndLine(
    run="0123456789ab",
    at=AT,
    exit_code=3,
    read=3,
    rows=None,
    before=1,
    unsent=1,
    left=1,
    counts={"created": 0, "failed": 1},
    requests=2,
    stopped=Message("why"),
    exports=EXPORTS,
)


def every_line() -> list[Any]:
    one = send()
    outcome = created(one)
    return [
        RUN,
        structs.replace(RUN, source=structs.replace(SOURCE, is_derived=True)),
        structs.replace(RUN, source=structs.replace(SOURCE, columns=("Name", "Phone"))),
        structs.replace(RUN, command="reconcile"),
        structs.replace(RUN, undone=(("ab" * 32, 1),)),
        structs.replace(END, shape={"rows": 3, "columns": {}}),
        structs.replace(
            END, verdict=VERDICT, exports=structs.replace(EXPORTS, list_status=LACKING)
        ),
        ListLine(at=AT, list_status=LACKING),
        structs.replace(END, changes={("phone", "normalised"): 3, ("email", "cut"): 1}),
        structs.replace(
            END,
            shape={"rows": 2, "columns": {"Name": {"words": 2}}, "read_as": [], "is_ascii": True},
        ),
        WRITTEN,
        structs.replace(WRITTEN, files={"a.csv": FileRecord(sha256="02", bytes=1, is_edited=True)}),
        structs.replace(RequestLine.of("sent", one, AT), field_hashes="abcdefgh"),
        MAPPING,
        KNOWN,
        structs.replace(KNOWN, packed=pack_hashes(["0" * 64, "ab" * 32])),
        structs.replace(KNOWN, as_key=KNOWN.idempotency_key, hashes="n1."),
        ReadingLine(
            source_hash="ab", idempotency_key=KNOWN.idempotency_key, row=4, hashes="n1.", at=AT
        ),
        *(RequestLine.of(kind, one, AT) for kind in REQUESTS),
        structs.replace(RequestLine.of("sent", one, AT), is_presumed=True),
        structs.replace(RequestLine.of("sent", one, AT), change_of=KNOWN.idempotency_key),
        RowLine.of(outcome, run="r", at=AT),
        RowLine.of(replace(outcome, left_out=("phone", "email")), run="r", at=AT),
        RowLine.of(replace(outcome, kept=("phone",)), run="r", at=AT),
        RowLine.of(replace(outcome, corrected="0" * 64), run="r", at=AT),
        RowLine.of(replace(outcome, cells_hash="0" * 64), run="r", at=AT),
        structs.replace(RowLine.of(outcome, run="r", at=AT), packed=pack_hashes(("0" * 64,))),
        END,
        AcknowledgedLine(at=AT),
        AcknowledgedLine(
            at=AT, same=(("0" * 64, 1),), new=(("ab" * 32, 2),), earlier=(("cd" * 32, 1),)
        ),
        ListLine(at=AT, list_status=STANDING),
        VanishedLine(run="r", at="t", external_ids=("1", "2"), returned=("x1",)),
        structs.replace(END, exports=None, stopped=None, rows=3),
    ]


@pytest.mark.parametrize("written", every_line())
def test_a_line_is_read_back_as_it_was_written(written: Any) -> None:
    text = encode_line(written.to_json())
    assert read_line(text) == written
    assert line_from_json(json.loads(text)) == written


@pytest.mark.parametrize("status", list(Status))
def test_a_line_says_all_of_an_outcome(status: Status) -> None:
    outcome = send().outcome(status, external_id="x", record_url="u", error=VALIDATION, attempts=3)
    if status in {Status.DUPLICATE, Status.CHANGED, Status.POSSIBLE_DUPLICATE}:
        outcome = replace(
            outcome, duplicate_of=1, differs=True, columns=("Name",), record_key="k", hashes="m."
        )
    found = line_from_json(line(outcome))
    assert found == RowLine.of(outcome, run="r", at=AT)
    assert isinstance(found, RowLine)
    assert found.outcome.hashes == outcome.hashes
    assert line(replace(outcome, error=None))["error"] is None


def test_the_bytes_of_each_kind_stay_as_they_are() -> None:
    """The columnar loader recognises lines by this form, and so do people's scripts."""
    one = send()
    texts = [
        json.dumps(each.to_json(), separators=(",", ":"))
        for each in (RUN, RequestLine.of("sent", one, AT), END)
    ]
    run, request, end = texts
    assert run == (
        '{"kind":"run","run":"0123456789ab","at":"2026-01-01T00:00:00.000Z","version":"1.0",'
        '"object":"contact","base_url":"https://app.vorel.ai","source":{"name":"people.csv",'
        '"bytes":12,"sha256":"ab","rows":3},"mapping_sha256":"cd","api_key_sha256_8":"01234567",'
        '"settings":{"sources":["people.csv"],"rate":60},"pid":1,"host":"here","salt":"ab12"}'
    )
    assert request == (
        f'{{"kind":"sent","idempotency_key":"{one.key}","row":1,'
        f'"source_hash":"{one.source_hash}","occurrence":1,"marks":"{one.hashes}",'
        f'"at":"2026-01-01T00:00:00.000Z"}}'
    )
    assert end == (
        '{"kind":"end","run":"0123456789ab","at":"2026-01-01T00:00:00.000Z","exit_code":3,"read":3,'
        '"rows":null,"before":1,"unsent":1,"left":1,"counts":{"created":0,"failed":1},'
        '"requests":2,"stopped":"why","exports":{"made_of":"ef","rows":{"success":1,"failed":0,'
        '"unsent":0},"files":{"success":["l.success.csv",10,1700000000000000000]}},'
        '"list":{"created":1,"duplicate":0,"invalid":0,"failed":0,"unknown":0,"changed":0,'
        '"possible_duplicate":0,"dealt_with":0,"left":2,"corrected":0},'
        '"problems":[{"code":"c","origin":"crm","message":"m","hint":"h","status":"failed",'
        '"retryable":false,"count":1,"lines":[3],"sources":["people.csv"]}]}'
    )


def documented() -> dict[str, set[str]]:
    """Return the names that the page lists for each kind of line."""
    text = PAGE.read_text(encoding="utf-8").split("## Lines\n")[1].split("\n## ")[0]
    kinds: dict[str, set[str]] = {}
    for part in re.split(r"\n(?=\*\*`)", text)[1:]:
        kind = part[3 : part.index("`", 3)]
        items = [one.partition(": ")[0] for one in part.splitlines() if one.startswith("- `")]
        kinds[kind] = {name for item in items for name in re.findall(r"`(\w+)`", item)}
        left_out = "the fields of `sent` except `marks`, `fields`, `presumed` and `change_of`."
        if left_out in " ".join(part.split()):
            kinds[kind] = kinds["sent"] - {"marks", "fields", "presumed", "change_of"}
    return kinds


def test_the_page_describes_every_kind_of_line_and_no_other() -> None:
    assert documented().keys() == KINDS.keys()


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_page_names_all_that_lines_of_a_kind_hold(kind: str) -> None:
    written = [one.to_json() for one in every_line() if one.kind == kind]
    doubled = line(send().outcome(Status.DUPLICATE, external_id="x", duplicate_of=1))
    failed = line(send().outcome(Status.FAILED, error=VALIDATION))
    maybe = line(
        send().outcome(
            Status.POSSIBLE_DUPLICATE,
            columns=("Note",),
            record_key="k",
            hashes="n1.",
            field_hashes="abcdefgh",
            changed=("phone",),
        )
    )
    written += [doubled, failed, maybe] if kind == "row" else []
    assert documented()[kind] == set().union(*written) - {"kind"}


def test_names_and_kinds_of_later_versions_are_skipped() -> None:
    one = send()
    written = line(one.outcome(Status.FAILED, error=VALIDATION))
    written |= {"new": 1, "error": {**written["error"], "new": 2}}
    [verdict] = match([{"kind": "weather", "row": "?"}, {"no": "kind"}, written], {})
    assert verdict is not None
    assert verdict.key == f"{one.key}-2"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"kind": "weather", "at": AT}, OtherLine(at=AT)),
        ({"kind": ["row"], "at": 5}, OtherLine(at=None)),
        ({"kind": "sent", "at": AT}, OtherLine(at=AT)),
        ({"kind": "exports", "files": {"a": 1}, "at": AT}, OtherLine(at=AT)),
        ({"kind": "end"}, EndLine(run=None, at=None)),
        ({"kind": "end", "counts": 5, "exports": {"rows": 1}}, EndLine(run=None, at=None)),
        ({"kind": "end", "exports": {"made_of": "", "rows": {"a": "b"}, "files": {}}},
         EndLine(run=None, at=None)),
    ],
)  # fmt: skip
def test_a_line_that_says_little_is_read_as_that(written: dict[str, Any], found: Line) -> None:
    assert line_from_json(written) == found


def test_a_run_line_of_which_nothing_is_known_is_a_run_all_the_same() -> None:
    found = line_from_json({"kind": "run", "source": "people.csv", "settings": None, "pid": "1"})
    assert isinstance(found, RunLine)
    assert (found.source, found.settings, found.pid) == (None, {}, None)


def damaged() -> Iterable[dict[str, Any]]:
    written = line(created(send()))
    for name in ("row", "line", "source", "source_hash", "occurrence", "status"):
        yield {key: value for key, value in written.items() if key != name}
    yield written | {"status": "vanished"}
    yield written | {"row": "one"}
    yield written | {"row": float("inf")}
    yield written | {"line": None}
    yield written | {"error": "text"}
    yield written | {"error": {"code": "x"}}
    yield written | {"error": 5}


@pytest.mark.parametrize("written", list(damaged()))
def test_nothing_is_concluded_from_a_line_that_says_too_little(written: dict[str, Any]) -> None:
    assert line_from_json(written) == OtherLine(at=AT)
    assert state_of(written).is_empty


@pytest.mark.parametrize("versions", [None, 5, "AAAA", "not base64", ["0" * 64]])
@pytest.mark.parametrize("written", [KNOWN.to_json(), line(created(send()))])
def test_nothing_is_concluded_from_versions_that_cannot_be_read(
    written: dict[str, Any], versions: Any
) -> None:
    assert line_from_json({**written, "versions": versions}) == OtherLine(at=AT)


@pytest.mark.parametrize("key", [None, 5, "", "someone-elses", ["vi1-"]])
def test_a_key_of_something_else_is_skipped(key: Any) -> None:
    written = line(send().outcome(Status.UNKNOWN)) | {"idempotency_key": key}
    [verdict] = match([written, {"kind": "sent", "idempotency_key": key}, {"kind": "sent"}], {})
    assert verdict is not None
    assert not verdict.unclear


def test_a_refused_text_with_bytes_of_no_encoding_has_a_hash() -> None:
    rejected = Rejected(number=1, line=2, source="s", error=VALIDATION, raw="a\udce9")
    assert source_hash_of(rejected) == keys.source_hash("a\\udce9")


@pytest.mark.parametrize(
    "rewritten",
    [
        {"row": "1", "line": "2", "occurrence": "1"},
        {"row": 1.0, "line": 2.0, "occurrence": 1.0, "attempts": 1.0},
        {"source": None},
        {"error": {}},
    ],
)
def test_a_row_is_not_forgotten_when_another_program_has_rewritten_the_file(
    rewritten: dict[str, Any],
) -> None:
    """As programs for tables do, which make floats of integers."""
    whole = line(created(send("Ada"), "17"))
    found = line_from_json({**whole, **rewritten})
    assert isinstance(found, RowLine)
    known = found.outcome
    assert (known.number, known.line, known.occurrence) == (1, 2, 1)
    assert (known.external_id, known.status) == ("17", Status.CREATED)


def test_a_number_in_place_of_the_id_of_a_record_is_its_id() -> None:
    found = line_from_json({**line(created(send("Ada"), "17")), "external_id": 17})
    assert isinstance(found, RowLine)
    assert found.outcome.external_id == "17"
