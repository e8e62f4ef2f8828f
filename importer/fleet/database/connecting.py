"""Connects to the database of a fleet. Every connection commits durably, or is refused."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from importer.core.errors import ConfigError, ImporterError
from importer.core.locale.message import Message

Connection = psycopg.Connection[tuple[object, ...]]

AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
)
"""What psycopg raises when the database cannot be reached, or a connection has broken."""

_HINT = (
    "Give --database or VOREL_FLEET_DATABASE an address like postgresql://user@host/database; "
    "the password is best in ~/.pgpass or PGPASSWORD."
)
_STARTS = ("starting up", "shutting down", "in recovery mode", "not yet accepting")
"""What a server says of itself that takes no connections yet, but soon will."""
_STARTS_SECONDS = 15.0
_STARTS_EVERY_SECONDS = 0.5
_CAUSES = {
    "certificate verify failed": "its certificate is not signed by one of those in sslrootcert",
    "does not match host name": "its certificate is for another host name",
    "root certificate file": "the file that sslrootcert names is not there",
    "server does not support SSL": "it does not offer encryption, and sslmode wants it",
    "on that socket": "no server has its socket in that folder",
    "Connection refused": "nothing listens at its host and port",
    "resolve host": "its host name is not known",
    "timeout expired": "it does not answer",
}
"""Causes by what the message of libpq or psycopg says of them; all of it would show the address."""
# A connection that is cut without a word is noticed within 10 s, and a standby is not the database.
_DEFAULTS = {
    "application_name": "vorel-import",
    "connect_timeout": "10",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "target_session_attrs": "read-write",
}


class DatabaseAway(ConfigError):  # noqa: N818 - says what it is
    """Raised for a database that cannot be reached."""


def connect(url: str) -> Connection:
    """
    Connect to the database. Each statement is a transaction, unless one is begun.

    Raises `ConfigError` if the address or the settings of the server are unsuitable, and one of
    `AWAY` if the database cannot be reached: its message may quote a mistyped address.
    """
    connection: Connection = psycopg.connect(address(url), autocommit=True)
    try:
        _make_durable(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def address(url: str) -> str:
    """Return a connection string with our defaults. Raises `ConfigError` if it is invalid."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:  # its message may quote a part of the password
        raise ConfigError("the address of the database is invalid", hint=_HINT) from None
    return make_conninfo("", **(_DEFAULTS | {name: str(value) for name, value in given.items()}))


def connect_first(url: str) -> Connection:
    """
    Connect like `connect` before there is anything to wait for.

    A server that is starting is asked again for 15 s. Raises `DatabaseAway`, with nothing of the
    address, if the database cannot be reached.
    """
    until = time.monotonic() + _STARTS_SECONDS
    while True:
        try:
            return connect(url)
        except AWAY as error:
            # What the server itself says names no more than the role or the database.
            said = str(error)
            reason = said.partition("FATAL:")[2].strip().partition("\n")[0]
            starts = any(words in reason for words in _STARTS)
            if not starts or time.monotonic() >= until:
                raise _away(said, reason, starts=starts) from None
        time.sleep(_STARTS_EVERY_SECONDS)


def _away(said: str, reason: str, *, starts: bool) -> DatabaseAway:
    reason = reason or next((cause for words, cause in _CAUSES.items() if words in said), "")
    away = Message("the database cannot be reached")
    if reason:
        away = Message("%(what)s (%(fault)s)", what=away, fault=reason)
    hint = "Wait until it is up, then run the command again." if starts else _HINT
    return DatabaseAway(away, hint=hint)


def shut_down(connection: Connection) -> None:
    """End what another thread waits for on a connection."""
    with (
        suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(connection.fileno())) as copy,
    ):
        copy.shutdown(socket.SHUT_RDWR)


def reason_of(error: BaseException) -> Message:
    """Return what is wrong in the words of the server, or else what kind of error it is."""
    if isinstance(error, ImporterError):
        return error.message
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    said = said or type(error).__name__
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return Message(
            "%(fault)s: `vorel-import fleet init --grant ROLE` gives a role what workers need",
            fault=said,
        )
    return Message("%(fault)s", fault=said)


def _make_durable(connection: Connection) -> None:
    """
    Let each commit return when it survives a crash. Raises `ConfigError` if it never does.

    A line that is lost after its request has left would be a record made twice. A process that is
    paused within a transaction holds the lock on a lease for 10 s at most.
    """
    query = (
        "SELECT current_setting('fsync'), current_setting('synchronous_commit'), "
        "set_config('idle_in_transaction_session_timeout', '10s', false)"
    )
    fsync, commit, _ = connection.execute(query).fetchone() or ("off", "off", "")
    if fsync != "on":
        raise ConfigError(
            "the database may lose what it has confirmed (fsync = off)",
            hint="Set fsync = on in postgresql.conf: a lost line is a record that is made twice.",
        )
    if commit not in {"on", "remote_apply"}:
        connection.execute("SET synchronous_commit = on")
