"""Which encoding a file is told to be in, on what evidence, and what people are told about it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from effort import examples
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lists.invented import ENCODINGS, invented_list

from importer import Rejected, Row, read_rows
from importer.core.errors import SourceError
from importer.core.settings import ReadOptions
from importer.reader import (
    Layout,
    SourceFile,
    detect_layout,
    find_sources,
    fingerprint,
    open_source,
)
from importer.reader.encoding.guess import guess_encodings
from importer.reader.files import scan as scanning
from importer.reader.files.mojibake import find_mojibake, first_garbled_word
from importer.reader.files.scan import scan

ARABIC = "الاسم;المدينة\nليلى;دبي\nعمر;الشارقة\n"
GERMAN = "Name;Ort\nMüller;Köln\nJäger;Fürth\nWeiß;München\n"


def layout(folder: Path, data: bytes | str, **options: Any) -> Layout:
    path = folder / "list.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    [file] = find_sources((str(path),))
    return detect_layout(file, ReadOptions(**options))


def codes(folder: Path, data: bytes, **options: Any) -> list[str | int]:
    path = folder / "list.csv"
    path.write_bytes(data)
    rows = read_rows(path, **options)
    return [row.error.code if isinstance(row, Rejected) else row.line for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "language"), ENCODINGS)
def test_lists_in_this_encoding_and_language_are_told_right(encoding: str, language: str) -> None:
    told = [_told(invented_list(encoding, language, seed), encoding) for seed in range(20)]
    assert told.count("right") >= 17
    assert "wrong" not in told


@pytest.mark.slow
def test_of_all_lists_nearly_all_are_told_right_and_none_wrong() -> None:
    told = [
        _told(invented_list(encoding, language, seed, rows=20, share=share), encoding)
        for encoding, language in ENCODINGS
        for share in (0.25, 0.5, 1)
        for seed in range(4)
    ]
    assert told.count("right") / len(told) >= 0.98
    assert "wrong" not in told


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("windows-1252", "Müller Özdemir"),
        ("windows-1252", "Grünau Côte"),
        ("windows-1252", "José"),
        ("windows-1252", "García Núñez"),
        ("windows-1254", "Şahin Yılmaz"),
        ("windows-1256", "محمد"),
        ("windows-1251", "Иван"),
        ("cp850", "Müller Özdemir"),
        ("windows-1252", "Observação OLIVEIRA\u00a0 CENTRO\u00a0 casa\u00a0 Conceição"),
    ],
)
def test_a_word_or_two_may_tell_it(encoding: str, words: str) -> None:
    assert _told(words, encoding) == "right"


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("windows-1252", "Señor"),  # Seńor
        ("windows-1252", "Ørsted"),  # Řrsted
        ("windows-1250", "Dvořák"),  # Dvoøák
        ("mac-roman", "Zoë"),
    ],
)
def test_where_a_word_could_be_two_nobody_guesses(encoding: str, word: str) -> None:
    assert _told(word, encoding) == "unsure"


def _told(text: str, encoding: str) -> str:
    data = text.encode(encoding)
    guesses, sure = guess_encodings(line for line in data.splitlines() if not line.isascii())
    if not sure:
        return "unsure"
    return "right" if data.decode(guesses[0].encoding, "replace") == text else "wrong"


@pytest.mark.parametrize(
    ("encoding", "text", "example"),
    [
        ("windows-1256", ARABIC, "المدينة"),
        ("windows-1252", GERMAN, "München"),
        ("windows-1251", "имя;город\nИван;Москва\n", "Москва"),
        ("cp932", "名前,都市\n佐藤さくら,東京都\n", "佐藤さくら"),
    ],
)
def test_what_was_told_is_said_with_an_example(
    tmp_path: Path, encoding: str, text: str, example: str
) -> None:
    found = layout(tmp_path, text.encode(encoding))
    assert found.encoding == encoding
    [notice] = found.notices
    assert notice.startswith(f"read as {encoding}")
    assert f"(likely): e.g. “{example}”;" in notice
    assert "--encoding" in notice


def test_notices_come_before_those_of_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Größe,Größe\nKöln,Fürth\n".encode("windows-1252"))
    [file] = find_sources((str(path),))
    options = ReadOptions()
    with open_source(file, detect_layout(file, options), options) as reader:
        assert "windows-1252" in reader.notices[0]
        assert len(reader.notices) > 1


def test_what_is_stated_is_taken_as_said(tmp_path: Path) -> None:
    found = layout(tmp_path, ARABIC.encode("windows-1256"), encoding="windows-1252")
    assert (found.encoding, found.notices) == ("windows-1252", ())


def test_where_letters_do_not_tell_it_candidates_are_shown(tmp_path: Path) -> None:
    data = b"name,note\n" + b"Al,\xe9\n" * 9
    with pytest.raises(SourceError, match="line 2: not UTF-8, like 9 lines") as caught:
        layout(tmp_path, data)
    assert "State the encoding: --encoding windows-1252 (Western) or" in str(caught.value.hint)
    data = "name,town\nKovács,Gyor\nNagy,Pécs\n".encode("windows-1250")
    data += b"x,\xf5\xe8\ny,\xfb\xf8\n"
    with pytest.raises(SourceError, match="not UTF-8") as caught:
        layout(tmp_path, data)
    assert "gives “" in str(caught.value.hint)


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\nx,\xe9\n",  # one byte tells nothing
        "a,b\né,1\nü,2\n".encode() + b"\xe9,3\n\xe8,4\n",
        GERMAN.encode() + b"Al;\xff\n",
    ],
)
def test_a_few_bad_rows_do_not_make_another_encoding(tmp_path: Path, data: bytes) -> None:
    found = layout(tmp_path, data)
    assert found.encoding == "utf-8"
    assert "encoding_error" in found.notices[0]
    assert "encoding_error" in codes(tmp_path, data)


def test_in_a_mixed_file_only_the_rows_of_the_other_encoding_are_refused(tmp_path: Path) -> None:
    good = "name;ort\nMüller;Köln\nWeiß;Fürth\n".encode()
    bad = "Jäger;München\nSchröder;Düsseldorf\nBöhm;Würzburg\n".encode("windows-1252")
    assert codes(tmp_path, good + bad) == [2, 3, *["encoding_error"] * 3]
    [notice] = layout(tmp_path, good + bad).notices
    assert "3 lines of this UTF-8 file cannot be read as UTF-8" in notice
    assert "the first is line 4" in notice
    assert "maybe as windows-1252 (" in notice


def test_a_mixed_file_with_a_header_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    data = "Größe;Straße\n".encode("windows-1252") + GERMAN.encode()
    with pytest.raises(SourceError, match=r"line 1: not UTF-8, like 1 line .*\(3 others are\)"):
        layout(tmp_path, data)


@pytest.mark.parametrize(("times", "words"), [(8, "毛"), (1, "毛毛毛毛")])
def test_two_bytes_that_look_like_utf8_by_chance_are_told_too(
    tmp_path: Path, times: int, words: str
) -> None:
    """The sign 毛 in GB 18030 is an ë in UTF-8, by chance."""
    text = "姓名,公司\n" + "张伟,北京公司\n李娜,上海公司\n王芳,广州公司\n" * times + f"a,{words}\n"
    found = layout(tmp_path, text.encode("gb18030"))
    assert found.encoding == "gb18030"
    assert "1 line could also be UTF-8" in found.notices[1]


def test_utf_8_is_told_from_a_stated_encoding_by_letters_far_down(tmp_path: Path) -> None:
    text = "name,city\n" + "Al,Bonn\n" * 1000 + "Zoë,Köln\n"
    with pytest.raises(SourceError, match="is UTF-8 and not cp1252, as stated: “Zoë,Köln”"):
        layout(tmp_path, text.encode(), encoding="windows-1252")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [ARABIC, GERMAN, "name,city\nAl,Dubai\n", "名前,都市\n佐,東\n"])
def test_wide_encodings_without_a_mark_are_told(tmp_path: Path, encoding: str, text: str) -> None:
    found = layout(tmp_path, text.encode(encoding))
    assert found.encoding == encoding
    assert "without a byte order mark" in found.notices[0]


@pytest.mark.parametrize("data", [b"a,b\nx\0,1\n", b"a,b\n\0\0\0\0,\0\0\0\0\n", b"\0"])
def test_nul_bytes_alone_make_no_wide_encoding(tmp_path: Path, data: bytes) -> None:
    assert layout(tmp_path, data).encoding == "utf-8"


@pytest.mark.parametrize(
    ("before", "garbled_as"),
    [
        ("Müller", "windows-1252"),
        ("Çağlar", "latin-1"),
        ("Paweł", "windows-1252"),
        ("محمد", "windows-1256"),
        ("Иванов", "latin-1"),
        ("Ελένη", "latin-1"),
        ("it’s", "windows-1252"),
    ],
)
def test_garbled_letters_are_noticed_and_never_repaired(
    tmp_path: Path, before: str, garbled_as: str
) -> None:
    garbled = before.encode().decode(garbled_as)
    data = f"name,note\nAl,x\n{garbled},x\nAl,x\n{garbled} {garbled},y\n"
    [notice] = layout(tmp_path, data).notices
    assert notice.startswith("2 lines with garbled letters, the first is line 3: “")
    assert f"“{garbled}” was “{before}”" in notice
    rows = [row for row in read_rows(tmp_path / "list.csv") if isinstance(row, Row)]
    assert rows[1].values["name"] == garbled


@pytest.mark.parametrize("text", ["SÃO PAULO", "Ã", "Übung «Ähre»", "É © x", "ظل ط § x", "Ÿ€™"])
def test_what_only_looks_garbled_is_left_alone(text: str) -> None:
    assert not list(find_mojibake(text.encode()))
    assert first_garbled_word("plain") is None


def test_a_garbled_list_is_noticed_where_its_encoding_is_stated_and_it_was_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,city\nMÃ¼ller,x\n", encoding="utf-8")
    [file] = find_sources((str(path),))
    options = ReadOptions(encoding="utf-8")
    assert detect_layout(file, options).notices == ()
    fingerprint([file])
    assert "garbled" in detect_layout(file, options).notices[0]


def test_garbled_letters_that_nothing_repairs_are_not_reported(tmp_path: Path) -> None:
    assert layout(tmp_path, "name,city\nÃ»Ã,x\n").notices == ()


@pytest.fixture(params=[7, 64, 512 * 1024])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(scanning, "_BLOCK", request.param)
    return int(request.param)


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_bad_byte_on_the_last_line_is_found(tmp_path: Path, end: str) -> None:
    path = tmp_path / "list.csv"
    lines = ["name,city", *["Zoë,Köln", "Al,Bonn"] * 30]
    path.write_bytes((end.join(lines) + end).encode() + b"x,\xff")
    digest = hashlib.sha256()
    found = scan(path, digest.update)
    assert (found.bad, found.first_bad, found.header_bad) == (1, 62, False)
    assert found.good >= 1
    assert digest.hexdigest() == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.usefixtures("block")
@given(st.text(alphabet="aé€😀\r\n", max_size=60), st.sampled_from([b"", b"\xff", b"\xc3"]))
@settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example("😀" * 30, b"")
def test_a_file_is_proven_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory, text: str, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("proof") / "list"
    path.write_bytes(text.encode() + junk)
    found = scan(path)
    assert bool(found.bad) == bool(junk)
    assert found.size == path.stat().st_size


def test_a_bad_header_is_told_from_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "list"
    for data, bad in ((b"\n \n\xff\n", True), (b"a\n\xff\n", False), (b"\xc3\xa9\n\xff", False)):
        path.write_bytes(data)
        assert scan(path).header_bad is bad


def test_large_files_are_proven_to_their_end(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Zoë,Köln\n".encode() * 200_000 + b"x,\xff\n")
    found = scan(path)
    assert (found.bad, found.first_bad) == (1, 200_001)
    assert 100_000 < found.good < 300_000


def test_a_large_file_in_another_encoding_is_not_looked_at_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Zoë,Köln\n".encode("windows-1252") * 200_000)
    found = scan(path)
    assert 5_000 < found.bad < 100_000
    assert found.size == path.stat().st_size


@settings(max_examples=examples(150))
@given(st.binary(max_size=120), st.binary(min_size=1, max_size=8))
def test_whatever_the_bytes_there_is_an_encoding_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, unit: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "list"
    path.write_bytes(start + unit * 20)
    try:
        found = detect_layout(SourceFile(name="list", path=path), ReadOptions())
    except SourceError as error:
        assert error.hint  # noqa: PT017 - either end will do
    else:
        assert found.encoding


def test_the_words_that_are_shown_tell_the_encodings_apart(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Name,Note\nT\xe9l,n\xb0 \xa32\nR\xe9mi,\xa75\n".encode("windows-1252"))
    with pytest.raises(SourceError) as caught:
        list(read_rows(path))
    shown = re.findall("“([^”]*)”", str(caught.value.hint))
    assert len(set(shown)) > 1
