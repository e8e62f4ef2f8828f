"""The private folder of the page: one folder for each import, results files side by side."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from importer.core.locale.message import messages_from_json, messages_to_json
from importer.core.shared import HIDDEN
from importer.core.systems.contents import whole_file
from importer.run.config import ImportConfig
from importer.run.file_names import page_results, results_path
from importer.ui.store.state import State

_ID = re.compile(r"[a-z2-7]{12}")
_UNSAFE = re.compile(r"[^\w.()\[\] +&,=@-]+")
_LONGEST_NAME = 100
SCHEMA = "schema.json"
_STATE = "state.json"
_LIST = "list"


def safe_name(name: str) -> str:
    """Return a name of an uploaded file that is safe as the name of a file here."""
    last = re.split(r"[/\\]", HIDDEN.sub("", name))[-1]
    plain = _UNSAFE.sub("_", last).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return plain[:_LONGEST_NAME] or "list"
    return f"{stem[: _LONGEST_NAME - len(ending) - 1] or 'list'}.{ending[:20]}"


class Import:
    """
    One import: its folder with what is known of it, and its state.

    `update` changes the state and keeps it; what is read of it is always whole, since a file is
    replaced and never written over.
    """

    def __init__(self, folder: Path, state: State) -> None:
        self.folder = folder
        self._state = state
        self._lock = threading.RLock()

    @property
    def id(self) -> str:
        """The id of the import, which is in its addresses."""
        return self._state.id

    @property
    def state(self) -> State:
        """The present state; do not change it in place."""
        return self._state

    @property
    def results(self) -> Path:
        """The results file."""
        return Path(self._state.results)

    @property
    def source_stamp(self) -> list[int]:
        """What changes when the list is written to or replaced; empty if it is gone."""
        return stamp(Path(self._state.source))

    @property
    def mapping(self) -> Path:
        """The mapping file."""
        return self.folder / "mapping.toml"

    @property
    def schema(self) -> Path | None:
        """The file with fields of the person's own, or None if there are none."""
        path = self.folder / SCHEMA
        return path if path.exists() else None

    @contextmanager
    def update(self) -> Iterator[State]:
        """Hand out a copy of the state to change. It is kept unless the block raises."""
        with self._lock:
            changed = self._state.model_copy(deep=True)
            yield changed
            write_private(self.folder / _STATE, changed.model_dump_json(indent=1))
            self._state = changed

    def keep(self, name: str, value: Any) -> None:
        """Keep a JSON value in the folder."""
        write_private(
            self.folder / f"{name}.json",
            json.dumps(messages_to_json(value), ensure_ascii=False, default=str),
        )

    def kept(self, name: str) -> Any:
        """Return a value that was kept, or None."""
        try:
            return messages_from_json(
                json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            )
        except (OSError, ValueError):
            return None

    def drop(self, *names: str) -> None:
        """Forget values that were kept."""
        for name in names:
            (self.folder / f"{name}.json").unlink(missing_ok=True)


class Store:
    """All imports of the page, in a folder that only its owner can read."""

    def __init__(self, folder: Path, base_url: str | None = None) -> None:
        """
        Make the folders. Raises `OSError` if that is not possible.

        Imports begin with `base_url`, by default with the service that the environment names.
        """
        self.folder = folder
        self._base_url = base_url
        self.uploads = folder / "uploads"
        self._imports = folder / "imports"
        self._results = page_results(folder)
        for one in (folder, self.uploads, self._imports, self._results):
            one.mkdir(parents=True, exist_ok=True, mode=0o700)
        for one in (self.uploads, self._imports, self._results):
            one.chmod(0o700)
        for left in self.uploads.iterdir():  # of uploads that were cut off
            with suppress(OSError):
                left.unlink()
        self._open: dict[str, Import] = {}
        self._lock = threading.Lock()

    def add_copy(self, upload: Path, name: str) -> Import:
        """
        Begin an import of an uploaded file, which is moved into a folder of its own.

        So it may have any name, those of the page's own files too.
        """
        id_, folder = self._new_folder()
        shown, kept = HIDDEN.sub("", name)[-200:] or "list", safe_name(name)
        source = folder / _LIST / kept
        source.parent.mkdir(mode=0o700)
        upload.replace(source)
        results = self._results / f"{Path(kept).stem}-{id_}.results.jsonl"
        return self._begin(folder, id_, shown, source, results, is_copy=True)

    def add_path(self, source: Path) -> Import:
        """Begin an import of a file where it is. Its results file is beside it, as for `run`."""
        results = results_path(ImportConfig(sources=source))
        id_, folder = self._new_folder()
        return self._begin(folder, id_, source.name, source, results, is_copy=False)

    def _new_folder(self) -> tuple[str, Path]:
        id_ = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(12))
        folder = self._imports / id_
        folder.mkdir(mode=0o700)
        return id_, folder

    def _begin(
        self, folder: Path, id_: str, name: str, source: Path, results: Path, *, is_copy: bool
    ) -> Import:
        state = State(
            id=id_,
            name=name,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            source=str(source),
            is_copy=is_copy,
            results=str(results),
            bytes=source.stat().st_size,
            base_url=self._base_url,
        )
        begun = Import(folder, state)
        with begun.update():
            pass
        with self._lock:
            self._open[id_] = begun
        return begun

    def get(self, id_: str) -> Import | None:
        """Return an import by its id, or None if there is none."""
        if not _ID.fullmatch(id_):
            return None
        with self._lock:
            if id_ not in self._open:
                folder = self._imports / id_
                try:
                    text = (folder / _STATE).read_text(encoding="utf-8")
                    self._open[id_] = Import(folder, State.model_validate_json(text))
                except (OSError, ValueError):
                    return None
            return self._open[id_]

    def all(self) -> list[Import]:
        """Return all imports, the newest first."""
        found = (self.get(folder.name) for folder in self._imports.iterdir())
        return sorted((one for one in found if one is not None), key=lambda one: one.state.at)[::-1]

    def same_list(self, source: Path) -> Import | None:
        """Return the import of the very same file where it is, if there is one."""
        for one in self.all():
            if not one.state.is_copy and Path(one.state.source) == source:
                return one
        return None

    def remove(self, one: Import, *, results: bool) -> None:
        """
        Remove an import with its copy of the list.

        With `results` its results file and the files beside it are removed too, if they are here:
        then nobody knows any more which rows were created.
        """
        with self._lock:
            self._open.pop(one.id, None)
        shutil.rmtree(one.folder, ignore_errors=True)
        if one.results.parent == self._results:
            stem = one.results.name.removesuffix(".results.jsonl")
            for path in self._results.iterdir():
                is_record = path == one.results
                if path.name.startswith(f"{stem}.") and (results or not is_record):
                    path.unlink(missing_ok=True)


def stamp(path: Path) -> list[int]:
    """Return the size and the time of a file, or nothing if there is none."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    with whole_file(path, prefix=".", is_synced=False) as stream:
        stream.write(text.encode())
