"""Rows that were all created are exported many at once, to the same files as one by one."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import anyio
import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.core.keys import row_key, source_hash
from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, RowError, Status
from importer.core.settings import ReadOptions
from importer.reader import layout
from importer.reader.text.chunks import ChunkStream
from importer.run.derived_files import write_exports
from importer.run.survey import read_survey
from importer.writer import index_file, outcome_index
from importer.writer.exporter import Exporter
from importer.writer.index import created_rows
from importer.writer.lines.row_line import KnownLine, RowLine
from importer.writer.outcome_index import OutcomeIndex

HEADER = ["name", "note", "phone"]
REFUSED = RowError(
    code="validation_error", origin=Origin.CRM, message=Message("no"), retryable=False
)

cells = st.text(st.sampled_from("aé,;\"\n\r' \tب"), max_size=5)
rows = st.tuples(
    cells,
    cells,
    st.sampled_from(
        ["created"] * 12 + ["known"] * 12 + ["failed", "later", "none", "again", "gone"]
    ),
)


def line_of(number: int, values: Sequence[str], status: Status) -> str:
    digest = source_hash(dict(zip(HEADER, values, strict=True)))
    outcome = Outcome(
        number=number,
        line=number + 1,
        source="people.csv",
        source_hash=digest,
        occurrence=1,
        row_hash=digest,
        idempotency_key=row_key("contact", digest),
        status=status,
        external_id=f"x{number}" if status is Status.CREATED else None,
        record_url=f"u{number}" if status is Status.CREATED and number % 3 == 0 else None,
        error=REFUSED if status is Status.FAILED else None,
        attempts=1,
    )
    line = RowLine.of(
        outcome, run="0123456789ab", at=f"2026-03-02T09:30:00.{number:03d}Z"
    ).to_json()
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def known_line_of(number: int, values: Sequence[str], was: Sequence[str]) -> str:
    """Return the line of a row that was recognised as the row of a record made of other cells."""
    digest, made = (source_hash(dict(zip(HEADER, one, strict=True))) for one in (values, was))
    line = KnownLine(
        source_hash=digest,
        occurrence=1,
        idempotency_key=row_key("contact", made),
        row=number,
        at="2026-03-03T09:30:00.000Z",
    ).to_json()
    return json.dumps(line, separators=(",", ":")) + "\n"


def write(folder: Path, drawn: Sequence[tuple[str, str, str]], delimiter: str) -> None:
    """Write a list, and the results of an import that created, refused or left its rows."""
    results, later = [], []
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        writer.writerow(HEADER)
        for number, (name, note, fate) in enumerate(drawn, 1):
            values = [name, note, f"050-{number:04}"]
            if fate != "gone":
                writer.writerow(values)
            if fate == "known":
                was = [name, note, f"050-{number:04} (night 1)"]
                results.append(line_of(number, was, Status.CREATED))
                later.append(known_line_of(number, values, was))
            elif fate == "failed":
                results.append(line_of(number, values, Status.FAILED))
            elif fate == "later":
                results.append(line_of(number, values, Status.UNKNOWN))
                later.append(line_of(number, values, Status.CREATED))
            elif fate != "none":
                results.append(line_of(number, values, Status.CREATED))
            if fate == "again":
                later.append(line_of(number, values, Status.CHANGED))
    (folder / "people.results.jsonl").write_text("".join(results + later), encoding="utf-8")


def exported(folder: Path, delimiter: str) -> dict[str, bytes]:
    source = str(folder / "people.csv")
    survey = read_survey((source,), ReadOptions(delimiter=delimiter), spool=folder)

    async def record(_: object) -> None:
        """Put nothing on record."""

    found = anyio.run(
        partial(write_exports, folder / "people.results.jsonl", survey, record=record)
    )
    return {kind: Path(path).read_bytes() for kind, path in found.files.items() if path}


@settings(max_examples=examples(25))
@given(
    st.lists(rows, min_size=20, max_size=60),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([1, 3, 1024]),
    st.sampled_from([0, 8192]),
    st.sampled_from([150, 2000]),
    st.sampled_from([1, 3, 64]),
)
def test_many_at_once_come_to_the_same_files(
    drawn: list[tuple[str, str, str]],
    delimiter: str,
    at_once: int,
    far_apart: int,
    size: int,
    few: int,
) -> None:
    with (
        TemporaryDirectory() as name,
        mock.patch.object(layout, "ChunkStream", partial(ChunkStream, size=size)),
        mock.patch.object(outcome_index, "_FEW", few),
        mock.patch.object(index_file, "_SMALL_BYTES", 0),
        mock.patch.object(created_rows, "_READ_AT_ONCE", at_once),
        mock.patch.object(created_rows, "_FAR_APART", far_apart),
    ):
        folder = Path(name)
        write(folder, drawn, delimiter)

        at_once_ = exported(folder, delimiter)

        with mock.patch.object(OutcomeIndex, "find_created", return_value=None):
            assert at_once_ == exported(folder, delimiter)


@pytest.mark.parametrize("fate", ["created", "known"])
@pytest.mark.parametrize("far_apart", [0, 8192])
def test_a_list_in_its_order_is_exported_many_at_once(
    tmp_path: Path, far_apart: int, fate: str
) -> None:
    write(tmp_path, [("Rana", f"no {number}", fate) for number in range(200)], ",")
    with (
        mock.patch.object(layout, "ChunkStream", partial(ChunkStream, size=500)),
        mock.patch.object(index_file, "_SMALL_BYTES", 0),
        mock.patch.object(created_rows, "_FAR_APART", far_apart),
        mock.patch.object(Exporter, "add", autospec=True, side_effect=Exporter.add) as one_by_one,
    ):
        written = exported(tmp_path, ",")
    assert one_by_one.call_count < 60
    [header, *lines] = csv.reader(written["success"].decode().splitlines())
    assert header[:3] == HEADER
    assert [line[2] for line in lines] == [f"050-{number:04}" for number in range(1, 201)]
    assert [line[6] for line in lines] == [f"x{number}" for number in range(1, 201)]


def test_a_record_is_gone_if_no_row_of_the_list_has_it(tmp_path: Path) -> None:
    fates = ["gone" if number in {70, 140} else "known" for number in range(200)]
    write(tmp_path, [("Rana", f"no {at}", fate) for at, fate in enumerate(fates)], ",")
    with mock.patch.object(index_file, "_SMALL_BYTES", 0):
        written = exported(tmp_path, ",")
    [_, *gone] = csv.reader(written["vanished"].decode().splitlines())
    assert [line[0] for line in gone] == ["x71", "x141"]


def test_an_edited_row_does_not_make_its_neighbours_slow(tmp_path: Path) -> None:
    fates = ["none" if number in {500, 501, 800} else "created" for number in range(950)]
    write(tmp_path, [("Rana", f"no {at}", fate) for at, fate in enumerate(fates)], ",")
    with (
        mock.patch.object(layout, "ChunkStream", partial(ChunkStream, size=4000)),
        mock.patch.object(index_file, "_SMALL_BYTES", 0),
        mock.patch.object(outcome_index, "_FEW", 4),
        mock.patch.object(Exporter, "add", autospec=True, side_effect=Exporter.add) as one_by_one,
    ):
        written = exported(tmp_path, ",")

    first_chunk = 250  # it is read with the header, row by row
    assert one_by_one.call_count <= first_chunk + 4 * 4
    numbers = {
        kind: [int(line[3]) for line in csv.reader(text.decode().splitlines()[1:])]
        for kind, text in written.items()
    }
    assert numbers["unsent"] == [501, 502, 801]
    assert numbers["success"] == [at for at in range(1, 951) if at not in {501, 502, 801}]
