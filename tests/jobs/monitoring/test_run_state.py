"""What is news: a pure decision."""

from __future__ import annotations

import pytest

from importer.jobs.monitoring.run_state import News, RunState, news

CHANGE = ("changed", "changed", "")
MAIL = ("invalid", "invalid_value", "email")
MAYBE = ("possible_duplicate", "possible_duplicate", "")
NAME = ("invalid", "missing_required", "name")


def state(code: int, **more: object) -> RunState:
    return RunState(exit_code=code, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [2, 3, 4, 5, 130, 143])
@pytest.mark.parametrize("before", [None, 0, 1, 3])
def test_a_failure_is_always_news(code: int, before: int | None) -> None:
    last = None if before is None else state(before)

    assert news(state(code), last) == "failed"
    assert news(state(7), last) == "guard"
    assert news(state(0), state(code)) == "recovered"
    assert news(state(1, causes={MAIL: 1}), state(code, causes={MAIL: 1})) == "recovered"


@pytest.mark.parametrize(
    ("now", "before", "kind"),
    [
        (state(0), None, None),
        (state(0), state(0), None),
        (state(0), state(6), None),
        (state(0), state(1), "recovered"),
        (state(1, causes={MAIL: 2}), None, "problems"),
        (state(1, causes={MAIL: 2}), state(0), "problems"),
        (state(1, causes={MAIL: 2}), state(1, causes={MAIL: 2}), None),
        (state(1, causes={MAIL: 1}), state(1, causes={MAIL: 2}), None),
        (state(1, causes={MAIL: 3}), state(1, causes={MAIL: 2}), "problems"),
        (state(1, causes={NAME: 2}), state(1, causes={MAIL: 2}), "problems"),
        (state(6, causes={MAIL: 2}, changes=1), state(6, causes={MAIL: 2}), "changes"),
        (state(6, causes={CHANGE: 9}, changes=2), state(6, causes={CHANGE: 7}), "changes"),
        (state(1, causes={MAIL: 1, CHANGE: 9}, changes=2), state(6), "problems"),
        (state(0, unusual=True), state(0), "list"),
        (state(0, unusual=True), state(1, causes={MAIL: 1}), "list"),
        (state(6, changes=3, unusual=True), state(0), "list"),
        (state(6, causes={MAIL: 2}), state(6, causes={MAIL: 2}), None),
        (state(6, causes={MAYBE: 2}, undecided=2), state(0), "problems"),
        (state(6, causes={MAYBE: 2}, undecided=2), state(6, causes={MAYBE: 2}), "undecided"),
        (state(6, causes={MAYBE: 3}, undecided=3), state(6, causes={MAYBE: 2}), "problems"),
        (state(6, undecided=1), state(6, causes={MAYBE: 1}), "undecided"),
        (state(0), state(6, causes={MAYBE: 1}), None),
    ],
)
def test_rows_are_news_once(now: RunState, before: RunState | None, kind: News | None) -> None:
    assert news(now, before) == kind
