"""The mappings of earlier runs: a row may be on record with a key of one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Self

from importer.core.records import Record, Row
from importer.mapper.mapper import Mapper
from importer.matching.row_form import RowForm
from importer.run.job import Job
from importer.writer.lines.run_line import MappingLine


def mapping_line(job: Job, at: str | None = None) -> MappingLine:
    """Return the line that records the mapping of an import."""
    return MappingLine(
        at=at,
        object=job.object,
        mapping=job.mapper.mapping.to_json(),
        null=tuple(job.survey.options.null),
        namespace=job.config.namespace,
    )


class EarlierMapping(NamedTuple):
    """The mapper of an earlier mapping, the namespace of its keys, and the SHA-256 of its file."""

    mapper: Mapper
    namespace: str
    file: str | None

    @classmethod
    def of(cls, line: MappingLine) -> Self | None:
        """Return the mapping of a line, or None if this version cannot read it."""
        mapper = Mapper.on_record(line.mapping, line.object, null=line.null)
        return None if mapper is None else cls(mapper, line.namespace, line.sha256)

    def form(self, row: Row) -> RowForm | None:
        """Return the row as this mapping maps it, or None if it does not accept it."""
        mapped = self.mapper.map(row)
        if not isinstance(mapped, Record):
            return None
        return RowForm(mapped, self.namespace, self.file)


class EarlierMappings:
    """
    Maps rows as earlier runs did.

    `lines` are the recorded mappings. `mappers` are those of each, the latest first. It leaves out
    mappings that give the same result as `today`, and those that this version cannot read.

    What a run has recognised under a mapping is compared with rows as that mapping maps them. It is
    `comparable` with rows as today's maps them if both give the same result, or if the list, which
    has these `columns`, lacks one of that mapping.
    """

    def __init__(
        self, lines: Sequence[MappingLine], today: MappingLine, columns: Collection[str]
    ) -> None:
        self.mappers: list[EarlierMapping] = []
        self.comparable = {today.sha256}
        for line in reversed(lines):
            if line.makes_the_same(today):
                self.comparable.add(line.sha256)
                continue
            if (earlier := EarlierMapping.of(line)) is None:
                continue
            self.mappers.append(earlier)
            if not {*earlier.mapper.mapped_columns} <= {*columns}:
                self.comparable.add(line.sha256)

    def __bool__(self) -> bool:
        """Return whether an earlier run had another mapping."""
        return bool(self.mappers)

    def forms(self, row: Row) -> Iterator[RowForm]:
        """Yield the row as mapped by each earlier mapping that accepts it, the latest first."""
        return (form for one in self.mappers if (form := one.form(row)) is not None)
