"""Who reads Arabic finds no flag, no path, no code and no English word on the pages and report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from referee import Crm, refusal, serving
from referee.crm import KEY
from visitor import Visitor

from importer.core.resources import data_folder

pytestmark = pytest.mark.slow

NAMES = {
    "Vorel", "CRM", "API", "CSV", "Excel", "JSON", "Lines", "Schema", "ZIP", "UTF", "MiB", "E",
    "PDF", "SHA", "English", "vapk_", "a", "f", "vorel", "import", "UTC",
    "Settings", "Integrations", "keys", "crm", "write",  # where the CRM has its keys
    "Dec", "December", "Asia", "Dubai",  # as lists have dates, and names of time zones
}  # fmt: skip
"""Names of products, formats and signs, which are the same in each language."""
ENCODINGS = re.compile(r"\b(utf|windows|iso|cp|mac|shift|gb|big|euc)[-_\w]*", re.IGNORECASE)
FILES = re.compile(r"\b[\w-]+(\.[a-z]+)*\.(csv|jsonl|xlsx)\b")
REFEREE = "refused by the referee"
"""What the CRM says itself, which is quoted."""
WORD = re.compile(r"[A-Za-z][A-Za-z_]*")
SIGNS = re.compile(r"--[a-z]|[A-Za-z]+_[a-z]+|%[a-zA-Z]|\w = |(?<![\w/])/\w+/")
ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-label", "data-failed")
HEADER = "First Name,Last Name,E-mail,Phone,Born on,Status note,Shelf"


class Said(HTMLParser):
    """Collects what a page says by itself: not what it quotes in <bdi>, nor addresses."""

    SILENT = ("script", "style", "bdi", "code")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.english: list[str] = []
        self._silent: list[str] = []
        self._is_english = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in self.SILENT:
            self._silent.append(tag)
        self._is_english = tag == "bdi" and said.get("lang") == "en"
        if said.get("dir") != "ltr":
            self.texts += [said[name] for name in ATTRIBUTES if name in said]

    def handle_endtag(self, tag: str) -> None:
        self._is_english = False
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if self._is_english:
            self.english.append(data)
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def foreign(page: str, known: set[str]) -> list[str]:
    """Return what of a page is not Arabic, though it is no value of the list and no name."""
    said = Said(page)
    wrong = [f"in English: {text}" for text in said.english if text != REFEREE]
    for text in said.texts:
        rest = FILES.sub("", ENCODINGS.sub("", text))
        words = [word for word in WORD.findall(rest) if word not in known | NAMES]
        words = [word for word in words if word not in {one.lower() for one in known}]
        if words or SIGNS.search(rest):
            wrong.append(text)
    return wrong


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A list with problems of all kinds."""
    good = [
        f"Amal,Haddad {n},amal{n}@example.com,050 555 {n:04},1980-03-{n + 1:02},x,s{n}"
        for n in range(20)
    ]
    bad = [
        "Omar,Nasser,omar(at)example.com,050 666 0001,1980-04-01,x,t",
        "Mona,Karim,mona@example.com;two@example.com,050 666 0002,1980-04-01,x,t",
        "Sami,Aziz,sami@example.com,ring me,1980-04-01,x,t",
        "Sara,Zaki,sara@example.com,12,1980-04-01,x,t",
        "Huda,Daher,huda@example.com,050 666 0005,31/31/1980,x,t",
        "Noor,Saleh,noor@example,050 666 0006,1980-04-01,x,t",
        "Tariq,Daher,tariq@example.com,050 666 0007,1980-04-01,x,t,too many",
        ",,,,,,only a shelf",
        "Refused,Person,refused@example.com,050 777 0001,1980-05-01,x,t",
        "Unclear,Person,unclear@example.com,050 777 0002,1980-05-01,x,t",
    ]
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEADER, *good, *bad, good[3], ""]), encoding="utf-8")
    return path


@pytest.fixture
def known(people: Path) -> set[str]:
    return {*WORD.findall(people.read_text(encoding="utf-8")), *WORD.findall(people.name)}


