"""The file through which runs on one host count their requests together."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr
from stages.sharing import KEY, S, join

from importer.core.systems.folders import state_folder
from importer.sender.pacing.host_limiter import MAX_SHARED_RATE, open_host_limiter


def test_other_keys_and_services_do_not_count(notices: list[str]) -> None:
    one, same = join(notices, 1, "burst"), join(notices, 1, "burst")
    other = join(notices, 1, "burst", key=KEY + "b")
    assert one.claim(1, S) == S
    assert same.claim(1, S) > S
    assert other.claim(1, S) == S


def test_a_request_counts_from_its_answer_and_one_that_met_no_server_not_at_all(
    notices: list[str],
) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    assert other.claim(1, 58 * S) > 58 * S
    one.withdraw(1, 59 * S)
    assert other.claim(1, 59 * S) == 59 * S
    other.answered(1, 62 * S)
    assert one.claim(2, 121 * S) == 122 * S
    assert one.claim(2, 122 * S) == 122 * S


def test_an_answer_that_never_comes_counts_for_seven_seconds(notices: list[str]) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    assert other.claim(1, 62 * S) == 68 * S
    one.answered(1, 40 * S)
    assert other.claim(1, 62 * S) == 68 * S
    assert other.claim(1, 68 * S) == 68 * S


def test_an_answer_is_not_written_over_another_request(notices: list[str], folder: Path) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    (file,) = folder.iterdir()
    file.write_bytes(b"")  # as somebody would who cleans up
    assert other.claim(1, 2 * S) == 2 * S
    one.answered(1, 3 * S)
    assert one.claim(2, 62 * S + S // 2) > 62 * S + S // 2
    assert one.claim(2, 69 * S) == 69 * S


def test_an_answer_that_comes_while_another_run_writes_is_noted_later(
    notices: list[str], folder: Path
) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    (file,) = folder.iterdir()
    with file.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        one.answered(1, 2 * S)
    assert other.claim(1, 3 * S) == 63 * S
    assert one.claim(2, 4 * S) > 4 * S
    assert other.claim(1, 62 * S) == 62 * S


def test_a_run_that_looked_at_the_clock_first_and_wrote_second_forgets_nothing(
    notices: list[str],
) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S + 5) == S + 5
    assert other.claim(1, S) > 60 * S


def test_the_file_tells_nothing_and_is_the_users_own(notices: list[str], folder: Path) -> None:
    join(notices).claim(1, S)
    (file,) = folder.iterdir()
    assert KEY not in file.name
    assert KEY.encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 5000, b"\xff" * 5000])
def test_a_file_that_makes_no_sense_starts_anew(
    notices: list[str], folder: Path, content: bytes
) -> None:
    join(notices).close()
    (file,) = folder.iterdir()
    file.write_bytes(content)
    shared = join(notices, 1, "burst")
    assert shared.claim(1, S) == S
    shared.answered(1, S)
    join(notices, 1, "burst").claim(1, S)
    assert shared.claim(2, 2 * S) == 61 * S
    assert notices == []


def test_instants_from_before_a_restart_are_forgotten(notices: list[str]) -> None:
    join(notices, 1, "burst").claim(1, 1_000_000 * S)
    assert join(notices, 1, "burst").claim(1, S) == S


def test_a_lock_that_stays_is_given_up_with_a_notice(notices: list[str], folder: Path) -> None:
    shared = join(notices)
    (file,) = folder.iterdir()
    with file.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        now = S
        while (again := shared.claim(1, now)) > now:
            now = again
            assert now < 10 * S
    assert now > 2 * S
    (notice,) = notices
    assert "another process holds the file" in notice
    assert "--rate" in notice
    assert shared.claim(1, now) == now


def test_a_file_that_cannot_be_written_is_given_up_with_a_notice(
    notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    shared = join(notices)
    monkeypatch.setattr(os, "pwrite", full)
    assert shared.claim(1, S) == S
    assert shared.claim(1, S) == S
    assert len(notices) == 1
    assert "No space left" in notices[0]


def test_a_lock_that_is_not_to_be_had_is_given_up_with_a_notice(
    notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    shared = join(notices)
    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert shared.claim(1, S) == S
    assert "not supported" in notices[0]


def test_without_a_folder_a_run_goes_alone_and_says_so(
    tmp_path: Path, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert open_host_limiter(SecretStr(KEY), 200, "spread", on_trouble=notices.append) is None
    assert "cannot coordinate" in notices[0]


def test_above_any_keys_rate_nothing_is_shared(notices: list[str], folder: Path) -> None:
    rate = MAX_SHARED_RATE + 1
    shared = open_host_limiter(SecretStr(KEY), rate, "spread", on_trouble=notices.append)
    assert shared is None
    assert not folder.exists()
    assert notices == []


@pytest.mark.parametrize("home", ["", "not/absolute"])
def test_the_state_folder_is_the_usual_one(home: str) -> None:
    assert state_folder({"XDG_STATE_HOME": home}) == Path.home() / ".local/state/vorel-import"
