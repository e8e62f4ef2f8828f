"""Looks up the rows of a list in a results file: many at once, or one to be matched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from importer.core import keys
from importer.core.records import Record, Row
from importer.mapper.mapper import Mapper
from importer.matching.content import OpenContent
from importer.matching.hashes import MatchHashes, hasher_of
from importer.matching.match_texts import findable_texts
from importer.matching.open_rows import Candidate, OpenRow
from importer.matching.policy import Policy
from importer.matching.row_form import RowForm
from importer.matching.row_ties import RowTies
from importer.matching.ties import Level, Tie
from importer.run.job import Job
from importer.run.loaded_import import LoadedResults
from importer.writer.state.journal_state import VersionKind

if TYPE_CHECKING:  # polars takes long to load, and a list without news is planned without it
    from importer.mapper.block import MappedBlock
    from importer.run.row_chunks import RowChunk


class ResultsLookup:
    """
    Looks up the rows of a list in one results file, under the mappings of all its runs.

    A plan has one for the results file of its import, and one for that of each other import in the
    same folder.
    """

    def __init__(self, loaded: LoadedResults, job: Job) -> None:
        self._results = loaded
        self._job = job
        self._namespace = job.config.namespace
        state = loaded.state
        self._salts = tuple(dict.fromkeys((state.salt, *state.salts)))
        earlier = loaded.earlier.mappers
        self.columns = [name for one in earlier for name in one.mapper.mapped_columns]
        self._known_keys: set[str] = set()
        self._known_hashes: set[str] = set()
        self._looked_at: set[str | None] = set()
        for version in state.reported():
            if version.kind is not VersionKind.KNOWN or version.key is not None:
                self._looked_at.add(version.base)
            if version.key is not None:
                self._known_keys.add(version.key)
            if version.hashes is not None:
                self._known_hashes.update(MatchHashes.parse(version.hashes).findable())

    @property
    def name(self) -> str:
        """The path of the results file."""
        return self._results.name

    def count_content(self, hashes: Sequence[str]) -> int:
        """Return how many rows have the content of a row that was created here."""
        created = self._results.state.created
        if created:
            return sum(position is not None for position in created.find(hashes))
        versions = map(self._results.state.versions, hashes)
        return sum(any(one.kind is VersionKind.OWN for one in found) for found in versions)

    def open_row(
        self, content: OpenContent, record: Record, *, is_declared_new: bool = False
    ) -> OpenRow:
        """Return a row of the list, to be matched with what this results file says."""
        return OpenRow(
            content=content,
            today=RowForm(record, self._namespace),
            salts=self._salts,
            forms_of=self._results.earlier.forms,
            is_declared_new=is_declared_new,
        )

    def readable(self, content: OpenContent, row: Row) -> OpenRow | None:
        """Return the values of a rejected row that can be read, if they tie it to anything here."""
        record = self._job.mapper.map_readable(row)
        if record is None:
            return None
        found = self.open_row(content, record)
        is_tied = any(
            self._is_on_record(form.hashes(salt)) for salt in self._salts for form in found.forms
        )
        return found if is_tied or found.earlier else None

    def _is_on_record(self, hashes: MatchHashes) -> bool:
        findable = hashes.findable()
        if not self._known_hashes.isdisjoint(findable):
            return True
        on_record = self._results.hashes
        return on_record is not None and any(on_record.find(findable, hashes.compared()))

    def records_of(self, rows: Sequence[OpenRow]) -> Iterator[tuple[int, Tie, Candidate]]:
        """Yield (place, tie, record) for the strongest tie of each row to a record in this file."""
        state = self._results.state
        others = []
        for row in rows:
            versions = state.versions(row.content_hash)
            made = ((one.base, state.keys.find(one.base)) for one in versions if one.base)
            found = [Candidate(base, of) for base, of in made if of is not None and of.is_created]
            if found:
                yield row.at, Tie(Level.ALIKE, 0), found[0]
            else:
                others.append(self.open_row(OpenContent(row.at, row.where), row.record))
        ties = RowTies(
            state,
            Policy(),
            object_=self._job.object,
            on_record=self._results.hashes,
            mappings=self._results.earlier.comparable,
        )
        ties.add(others, are_equal_ones_counted=False)
        for row in others:
            if (tie_and_record := ties.closest(row)) is not None:
                yield row.at, *tie_and_record

    def as_sent(self, block: MappedBlock, rows: int) -> dict[int, str]:
        """
        Return, by place, the keys of records that were made of the values that a row is sent with.

        Such a row differs only in an unmapped column, for example a time stamp. Rows with anything
        else on record are left to the row-by-row way.
        """
        state, identity = self._results.state, self._job.mapper.mapping.identity
        if not state.created or self._results.earlier.mappers or self._job.policy.sends_all:
            return {}
        places = [place for place in range(rows) if place not in block.rejected]
        hashes = block.row_hashes(places)
        keys_of = partial(_keys_of, block, namespace=self._namespace)
        made = keys_of(places, hashes, identity)
        positions = state.created.find_keys(made)
        found = [at for at, one in enumerate(positions) if one is not None]
        there, sent = [places[at] for at in found], [hashes[at] for at in found]
        second = keys_of(there, sent, identity, number=2)
        first = keys_of(there, sent, None) if identity else second
        are_two = zip(state.keys.may_have(second), state.keys.may_have(first), strict=True)
        made_of = state.keys.made_of(
            [made[at] for at in found], [one for one in positions if one is not None]
        )
        return {
            places[at]: made[at]
            for at, others, row_hash in zip(found, are_two, made_of, strict=True)
            if not any(others)
            and made[at] not in self._known_keys
            and made[at] not in self._looked_at
            and row_hash == hashes[at]
        }

    def related(
        self,
        chunk: RowChunk,
        mapped: MappedBlock,
        hashes: Sequence[str],
        *,
        without: Collection[int],
    ) -> Iterator[int]:
        """
        Yield the places of rows of a chunk that something in this results file may match.

        It looks up the content, the keys under all mappings and the hashes of many rows at once. A
        match may be one by chance.
        """
        state = self._results.state
        if state.is_empty:
            return
        positions = state.created.find(hashes)
        have_content = state.have_content(hashes)
        for place, (position, is_there) in enumerate(zip(positions, have_content, strict=True)):
            if position is not None or is_there:
                yield place
        others = [place for place in range(len(chunk.read)) if place not in without]
        yield from self._related_by(mapped, self._job.mapper, self._namespace, others)
        for mapper, namespace, _ in self._results.earlier.mappers:
            yield from self._related_by(chunk.mapped_by(mapper), mapper, namespace, others)

    def _related_by(
        self, block: MappedBlock, mapper: Mapper, namespace: str, rows: Sequence[int]
    ) -> Iterator[int]:
        places = [place for place in rows if place not in block.rejected]
        if not places:
            return
        identity = mapper.mapping.identity
        values = block.values(places)
        hashes = block.row_hashes(places) if identity is None else ()
        made = _keys_of(block, places, hashes, identity, namespace=namespace)
        for place, key, is_known in zip(
            places, made, self._results.state.keys.may_have(made), strict=True
        ):
            if is_known or key in self._known_keys:
                yield place
        texts = list(findable_texts(block.object, values, len(places), identity))
        owners = [place for place, of in zip(places, texts, strict=True) for _ in of]
        for salt in self._salts:
            found = hasher_of(salt).findable(chain.from_iterable(texts))
            on_record = self._results.hashes
            are_known = [False] * len(found) if on_record is None else on_record.hold(found)
            for place, one, is_known in zip(owners, found, are_known, strict=True):
                if is_known or one in self._known_hashes:
                    yield place


def _keys_of(
    block: MappedBlock,
    places: Sequence[int],
    hashes: Sequence[str],
    identity: Sequence[str] | None,
    *,
    namespace: str,
    number: int = 1,
) -> list[str]:
    """Return the keys of rows, whose `row_hash` are given, as the `number`th of equal ones."""
    if identity is None:
        return keys.row_keys(block.object, hashes, namespace=namespace, occurrence=number)
    values = block.values(places)
    make = partial(keys.row_key, block.object, "", namespace=namespace, occurrence=number)
    return [make(identity=one) for one in zip(*map(values.__getitem__, identity), strict=True)]
