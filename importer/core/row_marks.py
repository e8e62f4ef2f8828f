"""The importer's own columns in derived files: which row of which import it is, and its outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

Where = tuple[str, int]
"""Which row of a list: its source hash, and which of the rows with that hash it is, from 1."""
_COMPARED = frozenset({"changed", "possible_duplicate", "invalid"})
"""Statuses of rows whose `external_id` is that of a record that was made of other values."""
_REF = re.compile(r"(.+)#([0-9a-f]{64})-([1-9][0-9]{0,8})(-json)?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRef:
    """
    The `vorel_ref` of a row in a derived file: which row of which import it is.

    `results` is the name of the results file, without its folder; `where` is which row it
    is there. With `is_view` the file is a view of a JSON list for people: its values
    are texts, so it cannot be imported. The text form is `list.results.jsonl#<64 hex digits>-1`,
    followed by `-json` in a view.
    """

    results: str
    where: Where
    is_view: bool = False

    @property
    def source_hash(self) -> str:
        """The source hash of the row."""
        return self.where[0]

    def __str__(self) -> str:
        source_hash, occurrence = self.where
        ending = "-json" if self.is_view else ""
        return f"{self.results}#{source_hash}-{occurrence}{ending}"

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """Return the reference in a text, or None."""
        found = _REF.fullmatch(text.strip())
        if found is None:
            return None
        results, source_hash, occurrence, view = found.groups()
        where = source_hash, int(occurrence)
        return cls(results=results, where=where, is_view=view is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMark:
    """The values of the importer's own columns: which row it is, and its outcome."""

    ref: RowRef | None
    status: str = ""
    external_id: str = ""
    record_url: str = ""
    error_code: str = ""

    @property
    def has_record(self) -> bool:
        """Whether the row has a record already, so that it must not be sent."""
        is_of_another = self.status in _COMPARED
        return self.status == "created" or (self.external_id != "" and not is_of_another)

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self | None:
        """Return the mark from the `vorel_` values of a row, or None if there are none."""
        ref = RowRef.from_text(str(values.get("vorel_ref") or ""))
        status = str(values.get("vorel_status") or "").strip()
        external_id = str(values.get("vorel_external_id") or "").strip()
        if ref is None and not status and not external_id:
            return None
        record_url = str(values.get("vorel_record_url") or "").strip()
        error_code = str(values.get("vorel_error_code") or "").strip()
        return cls(
            ref=ref,
            status=status,
            external_id=external_id,
            record_url=record_url,
            error_code=error_code,
        )
