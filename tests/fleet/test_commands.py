"""`vorel-import fleet`, as people call it."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from commands.inside import vorel_import
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fleets import Client
from postgres import Server

from importer.fleet.database.connecting import connect


def certificate_of(name: str, folder: Path) -> Path:
    """Write a certificate for a host, signed by itself, with its key in the same file."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        built.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


@contextmanager
def encrypted(certificate: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Offer what PostgreSQL does before a client has said who it is. Yields what came after it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(8)  # it asks for encryption
                connection.sendall(b"S")
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as inner:
                    received.extend(iter(lambda: inner.recv(1024), b""))

        listener.settimeout(60)
        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], received
        thread.join()


def test_init_makes_the_tables_and_gives_a_worker_its_rights(
    postgres: Server, tmp_path: Path
) -> None:
    with closing(connect(postgres.url)) as connection:
        connection.execute("CREATE DATABASE init")
        connection.execute("CREATE ROLE worker")
    words = ("fleet", "init", "--grant", "worker")
    environment = {"VOREL_FLEET_DATABASE": postgres.url_of("init")}
    first = vorel_import(*words, cwd=tmp_path, env=environment)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("applied 0001")
    again = vorel_import(*words, cwd=tmp_path, env=environment)
    assert again.stdout == "The tables are up to date.\n"
    with closing(connect(postgres.url_of("init"))) as connection:
        query = "SELECT has_table_privilege('worker', 'vorel_fleet.block', %s)"
        rights = [connection.execute(query, (one,)).fetchone() for one in ("INSERT", "DELETE")]
    assert rights == [(True,), (False,)]


def test_a_database_that_is_away_is_a_wrong_setting(tmp_path: Path) -> None:
    url = f"postgresql://somebody:secret@/x?host={tmp_path}"
    ended = vorel_import("fleet", "init", "--database", url, cwd=tmp_path)
    assert ended.returncode == 2
    assert "the database cannot be reached" in ended.stderr
    assert "secret" not in ended.stderr


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("127.0.0.1:1/x", "nothing listens at its host and port"),
        ("no-such-host.invalid/x", "its host name is not known"),
        ("/x?host=/tmp/no-such-folder", "no server has its socket in that folder"),
    ],
)
def test_why_a_database_is_away_is_said_without_its_address(
    tmp_path: Path, address: str, cause: str
) -> None:
    url = f"postgresql://somebody:secret@{address}"
    ended = vorel_import("fleet", "status", "--database", url, cwd=tmp_path)
    assert ended.returncode == 2
    assert f"the database cannot be reached ({cause})" in ended.stderr
    assert not [part for part in ("secret", "no-such", "somebody") if part in ended.stderr]


@pytest.mark.parametrize(
    ("wanted", "host", "trusts", "cause"),
    [
        ("verify-full", "localhost", False, "its certificate is not signed by one of those"),
        ("verify-full", "127.0.0.1", True, "its certificate is for another host name"),
    ],
)
def test_a_database_with_the_wrong_certificate_gets_no_password(
    tmp_path: Path, wanted: str, host: str, trusts: bool, cause: str
) -> None:
    own, other = certificate_of("localhost", tmp_path / "own"), tmp_path / "other"
    trusted = own if trusts else certificate_of("localhost", other)
    with encrypted(own) as (port, received):
        url = f"postgresql://somebody:secret@{host}:{port}/x?sslmode={wanted}&sslrootcert={trusted}"
        ended = vorel_import("fleet", "status", "--database", url, cwd=tmp_path)
    assert ended.returncode == 2
    assert f"the database cannot be reached ({cause}" in ended.stderr
    assert received == []


def test_without_the_extra_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for words in (
        ("fleet", "status", "--database", "postgresql://x"),
        ("export", "clinic", "--journal", "postgresql://x"),
    ):
        ended = vorel_import(*words, cwd=tmp_path)
        assert ended.returncode == 2
        assert "pip install 'psycopg[binary]>=3.2.4'" in ended.stderr


def test_a_job_without_a_key_is_told_where_to_name_it(client: Client) -> None:
    path = client.folder / "clinic.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('api_key = { file = "key" }\n', ""))
    client.do("fleet", "add", "clinic.toml")
    ended = client.do("fleet", "run", "clinic.toml")
    assert ended.returncode == 2
    assert "clinic.toml has no api_key" in ended.stderr
    path.write_text(f'{path.read_text(encoding="utf-8")}api_key = {{ file = "key" }}\n')
    assert client.do("fleet", "run", "clinic.toml").returncode == 0


def test_a_time_of_the_day_that_is_none_is_refused(client: Client) -> None:
    ended = client.do("fleet", "worker", ".", "--retry-at", "25:00")
    assert ended.returncode == 2
    assert "--retry-at 25:00: it must be a time of day such as 02:00" in ended.stderr