@pytest.fixture
def arabic(visitor: Visitor) -> Visitor:
    visitor.client.headers["Accept-Language"] = "ar"
    return visitor


def walked(visitor: Visitor, people: Path, crm: Crm, url: str) -> Iterator[str]:
    """Yield each page that somebody meets on the way."""
    yield visitor.get("/").text
    yield visitor.upload(people).text
    yield visitor.send("read", then="match").text
    omitting = {"option.birthday.on_error": "omit", "option.phone.on_error": "keep"}
    yield visitor.send("match", then="match", region="AE").text
    yield visitor.send("match", then="check", region="AE", **omitting).text
    visitor.go("match")
    refusing = {f"option.{name}.on_error": "" for name in ("email", "phone", "birthday")}
    yield visitor.send("match", then="match", region="AE", **refusing).text
    yield visitor.send("match", then="check", region="AE", **refusing).text
    yield visitor.go("rows").text
    yield visitor.send("rows", column="2", find="(at)", by="@", then="replace").text
    yield visitor.go("check").text
    yield visitor.go("pairs?kind=repeats").text
    yield visitor.send("pairs", said="new").text
    yield visitor.go("pairs?kind=possible").text
    yield visitor.go("check").text
    yield visitor.go("send").text
    yield visitor.send("key", key="no key", url=url, rate="90000").text
    crm.always("Amal", refusal("unauthorized", 401))
    yield visitor.key(KEY, url).text
    yield visitor.press("all").text
    yield visitor.go("send").text
    crm.always("Amal", None)
    yield visitor.key(KEY, url).press("all").text
    yield visitor.go("result").text
    yield visitor.go("created").text
    yield visitor.go("rows").text
    yield visitor.client.get(f"{visitor.base}/files/report").text
    yield visitor.go("remove").text
    yield visitor.get("/imports/aaaaaaaaaaaa").text


def test_a_walk_with_problems_has_nothing_foreign(
    arabic: Visitor, people: Path, known: set[str]
) -> None:
    crm = Crm()
    crm.always("Refused", refusal("validation_error"))
    crm.always("Unclear", refusal("conflict", 409))
    wrong: dict[str, None] = {}
    with serving(crm) as url:
        for number, page in enumerate(walked(arabic, people, crm, url)):
            assert 'dir="rtl"' in page, number
            wrong |= {f"{number}: {one}": None for one in foreign(page, known)}
    assert [*wrong] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8),
        ("broken.json", b'[{"Name": "Amal"'),
        ("broken.xlsx", b"PK\x03\x04 no workbook"),
        ("header.csv", b"Name,E-mail\n"),
        ("list.pdf", b"%PDF-1.4 text"),
    ],
)
def test_what_is_no_list_is_refused_in_arabic(
    name: str, content: bytes, arabic: Visitor, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    arabic.upload(path)
    known = {*WORD.findall(name), "Name", "E", "mail"}
    assert foreign(arabic.text, known) == []


@pytest.mark.parametrize("path", ["relative.csv", "/no/such.csv", "/etc"])
def test_a_path_that_is_no_list_is_refused_in_arabic(path: str, arabic: Visitor) -> None:
    arabic.get("/").send("/imports/path", path=path)
    assert arabic.answer.status_code == 400
    assert foreign(arabic.text.replace(path, ""), {"such", "etc"}) == []


def test_the_words_of_samples_are_arabic(arabic: Visitor) -> None:
    for name in ("agent-leads.jsonl", "deals.csv", "garage-appointments.csv"):
        path = data_folder("sample_data") / name
        text = re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", path.read_text(encoding="utf-8"))
        known = {*WORD.findall(text), *WORD.findall(path.read_text(encoding="utf-8"))}
        arabic.upload(path).send("read", then="match")
        wrong = foreign(arabic.text, known)
        arabic.send("match", then="check", region="AE")
        wrong += foreign(arabic.text, known)
        assert wrong == []
