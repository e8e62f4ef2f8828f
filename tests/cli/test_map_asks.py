"""`map` asks on a terminal what values cannot say, and takes flags elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from commands import inside
from commands.inside import vorel_import

pytestmark = pytest.mark.slow

LIST = "Name,Phone,Birthday,Created\n" + "".join(
    f"Ann Sample{at},050 765 43{at:02},0{at % 9 + 1}/05/1990,2024-05-0{at % 9 + 1} 10:30\n"
    for at in range(9)
)
CALL = ("map", "list.csv", "--object", "contact", "-o", "list.toml")


def on_a_terminal(
    folder: Path,
    *answers: str,
    call: tuple[str, ...] = CALL,
    env: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Run the command on a terminal, and type an answer to each question. Returns what it shows."""
    left = list(answers)

    def answer(shown: str) -> str | None:
        is_asked = shown.endswith(("]: ", "open): ", "right so): "))
        return left.pop(0) if left and is_asked else None

    env = {"TZ": "Asia/Qatar", "LANG": "C.UTF-8", **env}
    shown = inside.on_a_terminal(*call, cwd=folder, env=env, answer=answer)
    assert not left, shown
    return shown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    return tmp_path


def written(folder: Path) -> str:
    return (folder / "list.toml").read_text("utf-8")


def test_what_is_answered_goes_into_the_mapping(folder: Path) -> None:
    shown = on_a_terminal(folder, "Atlantis", "uae", "")
    assert "9 values of 'Phone' have no country code, e.g. 050 765 4300." in shown
    assert "--region Atlantis: it is not a known country" in shown
    assert '("none" to leave it open) [Asia/Dubai]:' in shown
    text = written(folder)
    assert 'phone = { column = "Phone", type = "phone", region = "AE" }' in text
    assert 'birthday = { column = "Birthday", formats = ["%d/%m/%Y"] }' in text, "as in the region"
    assert 'timezone = "Asia/Dubai"' in text
    assert "All 9 people can be sent: all with a name, all with a phone" in " ".join(shown.split())


def test_where_no_country_says_it_the_order_of_dates_is_asked(folder: Path) -> None:
    shown = on_a_terminal(folder, "none", "month", "Asia/Tokyo")
    assert "can be read with the day or the month first, e.g. 01/05/1990." in shown
    assert 'Which comes first, day or month? ("none" to leave it open): ' in shown, (
        "nothing is guessed"
    )
    assert '("none" to leave it open) [Asia/Qatar]:' in shown, "where this computer is"
    assert 'birthday = { column = "Birthday", formats = ["%m/%d/%Y"] }' in written(folder)
    assert 'timezone = "Asia/Tokyo"' in written(folder)


def test_a_question_may_be_left_open(folder: Path) -> None:
    shown = on_a_terminal(folder, "none", "none", "none")
    assert shown.count("to leave it open") == 3
    assert "add their country to the line" in shown
    assert "--day-first or --month-first" in shown
    assert "(--timezone)" in shown


def test_nothing_is_asked_that_is_stated(folder: Path) -> None:
    flags = ("--region", "AE", "--day-first", "--timezone", "Asia/Dubai")
    assert "leave it open" not in on_a_terminal(folder, call=(*CALL, *flags))


def test_nothing_is_asked_where_nobody_is_there(folder: Path) -> None:
    assert "leave it open" not in on_a_terminal(folder, call=(*CALL, "--no-input"))
    ended = vorel_import(*CALL, "--force", cwd=folder)
    assert ended.returncode == 0
    assert "leave it open" not in ended.stderr
    for flag in ("--region", "--day-first or --month-first", "--timezone"):
        assert flag in ended.stderr


NEWSLETTER = "E-mail,Full Title\n" + "".join(f"r{at}@example.com,Ann R{at}\n" for at in range(9))


def test_nobody_gets_a_name_until_a_column_is_named(folder: Path) -> None:
    (folder / "list.csv").write_text(NEWSLETTER.replace("Full Title", "Xyzzy"), "utf-8")
    shown = on_a_terminal(folder, "Nobody", "xyzzy")
    assert "None of the 9 rows gets a name." in shown
    assert "There is no column 'Nobody'." in shown
    assert 'name = "Xyzzy"' in written(folder)
    assert "All 9 people can be sent: all with a name" in " ".join(shown.split())


def test_that_nobody_has_a_name_is_kept_and_not_asked_again(folder: Path) -> None:
    (folder / "list.csv").write_text("E-mail\nann@example.com\nbo@example.com\n", "utf-8")
    shown = on_a_terminal(folder, "none")
    assert 'without = ["name"]' in written(folder)
    assert "To decide" not in shown
    ended = vorel_import("check", "list.csv", "--mapping", "list.toml", cwd=folder)
    assert ended.returncode == 0
    assert "none with a name" in ended.stdout


