"""A list that differs too much from the last one: the page asks before it sends."""

from __future__ import annotations

from pathlib import Path

from visitor import Visitor

from importer.sandbox import Sandbox


def save(path: Path, numbers: range) -> None:
    lines = [f"Person{n},p{n}@example.com" for n in numbers]
    path.write_text("\n".join(["First Name,E-mail", *lines, ""]), encoding="utf-8")


def test_a_list_of_other_people_is_a_question(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    save(path, range(100))
    visitor.get("/").send("/imports/path", path=str(path))
    visitor.opened()
    visitor.matched().key(sandbox.api_key, sandbox.url).press("all").go("result")
    assert len(sandbox.records()) == 100

    save(path, range(200, 300))
    visitor.go("read").send("read", then="match").send("match", then="check")
    assert "100 of its 100 rows look new" in visitor.text
    visitor.key(sandbox.api_key, sandbox.url).press("all").go("check")
    assert "100 of its 100 rows look new" in visitor.text
    assert len(sandbox.records()) == 100

    visitor.send("answer", answer="0")
    assert "All 100 people can be sent" in visitor.text
    visitor.key(sandbox.api_key, sandbox.url).press("all").go("result")
    assert len(sandbox.records()) == 200
