"""The status of a list: the number of rows by outcome, and their problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Self

from importer.core.locale.message import Message, of_parts, with_parts
from importer.core.problems import ProblemGroups
from importer.core.records import Outcome, Problem, Rejected, Row, Status
from importer.core.shared import DEALT_WITH, JsonValue, fitting
from importer.core.verdict import Lack, LackCounts, PartCounts, Verdict

PROBLEMS_KEPT = 20
"""How many problems of a list are put on record."""
_COLUMNS_KEPT = 10
_NAMES = (*(status.value for status in Status), DEALT_WITH, "left")
_RARE = ("refused_versions", "unclear", "elsewhere", "differing", "shared")
"""Counts that are left out of lines where they are 0."""
_LATER = {Status.POSSIBLE_DUPLICATE.value, DEALT_WITH}
"""Counts that earlier versions did not record, since they had no such rows."""
_PROBLEM_NAMES = {field.name for field in fields(Problem)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatus:
    """
    The state of the list at the end of a run.

    `counts` has the number of rows by status, and under `dealt_with` those whose change a person
    has dealt with, or of which a person has said that they are the same as their record. `left` is
    the number without an outcome; together they are all rows of the list. `unclear` of those left
    were sent, and have no answer on record. `corrected` of the created rows were corrected in a
    derived file first. Of the `changed` rows, `elsewhere` have a record of another import. So many
    of the `invalid` rows are `refused_versions`: an earlier version of them has a record.
    `problems` are the most frequent errors of its rows. `lacks` is what was left out of its
    records, or sent unread. So many of its duplicates are `differing` from the row they repeat,
    most often in `differ_in`. So many of all other rows have a record that is `shared` with another
    row, such as that of a row beside its own earlier version. It `is_of_derived` files if the list
    was not there.
    """

    counts: Mapping[str, int]
    left: int
    problems: tuple[Problem, ...] = ()
    corrected: int = 0
    refused_versions: int = 0
    lacks: tuple[Lack, ...] = ()
    differing: int = 0
    differ_in: tuple[str, ...] = ()
    unclear: int = 0
    elsewhere: int = 0
    shared: int = 0
    is_of_derived: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether everything was counted that rows can have, so that more rows can be added."""
        return len(self.problems) < PROBLEMS_KEPT and not self.differing and not self.shared

    def verdict(
        self,
        object_: str,
        parts: PartCounts | None = None,
        *,
        undecided: int = 0,
        why: Message | None = None,
    ) -> Verdict:
        """Return the verdict on the list; `parts` are the parts of its records, if known."""
        changed = self.counts[Status.CHANGED] + self.refused_versions
        have = {Status.CREATED, Status.CHANGED, Status.DUPLICATE}
        return Verdict(
            object=object_,
            records=self.counts[Status.CREATED] + changed + self.counts[DEALT_WITH] - self.shared,
            changed=changed,
            copies=max(0, self.counts[Status.DUPLICATE] - self.differing),
            shared=self.shared,
            differing=self.differing,
            differ_in=self.differ_in,
            person=sum(self.counts[one] for one in Status if one not in have)
            - self.refused_versions,
            left=self.left,
            counted=0 if parts is None else parts.of,
            has={} if parts is None else dict(parts.has),
            lacks=self.lacks,
            alone=0 if parts is None else parts.alone,
            alone_lines=() if parts is None else tuple(sorted(parts.alone_lines)),
            undecided=undecided,
            unclear=self.unclear,
            elsewhere=self.elsewhere,
            why=why,
        )

    def verdict_now(self, object_: str, then: Verdict | None, undecided: int) -> Verdict:
        """Return the present verdict on the list; `then` is that of the last run."""
        parts = PartCounts(object_)
        if then is not None:
            parts.add_several(then.counted, then.has)
            parts.add_alone(then.alone, then.alone_lines)
        why = then.why if then is not None else None
        verdict = self.verdict(object_, parts, undecided=undecided, why=why)
        return replace(verdict, whole=then is None or then.whole)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the values about the list in an `end` line."""
        kept = [
            with_parts(
                {n: value for n, value in asdict(problem).items() if value not in (None, [])}
            )
            for problem in self.problems[:PROBLEMS_KEPT]
        ]
        rare = {
            "lacks": [asdict(one) for one in self.lacks],
            **{name: getattr(self, name) for name in _RARE},
            "is_of_derived": self.is_of_derived,
        }
        found = {name: value for name, value in rare.items() if value}
        if self.differing:
            found["differ_in"] = list(self.differ_in)
        return {"list": self.by_name(), "problems": kept, **found}

    def acknowledged(self) -> ListStatus:
        """Return the status after a person has dealt with all changes."""
        moved = _moved(self, Status.CHANGED, self.counts[Status.CHANGED], DEALT_WITH)
        return replace(moved, elsewhere=0)

    def decided(self, status: Status, *, same: int, new: int) -> ListStatus:
        """
        Return the new status after a person has decided about rows with this `status`.

        `same` rows are the record they were compared with. `new` rows are somebody else: they have
        no outcome until the next run.
        """
        return _moved(_moved(self, status, same, DEALT_WITH), status, new, "left")

    def by_name(self) -> dict[str, int]:
        """Return the counts, with `left` and `corrected`."""
        return {**self.counts, "left": self.left, "corrected": self.corrected}

    @classmethod
    def from_json(cls, line: Mapping[str, object]) -> Self | None:
        """Return the state in an `end` line; None for lines of old versions, which have none."""
        found, problems, columns = line.get("list"), line.get("problems"), line.get("differ_in")
        if not isinstance(found, Mapping):
            return None
        counts = {name: found[name] for name in _NAMES if isinstance(found.get(name), int)}
        counts |= {name: 0 for name in _LATER if name not in counts}
        if len(counts) < len(_NAMES):
            return None
        return cls(
            left=counts.pop("left"),
            counts=counts,
            corrected=_number(found.get("corrected")),
            problems=tuple(map(_problem, problems)) if isinstance(problems, list) else (),
            lacks=fitting(line.get("lacks"), tuple[Lack, ...]) or (),
            differ_in=tuple(map(str, columns)) if isinstance(columns, list) else (),
            **{name: _number(line.get(name)) for name in _RARE},
            is_of_derived=line.get("is_of_derived") is True,
        )


def _moved(list_status: ListStatus, status: Status, rows: int, to: str) -> ListStatus:
    """Return the new status after `rows` rows with a `status`, at most all, have become `to`."""
    moved = min(rows, list_status.counts[status])
    counts = {**list_status.counts, status.value: list_status.counts[status] - moved}
    problems = list_status.problems
    if not counts[status]:
        problems = tuple(one for one in problems if one.status != status)
    if to == "left":
        return replace(list_status, counts=counts, left=list_status.left + moved, problems=problems)
    counts[to] += moved
    return replace(list_status, counts=counts, problems=problems)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _problem(value: object) -> Problem:
    known = value if isinstance(value, Mapping) else {}
    empty = {"code": "", "origin": "", "field": None, "message": Message(""), "hint": None}
    given = {n: v for n, v in known.items() if n in _PROBLEM_NAMES}
    return Problem(**{**empty, **given, **of_parts(known, "message", "hint")})


class ListStatusCounter:
    """Counts the rows of a list as its derived files are written."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(_NAMES, 0)
        self._problems = ProblemGroups()
        self._corrected = self._differing = self._refused_versions = 0
        self._unclear = self._elsewhere = 0
        self._lacks = LackCounts()
        self._differ_in: Counter[str] = Counter()

    def begin_with(self, status: ListStatus) -> None:
        """Begin with rows that were counted before; nothing of their status was left out."""
        self._counts.update({**status.counts, "left": status.left})
        self._corrected, self._refused_versions = status.corrected, status.refused_versions
        self._unclear, self._elsewhere = status.unclear, status.elsewhere
        self._problems.begin_with(status.problems)
        for one in status.lacks:
            self._lacks.add_several(one.field, one.what, one.count, one.lines)

    def add(
        self,
        outcome: Outcome | None,
        row: Row | Rejected | None = None,
        *,
        was_sent: bool = False,
    ) -> None:
        """
        Count one row. `row` is the row of the present list, if it is known.

        Without an outcome it may have a record all the same if it `was_sent`.
        """
        if outcome is None:
            self._counts["left"] += 1
            self._unclear += was_sent
        elif outcome.is_acknowledged:
            self._counts[DEALT_WITH] += 1
        else:
            self._counts[outcome.status] += 1
            self._corrected += outcome.status is Status.CREATED and outcome.corrected is not None
            self._refused_versions += outcome.is_refused_version
            self._elsewhere += outcome.is_made_elsewhere
            self._problems.add_outcome(outcome, row)
        if outcome is not None and outcome.status is Status.CREATED:
            line = outcome.line if row is None else row.line
            self._lacks.add(outcome.left_out, outcome.kept, line)
        if outcome is not None and outcome.has_lost_columns():
            self._differing += 1
            self._differ_in.update(outcome.columns)

    def add_created(self, rows: int) -> None:
        """Count rows that were created."""
        self._counts[Status.CREATED] += rows

    def result(self) -> ListStatus:
        """Return the state of the list."""
        counts = dict(self._counts)
        return ListStatus(
            left=counts.pop("left"),
            counts=counts,
            problems=self._problems.result(),
            corrected=self._corrected,
            refused_versions=self._refused_versions,
            lacks=self._lacks.result(),
            differing=self._differing,
            differ_in=tuple(name for name, _ in self._differ_in.most_common(_COLUMNS_KEPT)),
            unclear=self._unclear,
            elsewhere=self._elsewhere,
        )
