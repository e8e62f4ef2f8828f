"""The page of a report: whole by itself, small, safe, and with no value where none is wanted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest
from referee import World, refusal

from importer.report.facts import read_facts
from importer.report.found_report import ReportOptions
from importer.report.page import render
from importer.report.report_file import write_report
from importer.report.timeline import BINS

pytestmark = pytest.mark.slow

HOSTILE = '"><script>alert(1)</script>&\u202e' + "ج" * 300
LARGEST = 300_000


class Elements(HTMLParser):
    """Collects the elements of a page, and proves that each one that is opened is closed."""

    VOID: ClassVar = {"meta", "link", "br", "rect", "line", "img", "input"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(results: Path, *, lang: str = "en", redact: bool = False) -> str:
    options = ReportOptions(lang=lang, redact=redact)
    mark = options.mark(results.name)
    return render(read_facts(results), lang=lang, redact=redact, mark=mark, zone=UTC)


@pytest.fixture
def results(world: World) -> Path:
    world.write(
        "people.csv",
        "first_name,last_name,email,phone\nAda,Abboud,ada@example.com,0501110001\n"
        "Bo,Berg,bo@example.com,0501110002\n" + f"Cyd,Cohen,{'x' * 300}@example.com,0501110003\n",
    )
    world.crm.script("Bo", refusal("validation_error", 422))
    world.run("people.csv", "--object", "contact")
    return world.folder / "people.results.jsonl"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results file of a week, with many runs, columns and bad rows, all of them hostile."""
    path = tmp_path_factory.mktemp("many") / f"people{HOSTILE[:20].replace('/', '')}.results.jsonl"
    began = datetime(2026, 11, 1, tzinfo=UTC)
    lines: list[dict[str, object]] = []
    for run in range(40):
        at = began + timedelta(hours=4 * run)
        columns = [f"{HOSTILE}{number}" for number in range(300)]
        source = {"name": HOSTILE, "bytes": 1, "sha256": "0", "rows": 8_000, "columns": columns}
        settings = {"sources": [HOSTILE] * 50, **{f"{HOSTILE}{n}": HOSTILE for n in range(90)}}
        lines.append(
            {"kind": "run", "run": f"r{run}", "at": stamp(at), "object": "contact",
             "base_url": HOSTILE, "source": source, "settings": settings, "version": HOSTILE}
        )  # fmt: skip
        for row in range(200):
            at += timedelta(seconds=7)
            error = {"code": f"{HOSTILE}{row}", "origin": "crm", "message": f"{row} {HOSTILE * 3}",
                     "field": HOSTILE, "hint": HOSTILE, "retryable": False}  # fmt: skip
            number = 200 * run + row + 1
            lines.append(
                {"kind": "row", "run": f"r{run}", "source": HOSTILE, "row": number,
                 "line": number + 1, "source_hash": f"{number:064x}", "occurrence": 1,
                 "row_hash": None, "idempotency_key": None, "status": "failed",
                 "external_id": None, "record_url": "javascript:alert(1)", "error": error,
                 "attempts": 1, "at": stamp(at), "clear": True}
            )  # fmt: skip
        lines.append({"kind": "end", "run": f"r{run}", "at": stamp(at), "exit_code": 3,
                      "stopped": HOSTILE, "read": 200, "before": 0, "unsent": 0,
                      "counts": {"failed": 200}, "requests": 200})  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=["en", "ar"])
def large_page(many: Path, request: pytest.FixtureRequest) -> str:
    return page_of(many, lang=request.param)


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_it_is_well_formed_and_loads_nothing(large_page: str) -> None:
    elements = Elements(large_page)
    assert elements.open == []
    tags = {tag for tag, _ in elements.found}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "input"}
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
        if "href" in attributes:
            assert tag == "a"
            assert str(attributes["href"]).startswith(("https://", "http://"))
    assert "url(" not in large_page
    assert "@import" not in large_page
    assert "\u202e" not in large_page


def test_its_size_has_a_bound(large_page: str) -> None:
    assert len(large_page.encode()) <= LARGEST
    assert large_page.count('<rect class="refused"') <= BINS + 1


def test_the_verdict_comes_first_and_says_what_to_do(results: Path) -> None:
    text = words_of(page_of(results))
    said = "1 of 3 people is in the CRM: with a name, with an email, with a phone."
    assert text.index(f"{said} 2 rows need a person.") < text.index("What to do")
    assert "Correct the rows in people.failed.csv and import that file." in text


def test_all_that_is_good_is_said_in_one_sentence(world: World) -> None:
    world.write("people.csv", "first_name,email\nAda,ada@example.com\n")
    world.run("people.csv", "--object", "contact")
    text = words_of(page_of(world.folder / "people.results.jsonl"))
    assert "1 person is in the CRM: with a name, with an email, without a phone." in text
    assert "What to do" not in text
    assert "Who needs a person" not in text


def test_a_stop_is_told_with_its_reason(world: World) -> None:
    world.write("people.csv", "first_name,email\nAda,ada@example.com\nBo,bo@example.com\n")
    world.crm.script("Bo", refusal("unauthorized", 401))
    world.run("people.csv", "--object", "contact")
    text = words_of(page_of(world.folder / "people.results.jsonl"))
    assert "1 of 2 people is in the CRM" in text
    assert "1 row is not sent yet." in text
    assert "The last run stopped early:" in text


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_redacted_it_has_no_value(results: Path, lang: str) -> None:
    whole, redacted = page_of(results, lang=lang), page_of(results, lang=lang, redact=True)
    for value in ("x" * 20, "Abboud", "bo@"):
        assert value not in redacted
    assert "x" * 20 in whole
    assert "last_name" in redacted  # the name of a field is no value


