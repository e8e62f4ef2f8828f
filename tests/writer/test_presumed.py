"""What may have been sent, since lines are lost that would say so."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from msgspec import structs

from importer.writer.lines.row_line import KnownLine, SentLine
from importer.writer.loading import scan_results
from importer.writer.rewriting.compaction import compact
from importer.writer.state.journal_state import JournalState

AT = "2026-03-02T09:30:00.000Z"
KEY, OTHER = (f"vi1-{hashlib.sha256(one).hexdigest()}" for one in (b"1", b"2"))
HASHES = [hashlib.sha256(bytes([number])).hexdigest() for number in range(4)]


def test_it_stays_so_in_a_smaller_file(tmp_path: Path) -> None:
    request = SentLine(idempotency_key=KEY, row=1, source_hash=HASHES[0], occurrence=1, at=AT)
    known = [
        KnownLine(source_hash=one, occurrence=1, idempotency_key=OTHER, row=2, at=AT)
        for one in HASHES[1:]
    ]
    path = tmp_path / "list.results.jsonl"
    lines: list[SentLine | KnownLine] = [
        request,
        structs.replace(request, is_presumed=True),
        request,
        *known,
    ]
    path.write_text("".join(f"{json.dumps(one.to_json())}\n" for one in lines), encoding="utf-8")
    assert compact(path).packed
    found = JournalState()
    found.load(line for _, _, line in scan_results(path).lines if line is not None)
    state = found.keys.find(KEY)
    assert state is not None
    assert state.is_presumed
