"""The figures of a run at work: what it has done, and how many requests a minute it makes."""

from __future__ import annotations

from importer.core.clock import NANOSECONDS
from importer.core.events import Notice, RowDone, RowsBefore, RunStarted
from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, RowError, Status
from importer.jobs.monitoring.figures import Figures, Meter


def done(status: Status, *, attempts: int = 1, code: str | None = None) -> RowDone:
    error = None
    if code is not None:
        error = RowError(code=code, origin=Origin.API, message=Message("no"), field="email")
    return RowDone(
        outcome=Outcome(
            number=1, line=2, source="a.csv", source_hash="x", occurrence=1,
            status=status, attempts=attempts, error=error,
        )
    )  # fmt: skip


class Watched:
    """A meter whose clock is set."""

    def __init__(self, rate: int | None = None) -> None:
        self.now = 1000.0
        self.meter = Meter(lambda: int(self.now * NANOSECONDS), rate=rate)

    def answered(self, every: float, times: int) -> None:
        for _ in range(times):
            self.meter(done(Status.CREATED))
            self.now += every

    def pace(self) -> float | None:
        return self.meter.figures().pace


def test_what_a_run_has_done_so_far() -> None:
    meter = Meter()
    assert meter.figures().left is None
    meter(RunStarted(run="r", total=10))
    meter(RowsBefore(count=4))
    meter(Notice(message=Message("no row")))
    for event in (done(Status.CREATED), done(Status.FAILED, attempts=3, code="bad_request")):
        meter(event)
    meter(done(Status.INVALID, attempts=0, code="invalid_value"))
    meter(done(Status.INVALID, attempts=0, code="invalid_value"))
    figures = meter.figures()
    assert (figures.done, figures.left, figures.requests) == (8, 2, 4)
    assert figures.counts == {"created": 1, "failed": 1, "invalid": 2}
    assert figures.causes == {"invalid_value (email)": 2, "bad_request (email)": 1}
    assert Figures.from_json({**figures.to_json(), "of_another_version": 1}) == figures
    assert Figures.from_json({"rows": 3, "causes": {"x (email)": 1}}) == Figures(rows=3)


def test_more_rows_than_a_list_was_thought_to_have_are_not_negative() -> None:
    meter = Meter()
    meter(RunStarted(run="r", total=1))
    meter(RowsBefore(count=4))
    assert meter.figures().left == 0


def test_the_pace_is_that_of_the_last_minutes() -> None:
    watched = Watched()
    assert watched.pace() is None
    watched.answered(0.5, 8)
    assert watched.pace() is None  # 4 s say nothing
    watched.answered(0.5, 12)
    assert watched.pace() == 120
    watched.answered(0.25, 480)
    assert watched.pace() == 240
    watched.now += 60
    assert watched.pace() == 120
    watched.now += 300
    assert watched.pace() == 0


def test_the_pace_is_never_above_the_rate_of_the_key() -> None:
    watched = Watched(rate=200)
    watched.answered(0.29, 18)  # answers come unevenly: 18 in 5.2 s
    assert watched.pace() == 200
    watched.answered(0.6, 400)
    assert watched.pace() == 100


def test_rows_without_a_request_are_no_pace() -> None:
    watched = Watched()
    for _ in range(100):
        watched.meter(done(Status.INVALID, attempts=0, code="invalid_value"))
        watched.now += 1
    assert watched.pace() is None
