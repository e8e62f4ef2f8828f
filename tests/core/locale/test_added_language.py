"""A language is added by its catalogues and its name alone: it then says all that Arabic says."""

from __future__ import annotations

import html
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from referee import Crm, World, refusal, serving
from visitor import served

from importer.core.locale.gaps import GAPS
from importer.core.locale.language import LANGUAGES, Language, language
from importer.core.locale.message import Message
from importer.core.verdict import Lack, Verdict
from importer.mapper.kinds.country import country_names

ARABIC = language("ar")
OPTION = re.compile(r'<option value="([^"]*)">([^<]*)')
AT = datetime(2026, 11, 25, 18, 5, tzinfo=UTC)


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    """A language with the catalogues of Arabic, so that it must say everything as Arabic does."""
    module = import_module("importer.core.locale.language")
    folder = tmp_path / "locale"
    for code in ("ar", "zz"):
        shutil.copytree(Path(str(module.__file__)).parent / "ar", folder / code)
    monkeypatch.setattr(module, "_FOLDER", folder)
    monkeypatch.setitem(LANGUAGES, "zz", "Zz")
    for command in ("report", "fleet"):
        name = f"importer.cli.commands.{command}"
        import_module(name)
        monkeypatch.delitem(sys.modules, name)  # it is loaded again, with the new language
    return language("zz")


def as_arabic(page: str) -> str:
    return page.replace('lang="zz" dir=', 'lang="ar" dir=').replace("lang zz;", "lang ar;")


def test_messages_have_its_words_and_separators(added: Language) -> None:
    for name in GAPS:
        found = Message(f"%({name})s", **{name: ["name", "email"]})
        assert found.words(added) == found.words(ARABIC)


def test_it_writes_numbers_and_dates_in_its_own_way(added: Language) -> None:
    assert added.direction == "rtl"
    assert added.number(1234.5, 1) == ARABIC.number(1234.5, 1)
    assert added.percent(0.125, 1) == ARABIC.percent(0.125, 1)
    assert added.moment(AT) == ARABIC.moment(AT)


def test_it_says_the_verdict(added: Language) -> None:
    lacks = (Lack(field="birthday", what="left_out", count=2, lines=(3, 4)),)
    found = Verdict(
        object="lead", records=9, counted=9, has={"name": 9, "phone": 7}, differing=2,
        differ_in=("Mail", "Phone"), lacks=lacks, person=1,
    )  # fmt: skip
    assert found.words(added) == found.words(ARABIC)


def test_countries_are_named_in_it_if_it_is_in_their_table(added: Language) -> None:
    assert country_names(added.code) == country_names("en")
    assert country_names("fr")["DE"] == "Allemagne"


@pytest.mark.usefixtures("added")
def test_the_commands_that_write_reports_take_it(tmp_path: Path) -> None:
    crm = Crm()
    crm.script("Ada", refusal("validation_error", 422))
    world = World(tmp_path, "", crm)
    world.write("people.csv", "name,email,phone\nAda,ada@example.com,\nBo,bo@example.com,x\n")
    with serving(crm) as world.url:
        world.run("people.csv", "--object", "contact")
    pages = {}
    for code in ("ar", "zz"):
        call = ("report", "people.results.jsonl", "--lang", code, "-o", f"{code}.html")
        assert world.command(*call)[0] == 0
        pages[code] = (world.folder / f"{code}.html").read_text(encoding="utf-8")
    whole, zz = (pages[code].partition("<!-- sha256")[0] for code in ("ar", "zz"))
    assert as_arabic(zz) == whole
    assert "is not one of" not in world.command("fleet", "report", "--lang", "zz")[2]


@pytest.mark.slow
@pytest.mark.usefixtures("added")
def test_the_page_speaks_it(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Name,Phone,Mail,Empty\nAda,0501110001,a@b,\nBo,x,b@example.com,\n")
    with served(tmp_path / "kept") as visitor:
        visitor.upload(people).matched()
        for step in ("read", "match", "check"):
            pages = []
            for code in ("ar", "zz"):
                visitor.client.headers["Accept-Language"] = code
                pages.append(visitor.go(step).text)
            assert 'lang="zz" dir="rtl" data-locale="ar-EG"' in pages[1]
            assert list(own_lines(as_arabic(pages[1]))) == list(own_lines(pages[0])), step


def own_lines(page: str) -> Iterator[str]:
    """Yield what the page says itself: not the names of countries, nor of other languages."""
    names = {*country_names("en").values(), *country_names("ar").values()}
    for line in page.splitlines():
        if 'name="code"' not in line:
            yield OPTION.sub(
                lambda found: (
                    "" if {html.unescape(found[1]), html.unescape(found[2])} & names else found[0]
                ),
                line,
            )
