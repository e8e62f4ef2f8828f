"""Copies the files of an import to an address that fsspec can write to (S3, SFTP, …)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from importer.core.addresses import Address
from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.core.systems.contents import sha256_of
from importer.jobs.remote import file_system, reason_of
from importer.reader.spool import spool_folder

_MADE_BY = "vorel-import"
_TO_BE_REPAIRED = (PermissionError, FileNotFoundError, FileExistsError, NotADirectoryError)
_HINT = "The import has ended all the same, and its files are here. The next run copies them."

_Hashes = dict[str, list[str]]
"""The SHA-256 of files by name: the last one, and while files are copied, the next one too."""


def check_upload(address: Address) -> Message | None:
    """
    Find out whether files can be copied to an address, before anything is sent.

    Raises `ConfigError` for what somebody has to repair: a missing package, refused credentials, or
    no such bucket. Returns what a person should know if there is no connection now, since there may
    be one when the run ends.
    """
    try:
        _Folder(address).names()
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - each library has errors of its own
        what = Message(
            "%(path)s: files cannot be copied there (%(text)s)", path=address, text=reason_of(error)
        )
        if _is_outage(error):
            return Message("%(what)s. It is tried again when the run has ended", what=what)
        raise ConfigError(
            what,
            hint="Nothing was sent. Check output and its credentials, and whether there is such a "
            "bucket or folder.",
        ) from None
    return None


def upload(
    address: Address, files: Iterable[Path], *, stem: str, is_gone: Callable[[str], bool]
) -> list[Message]:
    """
    Copy the files of an import, and remove those of earlier runs that are gone here.

    A file at the address is only replaced or removed if it is as the importer has left it, which
    `<stem>.files.json` there knows. `is_gone` says of a name that no file here has it any more.
    Returns what a person should know. Raises `ConfigError` if something fails.
    """
    try:
        copied = _FolderUpload(_Folder(address), stem)
        return copied.carry_out({path.name: path for path in files}, is_gone)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - its words may quote anything
        raise ConfigError(
            "%(path)s: the files cannot be copied there (%(text)s)",
            path=address,
            text=reason_of(error),
            hint=_HINT,
        ) from None


class _FolderUpload:
    """Files that are copied to a folder, and what is known of those that were copied before."""

    def __init__(self, folder: _Folder, stem: str) -> None:
        self._folder = folder
        self._record = f"{stem}.files.json"
        self._there = folder.names()
        self._known = self._read()

    def carry_out(self, files: Mapping[str, Path], is_gone: Callable[[str], bool]) -> list[Message]:
        """Copy and remove what is to be. Returns what a person should know."""
        known = self._known
        news = {name: sha256_of(path) for name, path in files.items()}
        there = {name: self._folder.digest(name) for name in sorted({*news, *known} & self._there)}
        foreign = {
            name for name, one in there.items() if one not in (*known.get(name, ()), news.get(name))
        }
        gone = [name for name in known if name not in news and is_gone(name)]
        copied = [name for name in news if name not in foreign and there.get(name) != news[name]]
        removed = [name for name in gone if name in there and name not in foreign]
        if copied or removed:  # a copy that is cut off in between is known to be ours
            self._write({**known, **{name: [*known.get(name, ()), news[name]] for name in copied}})
        for name in copied:
            self._folder.put(files[name], name)
        for name in removed:
            self._folder.remove(name)
        kept = {name: hashes for name, hashes in known.items() if name not in gone}
        self._write({**kept, **{name: [one] for name, one in news.items() if name not in foreign}})
        return [self._left(name, files.get(name)) for name in sorted(foreign & {*news, *gone})]

    def _left(self, name: str, file: Path | None) -> Message:
        what = Message(
            "%(name)s is not as the importer has left it, and stays",
            name=self._folder.address_of(name),
        )
        if file is None:
            return what
        return Message(
            "%(what)s. Today's is %(name)s; it is copied once that one is renamed or removed",
            what=what,
            name=file,
        )

    def _read(self) -> _Hashes:
        """Return what is known of the files there. Raises `ConfigError` for a record of others."""
        if self._record not in self._there:
            return {}
        try:
            found = json.loads(self._folder.read(self._record))
            if found["made_by"] == _MADE_BY:
                return {
                    str(name): [str(one) for one in all_] for name, all_ in found["files"].items()
                }
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        raise ConfigError(
            "%(path)s is not a record of the importer: nothing is copied",
            path=self._folder.address_of(self._record),
            hint=Message("Remove it, or name another address. %(hint)s", hint=_HINT),
        )

    def _write(self, known: _Hashes) -> None:
        """Put on record what is known of the files there, unless it is there already."""
        if known == self._known:
            return
        self._known = known
        if not known:
            self._folder.remove(self._record)
            return
        with spool_folder() as spool:
            path = spool / self._record
            path.write_text(json.dumps({"made_by": _MADE_BY, "files": known}), encoding="utf-8")
            self._folder.put(path, self._record)


class _Folder:
    """The folder at an address. Each method may raise whatever its library raises."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._system, path = file_system(address.whole)
        # Without a path it is the folder in which sftp puts this user, which need not be the root.
        home = "." if hasattr(self._system, "ftp") else ""
        self._path = path.rstrip("/") or path[:1] or home

    def address_of(self, name: str) -> str:
        return f"{str(self._address).rstrip('/')}/{name}"

    def names(self) -> set[str]:
        """Return the names of its files. It is made if only the folder itself is missing."""
        try:
            found = self._system.ls(self._path, detail=True)
        except FileNotFoundError:
            with suppress(FileExistsError):
                self._system.mkdir(self._path, create_parents=False)  # never a bucket
            return set()
        return {one["name"].rpartition("/")[2] for one in found if one["type"] == "file"}

    def digest(self, name: str) -> str:
        with self._system.open(self._at(name), "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def read(self, name: str) -> bytes:
        return bytes(self._system.cat_file(self._at(name)))

    def put(self, file: Path, name: str) -> None:
        """Copy a file, so that nobody sees a part of it under its name."""
        if not self._renames():
            self._system.put_file(str(file), self._at(name))  # it is there when it is whole
            return
        part = self._at(f".{name}.part")
        try:
            self._system.put_file(str(file), part)
            self._system.mv(part, self._at(name))
        except Exception:
            with suppress(Exception):  # what has failed before says why
                self._system.rm_file(part)
            raise

    def remove(self, name: str) -> None:
        self._system.rm_file(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self._path.rstrip('/')}/{name}" if self._path else name

    def _renames(self) -> bool:
        """Return whether it can rename a file; what stores objects would copy it once more."""
        from fsspec import AbstractFileSystem

        return type(self._system).mv is not AbstractFileSystem.mv


def _is_outage(error: BaseException | None) -> bool:
    """Return whether there was no connection, which some libraries say in words of their own."""
    while error is not None:
        if isinstance(error, OSError):
            return not isinstance(error, _TO_BE_REPAIRED)
        error = error.__cause__ or error.__context__
    return False
