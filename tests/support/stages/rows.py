"""Rows of people, what a results file says of them, and what the matcher says of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from importer.core import keys
from importer.core.keys import source_hash_of
from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, Record, Row, RowError, RowIdentity, Send, Status
from importer.matching.content import ContentMatcher, OpenContent
from importer.matching.hashes import Hasher
from importer.matching.matcher import Matcher
from importer.matching.open_rows import Candidate, ListRows, OpenRow, RowVerdict
from importer.matching.policy import Policy
from importer.matching.row_form import RowForm
from importer.writer.index.match_hash_index import HashedLine, MatchHashIndex
from importer.writer.line_reader import line_from_json
from importer.writer.lines.row_line import RequestLine, RowLine
from importer.writer.state.journal_state import JournalState, Version

VALIDATION = RowError(code="validation_error", origin=Origin.CRM, message=Message("no email"))
BUSY = RowError(code="internal_error", origin=Origin.API, message=Message("500"), retryable=True)
CONFLICT = RowError(code="conflict", origin=Origin.API, message=Message("409"))
AT = "2026-01-01T00:00:00.000Z"
SALT = "salt"

People = Mapping[str, Any]


def record(
    name: str = "Rana", *, number: int = 1, ref: str | None = None, note: str = "", **fields: Any
) -> tuple[Record, str]:
    """Return a record and its source hash; `note` is a column that is not mapped."""
    values = {"Name": name, "N": note, **fields}
    row = Row(number=number, line=number + 1, source="s.csv", values=values)
    identity = None if ref is None else (ref,)
    sent = {"name": name, **({} if ref is None else {"external_ref": ref}), **fields}
    return Record(row=row, object="contact", fields=sent, identity=identity), source_hash_of(row)


def send(name: str = "Rana", *, occurrence: int = 1, **details: Any) -> Send:
    """Return a row as it is sent first."""
    one, source_hash = record(name, **details)
    row_hash = keys.row_hash(one.object, one.fields)
    return Send(
        record=one,
        key=keys.row_key(one.object, row_hash, identity=one.identity),
        row_hash=row_hash,
        source_hash=source_hash,
        occurrence=occurrence,
        unclear=False,
        hashes=Hasher(SALT).hashes(one.object, one.fields, one.identity).text(),
    )


def created(sent: Send, external_id: str = "x1") -> Outcome:
    return sent.outcome(
        Status.CREATED, external_id=external_id, record_url="https://crm/x1", attempts=1
    )


def line(outcome: Outcome) -> dict[str, Any]:
    return RowLine.of(outcome, run="r", at=AT).to_json()


def sent_line(sent: Send) -> dict[str, Any]:
    return RequestLine.of("sent", sent, AT).to_json()


def made(sent: Send, external_id: str = "x1") -> list[dict[str, Any]]:
    """Return the lines about a row that was created."""
    return [sent_line(sent), line(created(sent, external_id))]


def state_of(*lines: dict[str, Any]) -> JournalState:
    state = JournalState(salt=SALT)
    state.load(map(line_from_json, lines))
    return state


class InMemory:
    """The requests of a results file by their hashes, as plainly as can be."""

    def __init__(self, lines: Sequence[dict[str, Any]]) -> None:
        self._sent = [one for one in lines if one.get("kind") == "sent" and "marks" in one]

    def find(self, findable: Sequence[str], _compared: Sequence[str] = ()) -> Any:
        for one in self._sent:
            before, _, _ = one["marks"].partition(".")
            has = {before[at : at + 9] for at in range(0, len(before), 9)}
            if has & set(findable):
                yield HashedLine(one["idempotency_key"], one["source_hash"], one["marks"])


class _ListRows(ListRows):
    """A whole list, whose settled rows are known by their content."""

    def __init__(self, content: ContentMatcher) -> None:
        self._content = content

    @property
    def rows(self) -> int:
        return self._content.rows

    @property
    def known(self) -> int:
        return self._content.known

    def is_held(self, base: str) -> bool:
        return self._content.is_held(base)

    def rows_of(self, _bases: Collection[str]) -> Mapping[str, OpenRow]:
        return {}

    def is_other_row(self, _row: OpenRow, _candidate: Candidate) -> bool:
        return False

    def has_row_of(self, _version: Version) -> bool:
        return False


def match(
    lines: Sequence[dict[str, Any]], *people: People, object_: str = "contact", **policy: Any
) -> list[RowVerdict | None]:
    """
    Return the verdict about each row of a list; None if it is known by its content.

    `lines` are what is on record, `people` the arguments of `record`.
    """
    return match_state(state_of(*lines), *people, lines=lines, object_=object_, **policy)


def match_state(
    state: JournalState,
    *people: People,
    lines: Sequence[dict[str, Any]] = (),
    object_: str = "contact",
    **policy: Any,
) -> list[RowVerdict | None]:
    """Return the same for a state that was loaded in some other way."""
    settings = Policy(**policy)
    content = ContentMatcher(
        state, sends_all=settings.sends_all, sends_changes=settings.on_change == "send"
    )
    rows = [record(**{**details, "number": number}) for number, details in enumerate(people, 1)]
    fresh = content.see([source_hash for _, source_hash in rows])
    opened = {one.at: one for one in content.finish()}
    found = [
        OpenRow(
            content=opened.get(at) or OpenContent(at, RowIdentity(source_hash, 1)),
            today=RowForm(one, ""),
            salts=[SALT],
            forms_of=lambda _: (),
            is_declared_new=state.is_new(source_hash, 1),
        )
        for at, (one, source_hash) in enumerate(rows)
        if at in fresh or at in opened
    ]
    matcher = Matcher(
        state,
        settings,
        _ListRows(content),
        object_=object_,
        on_record=cast("MatchHashIndex", InMemory(lines)),
    )
    verdicts = matcher.match(found)
    return [verdicts.get(at) for at in range(len(rows))]
