"""Makes a row from the cells of a record, or a rejected row with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from importer.core.locale.message import Message, foreign
from importer.core.records import Origin, Rejected, Row, RowError
from importer.core.row_marks import RowMark
from importer.core.shared import LONE_SURROGATE, MAX_RAW_CHARACTERS
from importer.reader.csv.header import Header
from importer.reader.csv.repair.repairer import Repairer

CLOSE_QUOTES = Message("Close or double the quotes in this row.")
_RAW_COLUMN = "vorel_raw"


def explain(fault: str) -> Message:
    """Return the error of the csv module in plain words."""
    if "unexpected end of data" in fault:
        return Message("a quote that opens in this row is never closed")
    if "expected after" in fault:
        return Message("a quoted cell has text behind its closing quote")
    return foreign(fault)


class RowMaker:
    """Makes the rows of one source, without the columns that the importer has added."""

    def __init__(self, source: str, header: Header, repairer: Repairer) -> None:
        self._source = source
        self._header = header.columns
        self._columns = header.own_columns
        self._repairer = repairer

    def row(self, number: int, line: int, cells: Sequence[str], raw: str) -> Row | Rejected:
        """Return the row, or a rejected row with the reason."""
        if not raw.isascii() and (bad := LONE_SURROGATE.search(raw)):
            return self.rejected(
                number,
                line,
                raw,
                "encoding_error",
                Message(
                    "a byte (%(sign)s) that is not in this encoding, at character %(number)s "
                    "of the "
                    "row",
                    sign=f"0x{ord(bad[0]) & 0xFF:02x}",
                    number=bad.start() + 1,
                ),
                Message("Save the file as UTF-8, or state its encoding with --encoding."),
            )
        if len(cells) != len(self._header):
            return self.rejected(
                number,
                line,
                raw,
                "malformed_row",
                Message(
                    "%(expected)s cells expected, as in the header, and %(found)s found",
                    expected=len(self._header),
                    found=len(cells),
                ),
                Message("Quote cells that hold the delimiter, or add the missing cells."),
            )
        if damage := self._repairer.damage(cells, raw):
            return self.rejected(number, line, raw, "malformed_row", damage, CLOSE_QUOTES)
        values = dict(zip(self._header, cells, strict=True))
        mark = None
        if len(self._columns) != len(self._header):
            mark = RowMark.from_values(values)
            still_raw = values.get(_RAW_COLUMN, "")
            values = {name: values[name] for name in self._columns}
            if still_raw and not any(values.values()):
                rejected = self.rejected(
                    number,
                    line,
                    still_raw,
                    "malformed_row",
                    Message(
                        "the text in %(name)s has not been moved into the columns yet",
                        name=_RAW_COLUMN,
                    ),
                    Message(
                        "Fill the row's own columns from %(name)s, then run again.",
                        name=_RAW_COLUMN,
                    ),
                )
                return replace(rejected, mark=mark)
        return Row(number=number, line=line, source=self._source, values=values, mark=mark)

    def rejected(
        self, number: int, line: int, raw: str, code: str, message: Message, hint: Message
    ) -> Rejected:
        """Return a rejected row. `raw` is its text in the file."""
        error = RowError(code=code, origin=Origin.READER, message=message, hint=hint)
        return Rejected(
            number=number,
            line=line,
            source=self._source,
            error=error,
            raw=raw.rstrip("\r\n")[:MAX_RAW_CHARACTERS],
        )
