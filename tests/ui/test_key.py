"""A key that cannot be mistyped: its form is checked at once, and after a refusal it is another."""

from __future__ import annotations

from pathlib import Path

import pytest
from visitor import Visitor

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

_UNKNOWN = "vapk_live_" + "0" * 48


@pytest.fixture
def ready(visitor: Visitor, tmp_path: Path) -> Visitor:
    source = tmp_path / "people.csv"
    lines = (f"Person {n},p{n}@example.com" for n in range(40))
    source.write_text("\n".join(["Name,E-mail", *lines]), encoding="utf-8")
    return visitor.upload(source).matched()


@pytest.mark.parametrize("key", ["hello", "vapk_live_" + "0" * 47, "vapk_live_" + "G" * 48, "…"])
def test_what_is_no_key_is_said_at_once(key: str, ready: Visitor, sandbox: Sandbox) -> None:
    ready.key(key, sandbox.url)
    assert ready.answer.status_code == 400
    assert "This is not the whole key." in ready.text
    assert key not in ready.text
    assert 'id="key"' in ready.text
    ready.client.headers["Accept-Language"] = "ar"
    ready.go("send").send("key", key=key, url=sandbox.url)
    assert "هذا ليس المفتاح كله." in ready.text
    assert "whole key" not in ready.text
    assert sandbox.requests == 0


def test_a_key_with_space_around_it_is_taken(ready: Visitor, sandbox: Sandbox) -> None:
    ready.key(f" {sandbox.api_key}\t", sandbox.url).press("all")
    assert len(sandbox.records()) == 40


@pytest.mark.parametrize("what", ["pilot", "all"])
def test_after_a_refusal_the_step_is_another_key(
    what: str, ready: Visitor, sandbox: Sandbox
) -> None:
    ready.key(_UNKNOWN, sandbox.url).press(what)
    ready.go("send")
    assert ready.heading == "The key was refused"
    assert "Type another key" in ready.text
    assert "VOREL_API_KEY" not in ready.text
    assert 'name="what"' not in ready.text  # nothing else can be pressed
    ready.client.headers["Accept-Language"] = "ar"
    assert ready.go("send").heading == "رُفض المفتاح"
    assert "اكتب مفتاحًا آخر" in ready.text
    assert "VOREL_API_KEY" not in ready.text
    ready.client.headers["Accept-Language"] = "en"
    ready.key(sandbox.api_key, sandbox.url)
    assert "refused" not in ready.text
    assert "40 rows" in ready.text
    ready.press("all")
    assert len(sandbox.records()) == 40
    assert "refused" not in ready.go("result").text