def test_values_that_say_it_themselves_are_not_asked_about(folder: Path) -> None:
    certain = LIST.replace(",050 ", ",+971 50 ").replace("01/05/1990", "31/05/1990")
    (folder / "list.csv").write_text(certain.replace(" 10:30", "T10:30Z"), "utf-8")
    assert "leave it open" not in on_a_terminal(folder)
    assert 'formats = ["%d/%m/%Y"]' in written(folder)


EMIRATES = "Name,Phone,City\n" + "".join(
    f"Ann Sample{at},{{}} {1001357 + at * 7919},{city}\n"
    for at, city in enumerate(["Dubai", "Sharjah", "Dubai", "Ajman"] * 15)
)


@pytest.mark.parametrize("prefix", ["050", "052"])
@pytest.mark.parametrize(
    ("header", "env"),
    [
        ("City", {}),
        ("Qwxz", {"TZ": "Asia/Dubai"}),
        ("Qwxz", {"LANG": "en_AE.UTF-8"}),
    ],
)
def test_enter_takes_the_country_that_the_list_or_the_locale_leaves(
    folder: Path, prefix: str, header: str, env: dict[str, str]
) -> None:
    text = EMIRATES.format(*[prefix] * 60).replace("City", header)
    (folder / "list.csv").write_text(text, "utf-8")
    shown = on_a_terminal(folder, "", env=env)
    assert f"  AE  {prefix} 1001357 -> +971 {prefix[1:]} 100 1357\n" in shown
    assert '("none" to leave it open) [AE]: ' in shown
    assert 'region = "AE"' in written(folder)


def test_where_two_countries_are_left_enter_takes_none(folder: Path) -> None:
    (folder / "list.csv").write_text(EMIRATES.format(*["050"] * 60), "utf-8")
    shown = on_a_terminal(folder, "", "AE", env={"LANG": "ar_SA.UTF-8"})
    first, second = (
        shown.index("  AE  050 1001357 -> +971 "),
        shown.index("  SA  050 1001357 -> +966 "),
    )
    assert first < second, "the cities of the list come before the locale of this computer"
    assert shown.count("Which country are they from?") == 2, "Enter asks again"
    assert "[AE]" not in shown


def test_where_nothing_says_the_country_none_is_proposed(folder: Path) -> None:
    text = EMIRATES.format(*["050"] * 60).replace("City", "Qwxz")
    (folder / "list.csv").write_text(text, "utf-8")
    shown = on_a_terminal(folder, "none", env={"TZ": "UTC"})
    assert " -> +" not in shown
    assert "leave it open): " in shown


WORDS = "Name,Phone,Status\n" + "".join(
    f"Ann Sample{at},+97150765430{at},{word}\n"
    for at, word in enumerate(["New", "Hot", "Hot", "zxq", "Lost", "Hot"])
)
LEAD = ("map", "list.csv", "--object", "lead", "-o", "list.toml")


def test_what_words_stand_for_goes_into_the_mapping(folder: Path) -> None:
    (folder / "list.csv").write_text(WORDS, "utf-8")
    shown = on_a_terminal(folder, "booked", "qualified", call=LEAD)
    assert "The words of 'Status' are not those of the CRM, which takes new, qualified" in shown
    assert "'Hot' (3 values) stands for (\"none\" not to send it) [qualified]: " in shown
    assert "'zxq' (1 value) stands for" in shown
    expected = 'values = { "Hot" = "booked", "Lost" = "lost", "New" = "new", "zxq" = "qualified" }'
    assert f'status = {{ column = "Status", {expected}, on_error = "omit" }}' in written(folder)


def test_words_that_are_left_out_stand_for_nothing(folder: Path) -> None:
    (folder / "list.csv").write_text(WORDS, "utf-8")
    shown = on_a_terminal(folder, "", "none", call=LEAD)
    assert "All 6 people can be sent" in shown
    assert '"Hot" = "qualified", "Lost" = "lost", "New" = "new", "zxq" = "" }' in written(folder)


def test_a_word_that_the_crm_does_not_take_is_asked_again(folder: Path) -> None:
    (folder / "list.csv").write_text(WORDS, "utf-8")
    shown = on_a_terminal(folder, "warm", "lost", "none", call=LEAD)
    assert "Answer one of new, qualified, booked, converted, lost" in shown
    assert '"Hot" = "lost"' in written(folder)
