"""Messages by email: over real SMTP, and what is said if that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_server import Mailbox, serving_mail
from referee import World

from importer.core.errors import ConfigError
from importer.jobs.job_file import load_job, told_of_mistakes
from importer.jobs.monitoring.monitoring_settings import EmailSettings
from importer.jobs.monitoring.smtp import send_email

JOB = """\
object = "contact"
[fields]
first_name = "Name"
[job]
sources = "people.csv"
[job.email]
to = ["ops@example.com", "boss@example.com"]
from = "vorel@example.com"
host = "127.0.0.1"
port = {port}
security = "none"
user = "vorel"
password_file = "smtp.password"
"""


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with serving_mail("secret-word") as box:
        yield box


def test_a_night_that_fails_is_told_by_email_and_a_good_one_is_not(
    world: World, mail: Mailbox
) -> None:
    world.write("night.toml", JOB.format(port=mail.port))
    world.write("smtp.password", "secret-word\n")
    world.write("people.csv", "Name\nRana\n")
    assert world.run("--job", "night.toml").exit_code == 0
    assert mail.mails == []

    world.write("people.csv", "Naem\nOmar\n")
    done = world.run("--job", "night.toml")

    assert done.exit_code == 2
    (message,) = mail.mails
    assert message["Subject"] == "night: the run did not come to its end (exit code 2)"
    assert (message["From"], message["To"]) == (
        "vorel@example.com",
        "ops@example.com, boss@example.com",
    )
    assert mail.to == ["ops@example.com", "boss@example.com"]
    text = message.get_content()
    assert "the file has no column" in text
    assert "The last run that came to its end: 2" in text
    for value in ("Rana", "Omar", "Naem", "secret-word"):
        assert value not in text


def settings(port: int, **more: object) -> EmailSettings:
    given = {"to": "ops@example.com", "from": "vorel@example.com", "host": "127.0.0.1"}
    return EmailSettings.model_validate({**given, "port": port, "security": "none", **more})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"user": "vorel"}, "127.0.0.1 does not take the user and the password"),
        ({}, "127.0.0.1 answered 530"),
        ({"security": "starttls"}, "127.0.0.1 does not offer STARTTLS, or no login"),
        ({"password_file": Path("none")}, "127.0.0.1 cannot be reached (FileNotFoundError)"),
    ],
)
def test_what_goes_wrong_is_said_without_the_words_of_the_server(
    mail: Mailbox, more: dict[str, object], words: str
) -> None:
    assert send_email(settings(mail.port, **more), "a\nb", seconds=5) == words
    assert mail.mails == []


def test_a_server_that_takes_no_mail_for_an_address() -> None:
    with serving_mail() as box:
        box.refuses = True
        failure = send_email(settings(box.port), "a", seconds=5)
    assert failure == "127.0.0.1 takes no mail for the addresses in `to`"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('to = "ops"', "email.to: it is not an address"),
        ('host = "mail.example.com"\nsecurity = "none"', 'security = "none" shows the message'),
        ("prot = 3", "email.prot: there is no such setting"),
    ],
)
def test_a_mistake_in_the_table_is_named(tmp_path: Path, line: str, words: str) -> None:
    names = {one.partition(" =")[0] for one in line.splitlines()}
    lines = JOB.format(port=25).splitlines()
    kept = [one for one in lines if one.partition(" =")[0] not in names]
    path = tmp_path / "night.toml"
    path.write_text("\n".join([*kept, line, ""]))
    with pytest.raises(ConfigError, match=words):
        load_job(path)


def test_a_mistake_elsewhere_in_the_job_is_told_by_email(tmp_path: Path) -> None:
    path = tmp_path / "night.toml"
    path.write_text(JOB.format(port=25).replace("[job]\n", "[job]\nrat = 3\n"))
    told = told_of_mistakes(path).email
    assert told is not None
    assert (told.host, told.password_file) == ("127.0.0.1", tmp_path / "smtp.password")
