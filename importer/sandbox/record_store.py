"""Keeps API keys, records, idempotency keys and refusals in SQLite, on disk or in memory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from importer.core.errors import ConfigError
from importer.sandbox.payloads import ApiKey, CreateRequest, Decision

Outcome = Literal["decided", "replayed", "conflict"]

_SCHEMA = Path(__file__).with_name("schema.sql")
_SCHEMA_VERSION = 1
_BUSY_SECONDS = 10.0
_REFUSALS_KEPT = 1_000


class RecordStore:
    """
    The sandbox's database. Safe to use from several threads, and a file from several processes.

    A file is written through a write-ahead log: what was answered survives a kill of the process.
    `clock` returns epoch seconds. Raises `ConfigError` for a file that is not a sandbox database.
    """

    def __init__(self, path: Path | None, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        try:
            self._db = self._open(path)
        except sqlite3.Error as error:
            self.close()
            raise ConfigError(
                f"{path} cannot be used as the sandbox's database: {error}",
                hint="Name a file that does not exist yet, or one that a sandbox has written.",
            ) from error

    def _open(self, path: Path | None) -> sqlite3.Connection:
        self._db = db = sqlite3.connect(
            path or ":memory:",
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        db.row_factory = sqlite3.Row
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version != _SCHEMA_VERSION and (version or tables):
            raise sqlite3.DatabaseError("it was written by another program or version")
        if path is not None:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(_SCHEMA.read_text(encoding="utf-8"))
        db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        return db

    def close(self) -> None:
        """Close the database. Closing twice does nothing."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._session() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextlib.contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._db is None:
                raise RuntimeError("the sandbox's database is closed")
            yield self._db

    # API keys

    def add_key(self, key: str, *, tenant: str, name: str, scopes: Iterable[str]) -> None:
        """Add a key, or make a known one valid again. Only its SHA-256 is kept."""
        row = (tenant, name, _hash(key), " ".join(sorted(scopes)), self._clock())
        with self._session() as db:
            db.execute(
                "INSERT INTO api_keys (tenant, name, sha256, scopes, created_at) VALUES (?, ?, ?, "
                "?, ?) ON CONFLICT (sha256) DO UPDATE SET tenant = excluded.tenant, name = "
                "excluded.name, scopes = excluded.scopes, revoked_at = NULL",
                row,
            )

    def find_key(self, key: str) -> ApiKey | None:
        """Return what is known about a key, or None."""
        with self._session() as db:
            row = db.execute(
                "SELECT id, tenant, name, scopes, revoked_at FROM api_keys WHERE sha256 = ?",
                (_hash(key),),
            ).fetchone()
        return _api_key(row) if row else None

    def api_keys(self) -> list[ApiKey]:
        """Return all keys, oldest first."""
        with self._session() as db:
            rows = db.execute(
                "SELECT id, tenant, name, scopes, revoked_at FROM api_keys ORDER BY id"
            ).fetchall()
        return [_api_key(row) for row in rows]

    def revoke(self, key_id: int) -> None:
        """Make a key invalid from the next request on."""
        with self._session() as db:
            db.execute("UPDATE api_keys SET revoked_at = ? WHERE id = ?", (self._clock(), key_id))

    # Records

    def answer(
        self,
        api_key: ApiKey,
        request: CreateRequest,
        decide: Callable[[int], Decision],
        *,
        key_ttl: float,
    ) -> tuple[Outcome, dict[str, Any]]:
        """
        Answer a request once and for all: a second one with its key gets the same answer.

        `decide` is called only if the idempotency key is new or older than `key_ttl` seconds; it
        gets the number of the new record. Everything is one transaction, so that requests
        at the same time, from other processes too, cannot both create. It is committed when this
        returns.
        """
        with self._transaction() as db:
            now = self._clock()
            known = db.execute(
                "SELECT body_sha256, answer, created_at FROM idempotency_keys"
                " WHERE tenant = ? AND key = ?",
                (api_key.tenant, request.idempotency_key),
            ).fetchone()
            if known and now - known[2] < key_ttl:
                if known[0] != request.digest:
                    return "conflict", {}
                return "replayed", json.loads(known[1])
            (last,) = db.execute("SELECT max(id) FROM records").fetchone()
            decision = decide((last or 0) + 1)
            self._keep(db, api_key, request, decision, now)
        return "decided", decision.payload

    @staticmethod
    def _keep(
        db: sqlite3.Connection,
        api_key: ApiKey,
        request: CreateRequest,
        decision: Decision,
        now: float,
    ) -> None:
        if record := decision.record:
            db.execute(
                "INSERT INTO records (tenant, object, fields, vendor_object, vendor_fields,"
                " external_id, record_url, idempotency_key, api_key_id, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    api_key.tenant,
                    request.object,
                    _json(request.fields),
                    record.vendor_object,
                    _json(record.vendor_fields),
                    record.external_id,
                    record.record_url,
                    request.idempotency_key,
                    api_key.id,
                    now,
                ),
            )
        if decision.stored:
            db.execute(
                "INSERT OR REPLACE INTO idempotency_keys"
                " (tenant, key, body_sha256, answer, created_at) VALUES (?, ?, ?, ?, ?)",
                (
                    api_key.tenant,
                    request.idempotency_key,
                    request.digest,
                    _json(decision.payload),
                    now,
                ),
            )

    def records(self, *, limit: int | None = None) -> list[dict[str, Any]]:
        """Return the records, oldest first; with `limit` the newest so many, newest first."""
        order = "ORDER BY id" if limit is None else f"ORDER BY id DESC LIMIT {int(limit)}"
        with self._session() as db:
            rows = db.execute(
                "SELECT id, tenant, object, fields, vendor_object, vendor_fields, external_id,"
                f" record_url, idempotency_key, api_key_id, created_at FROM records {order}"
            ).fetchall()
        return [_record(row) for row in rows]

    def count_records(self) -> int:
        """Return how many records there are: none is ever deleted, so it is the last one's id."""
        with self._session() as db:
            (count,) = db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()
        return int(count)

    # Refusals

    def log_refusal(self, status: int | None, code: str, message: str) -> None:
        """
        Keep for the page what was not created; those beyond the last thousand are forgotten.

        `status` is None if no answer left.
        """
        with self._session() as db:
            cursor = db.execute(
                "INSERT INTO refusals (at, status, code, message) VALUES (?, ?, ?, ?)",
                (self._clock(), status, code, message),
            )
            oldest = (cursor.lastrowid or 0) - _REFUSALS_KEPT
            db.execute("DELETE FROM refusals WHERE id <= ?", (oldest,))

    def refusals(self, *, limit: int = _REFUSALS_KEPT) -> list[dict[str, Any]]:
        """Return the last refusals, newest first."""
        with self._session() as db:
            rows = db.execute(
                "SELECT at, status, code, message FROM refusals ORDER BY id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [dict(row) for row in rows]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _api_key(row: tuple[Any, ...]) -> ApiKey:
    number, tenant, name, scopes, revoked_at = row
    return ApiKey(number, tenant, name, frozenset(scopes.split()), revoked_at is not None)


def _record(row: sqlite3.Row) -> dict[str, Any]:
    inner = {name: json.loads(row[name]) for name in ("fields", "vendor_fields")}
    return dict(row) | inner