def test_it_never_has_the_key(results: Path, world: World) -> None:
    assert world.api_key not in page_of(results)
    assert "vapk_" not in page_of(results)


def test_arabic_runs_from_right_to_left_with_its_own_digits(results: Path) -> None:
    page = page_of(results, lang="ar")
    assert '<html lang="ar" dir="rtl">' in page
    assert "في نظام CRM: ١ من أصل ٣ أشخاص؛ مع اسم، مع عنوان بريد إلكتروني" in words_of(page)


def test_each_chart_has_a_table_with_the_same_sum(results: Path) -> None:
    page = page_of(results)
    assert page.count('<svg viewBox="0 0 720 190"') == 2
    assert page.count("<summary>The same as a table</summary>") == 2


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


class TestWhereItIsWritten:
    def test_run_writes_it_and_only_its_owner_can_read_it(self, results: Path) -> None:
        path = results.parent / "people.report.html"
        assert path.stat().st_mode & 0o777 == 0o600

    def test_run_does_not_where_it_is_told_so(self, world: World) -> None:
        world.write("people.csv", "first_name,email\nAda,ada@example.com\n")
        run = world.run("people.csv", "--object", "contact", "--no-report")
        assert "report" not in run.report["files"]
        assert not world.names("*.html")

    def test_a_run_without_news_leaves_it_as_it_is(self, world: World) -> None:
        world.write("good.csv", "first_name,email\nAda,ada@example.com\n")
        world.run("good.csv", "--object", "contact")
        path = world.folder / "good.report.html"
        before = path.stat()
        assert world.again().report["files"]["report"] == "good.report.html"
        assert path.stat().st_mtime_ns == before.st_mtime_ns
        path.unlink()
        world.again()
        assert path.exists()

    @pytest.mark.usefixtures("results")
    def test_run_keeps_the_language_and_the_redaction(self, world: World) -> None:
        code, _, _ = world.command("report", "people.results.jsonl", "--lang", "ar", "--redact")
        assert code == 0
        before = world.read("people.report.html")
        world.again()
        after = world.read("people.report.html")
        assert after != before
        assert '<html lang="ar" dir="rtl">' in after
        assert "x" * 20 not in after

    def test_a_file_of_somebody_else_is_left(self, results: Path) -> None:
        own = results.parent / "people.report.html"
        own.write_text("<p>mine</p>", encoding="utf-8")
        facts = read_facts(results)
        path, notices = write_report(facts, ReportOptions())
        assert path.name == "people.report-2.html"
        assert own.read_text(encoding="utf-8") == "<p>mine</p>"
        assert "people.report.html" in notices[0]
        again, _ = write_report(facts, ReportOptions())
        assert again == path

    def test_an_edited_report_is_kept_aside(self, results: Path) -> None:
        path = results.parent / "people.report.html"
        text = path.read_text(encoding="utf-8").replace("person", "friend")
        path.write_text(text, encoding="utf-8")
        written, notices = write_report(read_facts(results), ReportOptions())
        assert written == path
        aside = results.parent / "people.edited-1.report.html"
        assert aside.read_text(encoding="utf-8") == text
        assert "kept as people.edited-1.report.html" in notices[0]

    def test_a_link_is_left(self, results: Path, tmp_path: Path) -> None:
        target = tmp_path / "elsewhere.html"
        target.write_text("mine", encoding="utf-8")
        own = results.parent / "people.report.html"
        own.unlink()
        own.symlink_to(target)
        path, _ = write_report(read_facts(results), ReportOptions())
        assert path.name == "people.report-2.html"
        assert target.read_text(encoding="utf-8") == "mine"

    def test_the_report_of_another_import_is_left(self, results: Path) -> None:
        other = results.with_name("people.jsonl")
        other.write_bytes(results.read_bytes())
        path, _ = write_report(read_facts(other), ReportOptions())
        assert path.name == "people.report-2.html"

    @pytest.mark.usefixtures("results")
    def test_the_command_refuses_to_replace_what_is_no_report(self, world: World) -> None:
        code, _, err = world.command("report", "people.results.jsonl", "-o", "people.csv")
        assert code == 2
        assert "people.csv is not a report" in err
        assert world.read("people.csv").startswith("first_name")

    def test_the_command_says_where_there_are_no_results(self, world: World) -> None:
        code, _, err = world.command("report", "nothing.results.jsonl")
        assert code == 2
        assert "nothing.results.jsonl: cannot be read" in err


@pytest.mark.parametrize(("lang", "words"), [("en", "A bar stands for"), ("ar", 'dir="rtl"')])
def test_a_run_of_hours_has_bars_of_several_minutes(world: World, lang: str, words: str) -> None:
    rows = "".join(f"P{n},p{n}@example.com\n" for n in range(300))
    world.write("people.csv", f"first_name,email\n{rows}")
    world.run("people.csv", "--object", "contact", "--no-report")
    begun = datetime(2026, 3, 2, tzinfo=UTC)
    lines = []
    for line in map(json.loads, world.read("people.results.jsonl").splitlines()):
        if line["kind"] in {"sent", "row"}:
            line["at"] = (begun + timedelta(minutes=line["row"])).isoformat().replace("+00:00", "Z")
        elif line["kind"] in {"run", "mapping"}:
            line["at"] = begun.isoformat().replace("+00:00", "Z")
        lines.append(json.dumps(line, separators=(",", ":")))
    world.write("people.results.jsonl", "\n".join([*lines, ""]))
    code, _, err = world.command("report", "people.results.jsonl", "--lang", lang)
    assert code == 0, err
    assert words in world.read("people.report.html")
