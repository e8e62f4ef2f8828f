"""What must be true after each run of a story, and once everything is at rest."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from referee import Run, World

from stories.files import Table
from stories.people import People, Row
from stories.settings import Settings

__all__ = ["Truth", "check_files", "check_run", "foresee"]

_BAD = ("invalid", "failed", "unknown")
_HELD = ("success", "failed", "changed", "unsent")


class Truth:
    """
    How many records each person may have, and who may be held back.

    A person may have one record for each content, or identity, that a list had of them at once;
    with `--on-duplicate send` one for each row, with `--on-change send` one more for each new
    content. `told` are those who were reported as changed.
    """

    def __init__(self) -> None:
        self.most: Counter[str] = Counter()
        self.held_back: set[str] = set()
        self.told: set[str] = set()
        self._paid: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._seen: dict[str, list[Row]] = defaultdict(list)

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
            self._seen[who] += [row.copy() for row in own]

    def check_nobody_twice(self, people: Counter[str]) -> None:
        """Check that nobody has more records than the settings have asked for."""
        twice = {who: n for who, n in people.items() if n > self.most[who]}
        assert not twice, f"TWICE: {twice}, at most {[self.most[who] for who in twice]}"

    def check_nobody_lost(
        self, rows: Sequence[Row], settings: Settings, people: Counter[str], relatives: set[str]
    ) -> None:
        """Check that everybody in the list who can be sent has the records they should have."""
        contents = Counter((row.who, settings.content(row)) for row in rows if not row.is_bad)
        for (who, _), equal in contents.items():
            wanted = equal if settings.sends_all else 1
            if people[who] < wanted and not self._may_be_held(who, rows, settings, relatives):
                raise AssertionError(f"LOST: {who} has {people[who]} of {wanted} records")

    def _may_be_held(
        self, who: str, rows: Sequence[Row], settings: Settings, relatives: set[str]
    ) -> bool:
        """Return whether a row may count as that of another person, by today's identity."""
        if who in relatives and who in self.held_back:
            return True
        if settings.sends_all and who in self.told:
            return True
        own = [row for row in rows if row.who == who]
        others = [row for name, seen in self._seen.items() if name != who for row in seen]
        return any(settings.is_same(row, other) for row in own for other in others)


def foresee(world: World, arguments: Sequence[str]) -> dict[str, int] | None:
    """Return the counts that `check` says a run will have, or None if it says that it stops."""
    code, out, told = world.command("check", *arguments, "--json")
    if code in {2, 7}:
        return None
    assert code in {0, 1, 6}, f"check ended with {code}: {told}"
    plan = json.loads(out)
    foreseen = {"before": plan["before"], **plan["counts"], "created": plan["unsent"]}
    return {name: count for name, count in foreseen.items() if count}


def check_run(run: Run, rows: int | None, *, may_stop: bool) -> None:
    """
    Check that a run of a list ended as it says, and that its counts add up.

    `rows` is None if it was not to read all of them.
    """
    counts, code = run.counts, run.exit_code
    assert code in ({0, 1, 3, 6} if may_stop else {0, 1, 6}), f"exit code {code}: {run.told()}"
    read = run.report["read"]
    assert sum(counts.values()) == read, run.told()
    if code != 3:
        assert rows in {None, read}, f"{read} of {rows} rows were read: {run.told()}"
        bad = any(counts.get(name) for name in _BAD)
        assert code == (1 if bad else 6 if counts.get("changed") else 0), run.told()


def check_files(
    world: World, stem: str, people: People, settings: Settings, added: Counter[str]
) -> None:
    """
    Check the derived files after a run of the whole list.

    Each row is in one of them, and one that is said to have a record has one of that person, which
    no other created row has. They may still have rows that were `added` in a derived file.
    """
    held: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    for kind in _HELD:
        path = world.folder / f"{stem}.{kind}.csv"
        for row in Table.read(path).rows if path.exists() else ():
            who = str(row[people.headers["First"]]).split()[0]
            held[who] += 1
            made = row["vorel_external_id"]
            assert kind not in {"success", "changed"} or made, f"{who} has no id in {path.name}"
            if made and kind == "success":
                named = _named(world, who, made)
                is_one = named == who or _are_one(people.rows, settings, who, named)
                assert is_one, f"{who} has the id of {named}"
                ids[made] += row["vorel_status"] == "created"
    assert ids.total() <= len(+ids), f"several rows have one record: {ids}"
    wanted = Counter(row.who for row in people.rows)
    assert wanted <= held <= wanted + added, f"the derived files have {held}, the list {wanted}"


def _named(world: World, who: str, made: str) -> str:
    """Return whom a record is about."""
    record: Any = world.crm.records.get(made)
    assert record is not None, f"{who} has the id {made}, which is no record"
    return str(record.fields["first_name"]).split()[0]


def _are_one(rows: Sequence[Row], settings: Settings, who: str, other: str) -> bool:
    """Return whether two people are the same record by today's identity."""
    own, others = ([row for row in rows if row.who == name] for name in (who, other))
    return any(settings.is_same(one, two) for one in own for two in others)
