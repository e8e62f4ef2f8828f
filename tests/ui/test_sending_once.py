"""Whatever is pressed how often, reloaded or killed: each row is sent once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from commands.process import vorel_import
from visitor import Visitor, served

from importer.core.errors import ConfigError
from importer.run.config import DEFAULT_BASE_URL
from importer.run.file_names import page_folder, page_results
from importer.sandbox import Sandbox
from importer.sandbox.injected_faults import Fault, Faults, Rate
from importer.ui.server import Page, serving_page

pytestmark = pytest.mark.slow

SLOWLY = Faults(rates=(Rate(Fault(kind="latency", seconds=0.02), 1),))


def people(path: Path, rows: int) -> Path:
    lines = [f"Person {n},p{n}@example.com" for n in range(rows)]
    path.write_text("\n".join(["Name,E-mail", *lines, ""]), encoding="utf-8")
    return path


def emails(sandbox: Sandbox) -> Counter[str]:
    return Counter(record["fields"]["email"] for record in sandbox.records())


def ready(visitor: Visitor, sandbox: Sandbox, source: Path) -> Visitor:
    return visitor.upload(source).matched().key(sandbox.api_key, sandbox.url)


def test_a_second_press_does_nothing(visitor: Visitor, sandbox: Sandbox, tmp_path: Path) -> None:
    ready(visitor, sandbox, people(tmp_path / "list.csv", 60))
    fields = {**visitor.form(f"{visitor.base}/start"), "what": "pilot"}
    answers = [visitor.client.post(f"{visitor.base}/start", data=fields) for _ in range(3)]
    assert all("sent twice" in answer.text for answer in answers[1:])
    visitor.go("send")
    assert len(sandbox.records()) == 20


def test_two_tabs_that_press_at_once_send_once(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    ready(visitor, sandbox, people(tmp_path / "list.csv", 60))
    fields = {**visitor.form(f"{visitor.base}/start"), "what": "all"}
    tabs = [
        threading.Thread(
            target=visitor.client.post, args=(f"{visitor.base}/start",), kwargs={"data": fields}
        )
        for _ in range(4)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    visitor.go("result")
    assert emails(sandbox) == Counter(f"p{n}@example.com" for n in range(60))
    assert sandbox.requests == 60


def test_going_back_to_an_old_page_and_pressing_sends_nothing(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    ready(visitor, sandbox, people(tmp_path / "list.csv", 30))
    old = {**visitor.form(f"{visitor.base}/start"), "what": "all"}
    visitor.press("all")
    visitor.key(sandbox.api_key, sandbox.url)
    visitor.answer = visitor.client.post(f"{visitor.base}/start", data=old)
    assert "pressed that button before" in visitor.text
    assert sandbox.requests == 30


def test_the_same_list_uploaded_again_is_the_same_import(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    source = people(tmp_path / "list.csv", 30)
    ready(visitor, sandbox, source).press("all")
    first = visitor.base
    visitor.upload(source, name="other name.csv")
    assert visitor.base == first


def test_a_list_of_the_same_rows_is_recognised(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path, folder: Path
) -> None:
    ready(visitor, sandbox, people(tmp_path / "list.csv", 30)).press("all")
    ready(visitor, sandbox, people(tmp_path / "longer.csv", 40))
    assert visitor.heading == "Only you can know this"
    assert "has created 30 of the 40 rows" in visitor.text
    assert str(page_results(folder)) not in visitor.text  # a path says nothing to this person
    assert "Rows that have a record already get a second one." in visitor.text
    visitor.client.headers["Accept-Language"] = "ar"
    visitor.go("check")
    assert "الصفوف التي لها سجل من قبل تحصل على سجل ثانٍ." in visitor.text
    assert "results file" not in visitor.text


def test_pause_and_go_on(
    visitor: Visitor, start_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = start_sandbox(faults=SLOWLY)
    ready(visitor, sandbox, people(tmp_path / "list.csv", 400))
    fields = {**visitor.form(f"{visitor.base}/start"), "what": "all"}
    visitor.answer = visitor.client.post(f"{visitor.base}/start", data=fields)
    assert visitor.heading == "Rows are being sent"
    while sandbox.requests < 10:
        time.sleep(0.01)
    visitor.answer = visitor.client.post(
        f"{visitor.base}/stop", data={**visitor.form(f"{visitor.base}/stop"), "how": "pause"}
    )
    visitor.go("send")
    assert visitor.heading == "Sending has stopped"
    assert "You have paused it." in visitor.text
    assert 0 < len(sandbox.records()) < 400
    visitor.press("all")
    assert visitor.go("result").heading.startswith("All ")
    assert emails(sandbox) == Counter(f"p{n}@example.com" for n in range(400))


def start(folder: Path) -> tuple[subprocess.Popen[str], Visitor]:
    command = [sys.executable, "-m", "importer", "ui", "--json", "--folder", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    return process, Visitor(Page(said["url"], said["start"], Path(said["file"])))


def test_killed_in_the_middle_and_started_again_each_row_is_created_once(
    start_sandbox: Callable[..., Sandbox], tmp_path: Path, folder: Path
) -> None:
    sandbox = start_sandbox(faults=SLOWLY)
    process, visitor = start(folder)
    try:
        ready(visitor, sandbox, people(tmp_path / "list.csv", 200))
        fields = {**visitor.form(f"{visitor.base}/start"), "what": "all"}
        visitor.client.post(f"{visitor.base}/start", data=fields)
        while sandbox.requests < 60:
            time.sleep(0.01)
    finally:
        process.kill()
        process.communicate()
        visitor.client.close()
    assert 0 < len(sandbox.records()) < 200
    base = visitor.base
    process, visitor = start(folder)
    try:
        assert "Interrupted: continue" in visitor.get("/").text
        visitor.base = base
        assert visitor.get(base).heading == "Sending was interrupted"
        numbers = [int(text) for text in re.findall(r"<dd>(\d+)", visitor.text)]
        created, left = numbers[0], numbers[-1]
        assert len(sandbox.records()) - 40 <= created <= len(sandbox.records())
        assert created + left == 200
        visitor.key(sandbox.api_key, sandbox.url).press("all")
        assert visitor.go("result").heading.startswith("All ")
        visitor.client.close()
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert emails(sandbox) == Counter(f"p{n}@example.com" for n in range(200))


def test_sending_ends_at_the_result(visitor: Visitor, sandbox: Sandbox, tmp_path: Path) -> None:
    ready(visitor, sandbox, people(tmp_path / "list.csv", 30)).press("all")
    assert visitor.step == "result"
    assert visitor.heading.startswith("All ")
    assert visitor.go("send").step == "result"


def test_another_address_is_said_to_be_why_the_list_is_checked_again(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    visitor.upload(people(tmp_path / "list.csv", 3)).matched()
    visitor.go("send").send("key", key=sandbox.api_key, url=sandbox.url, rate="90000")
    assert "can be sent" in visitor.heading
    assert "You have named another address of the service." in visitor.text
    visitor.go("send").send("start", what="all")
    assert len(sandbox.records()) == 3


def test_a_page_that_was_started_with_an_address_sends_there(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with served(tmp_path / "kept", sandbox.url + "/") as visitor:
        visitor.upload(people(tmp_path / "list.csv", 3)).matched()
        visitor.go("send").send("key", key=sandbox.api_key)
        assert visitor.step == "send"
        assert visitor.press("all").step == "result"
    assert len(sandbox.records()) == 3
    wrong = serving_page(tmp_path / "kept", base_url="http://crm.example")
    with pytest.raises(ConfigError, match="http would show the API key"), wrong:
        pass


def test_the_address_of_one_import_is_not_that_of_the_next(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    ready(visitor, sandbox, people(tmp_path / "list.csv", 3)).press("all")
    visitor.upload(people(tmp_path / "other.csv", 4)).matched().go("send")
    assert f"<bdi>{DEFAULT_BASE_URL}</bdi>" in visitor.text
    assert "It needs the scope crm:write." in visitor.text


def test_a_list_that_is_chosen_once_more_is_known(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    source = people(tmp_path / "list.csv", 3)
    ready(visitor, sandbox, source).press("all")
    assert visitor.upload(source).step == "result"
    assert "This list was added before." in visitor.text
    assert "This list was added before." not in visitor.go("result").text


def test_a_list_that_was_replaced_is_looked_at_again_before_anything_is_sent(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    source = people(tmp_path / "list.csv", 30)
    visitor.get("/").send("/imports/path", path=str(source))
    visitor.opened()
    visitor.matched().key(sandbox.api_key, sandbox.url)
    old = {**visitor.form(f"{visitor.base}/start"), "what": "all"}
    source.write_text("Surname,Mail\nHaddad,h@example.com\n", encoding="utf-8")
    visitor.answer = visitor.client.post(f"{visitor.base}/start", data=old)
    visitor.get(str(visitor.answer.url))
    assert visitor.heading == "Is the list read correctly?"
    assert "The list has changed since it was read last" in visitor.text
    assert "Surname" in visitor.text
    assert sandbox.records() == []
    visitor.matched()
    visitor.go("send").send("start", what="all")
    assert [one["fields"]["email"] for one in sandbox.records()] == ["h@example.com"]


def test_the_list_that_was_dropped_is_known_on_the_command_line(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The page has a copy of it, and the results file is beside that copy."""
    source = people(tmp_path / "list.csv", 30)
    with served(page_folder()) as visitor:
        ready(visitor, sandbox, source).press("all")
        visitor.go("result")
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    run = ("run", source, "--object", "contact", "--no-input")
    stopped = vorel_import(*run, cwd=tmp_path, env=env)
    assert (stopped.returncode, sandbox.requests) == (2, 30), stopped.stderr
    [results] = page_results(page_folder()).glob("list-*.results.jsonl")
    assert f"--results {results}" in stopped.stderr
    done = vorel_import(*run, "--results", results, cwd=tmp_path, env=env)
    assert (done.returncode, sandbox.requests) == (0, 30), done.stderr


def test_a_check_ends_while_another_import_with_the_same_results_file_sends(
    visitor: Visitor, start_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = start_sandbox(faults=SLOWLY)
    ready(visitor, sandbox, people(tmp_path / "list.csv", 30)).press("all")
    ready(visitor, sandbox, people(tmp_path / "longer.csv", 900))
    visitor.send("answer", answer="0")  # continue the import that has created the 30
    second = visitor.base
    visitor.key(sandbox.api_key, sandbox.url)
    ready(visitor, sandbox, people(tmp_path / "third.csv", 40))
    visitor.send("answer", answer="0")
    third, visitor.base = visitor.base, second
    visitor.go("send")
    fields = {**visitor.form(f"{second}/start"), "what": "all"}
    visitor.client.post(f"{second}/start", data=fields)
    before = sandbox.requests
    while sandbox.requests < before + 5:
        time.sleep(0.01)
    visitor.base = third
    visitor.go("check")  # it waits until the page asks no more
    assert "Rows of this import were sent while the list was checked" in visitor.text
    assert visitor.client.get(f"{second}/send").text.count("data-events=") == 1  # it still sends
