"""What must be true after each run of a story, and once everything is at rest."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from referee import Run, World

from stories.doubts import POSSIBLE_DUPLICATE, Doubt
from stories.files import Table
from stories.people import People, Row
from stories.settings import Settings

__all__ = ["Truth", "check_exit_code", "check_files", "check_run", "foresee"]

_BAD = ("invalid", "failed", "unknown")
_HELD = ("success", "failed", "changed", "unsent")


class Truth:
    """
    How many records each person may have.

    A person may have one record for each content, or identity, that a list had of them at once;
    with `--on-duplicate send` one for each row, with `--on-change send` one more for each new
    content. `told` are those who were reported as changed, and `doubts` those whose rows were
    possible duplicates when the list last had them, and about whom nobody has decided.
    """

    def __init__(self) -> None:
        self.most: Counter[str] = Counter()
        self.doubts: set[str] = set()
        self.told: set[str] = set()
        self._paid: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)

    def expect(self, rows: Sequence[Row], settings: Settings) -> None:
        """Note the rows of the next run, from a list or from a derived file."""
        for who in {row.who for row in rows}:
            own = [row for row in rows if row.who == who]
            contents, records = [*map(settings.content, own)], {*map(settings.record, own)}
            distinct = set(contents)
            wanted = len(own) if settings.sends_all else len(records)
            new = distinct - self._paid[who]
            if settings.on_change == "send" and self._paid[who]:
                more = sum(content in new for content in contents)
                wanted = max(wanted, self.most[who] + more)
            if settings.on_change == "send" or wanted > self.most[who]:
                self._paid[who] |= distinct
            self.most[who] = max(self.most[who], wanted)

    def check_nobody_twice(self, people: Counter[str]) -> None:
        """Check that nobody has more records than the settings have asked for."""
        twice = {who: n for who, n in people.items() if n > self.most[who]}
        assert not twice, f"TWICE: {twice}, at most {[self.most[who] for who in twice]}"

    def check_nobody_lost(
        self, rows: Sequence[Row], settings: Settings, people: Counter[str]
    ) -> None:
        """Check that everybody in the list who can be sent has the records they should have."""
        contents = Counter((row.who, settings.content(row)) for row in rows if not row.is_bad)
        for (who, _), equal in contents.items():
            wanted = equal if settings.sends_all and who not in self.told else 1
            if people[who] < wanted:
                raise AssertionError(f"LOST: {who} has {people[who]} of {wanted} records")


def foresee(world: World, arguments: Sequence[str]) -> dict[str, int] | None:
    """Return the counts that `check` says a run will have, or None if it says that it stops."""
    code, out, told = world.command("check", *arguments, "--json")
    if code in {2, 7}:
        return None
    assert code in {0, 1, 6}, f"check ended with {code}: {told}"
    plan = json.loads(out)
    foreseen = {"before": plan["before"], **plan["counts"], "created": plan["unsent"]}
    return {name: count for name, count in foreseen.items() if count}


def check_run(run: Run, rows: int | None, *, may_stop: bool, doubts: Collection[str] = ()) -> None:
    """
    Check that a run of a list ended as it says, and that its counts add up.

    `rows` is None if it was not to read all of them. About `doubts` of earlier runs nobody has
    decided; they count as long as they are not in the list as somebody else.
    """
    counts, code = run.counts, run.exit_code
    assert code in ({0, 1, 3, 6} if may_stop else {0, 1, 6}), f"exit code {code}: {run.told()}"
    read = run.report["read"]
    assert sum(counts.values()) == read, run.told()
    if code != 3:
        assert rows in {None, read}, f"{read} of {rows} rows were read: {run.told()}"
        bad = any(counts.get(name) for name in _BAD)
        left = counts.get("changed") or counts.get(POSSIBLE_DUPLICATE)
        wanted = {1} if bad else {6} if left else {0, 6} if doubts else {0}
        assert code in wanted, run.told()


def check_exit_code(run: Run, rows: Iterable[Row], people: Counter[str]) -> None:
    """Check that a run of the whole list only says that all is done if everybody has a record."""
    without = {row.who for row in rows if not people[row.who]}
    if run.exit_code == 0 and without:
        raise AssertionError(f"EXIT 0 although {', '.join(sorted(without))} have no record")


def check_files(
    world: World, stem: str, people: People, added: Counter[str]
) -> tuple[set[str], list[Doubt]]:
    """
    Check the derived files after a run of the whole list.

    Each row is in one of them, and one that is said to have a record has one of that person, which
    no other created row has. They may still have rows that were `added` in a derived file. Returns
    whose rows are on record, and the possible duplicates.
    """
    held: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    known: set[str] = set()
    doubts: list[Doubt] = []
    listed = Counter(row.who for row in people.rows)
    for kind in _HELD:
        path = world.folder / f"{stem}.{kind}.csv"
        for row in Table.read(path).rows if path.exists() else ():
            who = str(row[people.headers["First"]]).split()[0]
            held[who] += 1
            made, status = row["vorel_external_id"], row["vorel_status"]
            named = _named(world, who, made) if made else None
            if status == POSSIBLE_DUPLICATE:
                doubts.append(Doubt(who, named, str(row["vorel_ref"])))
            elif kind in {"success", "changed"}:
                known.add(who)
                assert made, f"{who} has no id in {path.name}"
                is_gone = kind == "changed" and named not in listed
                assert named == who or is_gone, f"{who} is {status} with the id of {named}"
                ids[made] += status == "created"
    assert ids.total() <= len(+ids), f"several rows have one record: {ids}"
    away = Counter(doubt.who for doubt in doubts) - listed
    assert listed <= held <= listed + added + away, f"the files have {held}, the list {listed}"
    return known, doubts


def _named(world: World, who: str, made: str) -> str:
    """Return whom a record is about."""
    record: Any = world.crm.records.get(made)
    assert record is not None, f"{who} has the id {made}, which is no record"
    return str(record.fields["first_name"]).split()[0]
