"""Makes the rows of a source, of every format: good ones, and those that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from importer.core.locale.message import Message
from importer.core.records import Origin, Rejected, Row, RowError
from importer.core.row_marks import RowMark
from importer.core.shared import LONE_SURROGATE, MAX_RAW_CHARACTERS, OWN_PREFIX, JsonValue

RAW_NAME = "vorel_raw"


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Makes rows of `source`. `raw` is always the text of a row in the file."""

    source: str

    def derived(
        self, number: int, line: int, found: dict[str, JsonValue], fault: str, hint: Message
    ) -> Row | Rejected:
        """
        Return a row of a derived file, without the columns of the importer.

        One whose text in `vorel_raw` nobody has corrected yet is rejected again, for that `fault`.
        """
        mark = RowMark.from_values(found)
        values = {name: item for name, item in found.items() if not name.startswith(OWN_PREFIX)}
        still_raw = found.get(RAW_NAME)
        is_corrected = any(item not in ("", None) for item in values.values())
        if still_raw and isinstance(still_raw, str) and not is_corrected:
            message = Message(fault, name=RAW_NAME)
            return replace(self.rejected(number, line, still_raw, message, hint), mark=mark)
        return Row(number=number, line=line, source=self.source, values=values, mark=mark)

    def undecodable(self, number: int, line: int, raw: str) -> Rejected | None:
        """Return the rejected row for a text with a byte that its encoding does not have."""
        if raw.isascii() or not (bad := LONE_SURROGATE.search(raw)):
            return None
        message = Message(
            "a byte (%(sign)s) that is not in this encoding, at character %(number)s of the row",
            sign=f"0x{ord(bad[0]) & 0xFF:02x}",
            number=bad.start() + 1,
        )
        hint = Message("Save the file as UTF-8, or state its encoding with --encoding.")
        return self.rejected(number, line, raw, message, hint, "encoding_error")

    def rejected(
        self,
        number: int,
        line: int,
        raw: str,
        message: Message,
        hint: Message,
        code: str = "malformed_row",
    ) -> Rejected:
        """Return a row that is an error."""
        return Rejected(
            number=number,
            line=line,
            source=self.source,
            error=RowError(code=code, origin=Origin.READER, message=message, hint=hint),
            raw=raw[:MAX_RAW_CHARACTERS],
        )
