"""What a form may hold, and what becomes of an upload that does not come to its end."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from visitor import Visitor

from importer.core.locale.language import language

pytestmark = pytest.mark.slow

PEOPLE = b"Name,E-mail\n" + b"".join(b"Amal %d,a%d@example.com\n" % (n, n) for n in range(9))
LONG = PEOPLE * 20_000
"""Some megabytes: more than is held in memory."""


@pytest.fixture
def uploads(folder: Path) -> Path:
    return folder / "uploads"


def sent(visitor: Visitor, **files: bytes) -> httpx.Response:
    said = [(name, (f"{name}.csv", text)) for name, text in files.items()]
    return visitor.client.post("/imports", data=visitor.form("/imports"), files=said)


@contextmanager
def full_disk() -> Iterator[None]:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_cell_of_any_script_may_be_long(visitor: Visitor) -> None:
    fields = {**visitor.form("/imports/path"), "path": "س" * 1_000_000}
    found = visitor.client.post("/imports/path", data=fields)
    assert "is not a whole path" in found.text


def test_a_form_is_limited_as_a_whole(visitor: Visitor) -> None:
    fields = {**visitor.form("/imports/path"), **{f"cell.{n}": "x" * 60_000 for n in range(150)}}
    found = visitor.client.post("/imports/path", data=fields)
    assert found.status_code == 400
    assert "it is too long" in found.text


def test_an_upload_goes_into_the_private_folder_alone(
    visitor: Visitor, uploads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    found = sent(visitor, file=LONG)
    assert found.url.path.endswith("/read")
    assert [*uploads.iterdir()] == []


@pytest.mark.parametrize("code", ["en", "ar"])
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_an_upload_for_which_there_is_no_room(code: str, visitor: Visitor, uploads: Path) -> None:
    visitor.client.headers["Accept-Language"] = code
    with full_disk():
        found = sent(visitor, file=LONG)
    assert found.status_code == 400
    assert language(code).gettext("Make room, then upload the file again.") in found.text
    assert [*uploads.iterdir()] == []


def test_one_file_at_a_time(visitor: Visitor, uploads: Path) -> None:
    assert sent(visitor, file=PEOPLE, other=PEOPLE).status_code == 400
    assert [*uploads.iterdir()] == []


@pytest.mark.parametrize("share", [0.5, 0.99])
def test_an_upload_that_was_cut_off(share: float, visitor: Visitor, uploads: Path) -> None:
    whole = visitor.client.build_request(
        "POST", "/imports", data=visitor.form("/imports"), files={"file": ("a.csv", PEOPLE)}
    )
    body = whole.read()
    kind = {"Content-Type": whole.headers["content-type"]}
    found = visitor.client.post("/imports", content=body[: int(len(body) * share)], headers=kind)
    assert found.status_code == 400
    assert "The upload was cut off" in found.text
    assert [*uploads.iterdir()] == []


def test_a_form_without_a_file(visitor: Visitor, uploads: Path) -> None:
    nothing = {"file": ("", b"", "application/octet-stream")}
    found = visitor.client.post("/imports", data=visitor.form("/imports"), files=nothing)
    assert "No file was chosen" in found.text
    assert [*uploads.iterdir()] == []
