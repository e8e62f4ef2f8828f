"""A real SFTP server in this process, for a folder here."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_FAILURE, SFTP_OK

__all__ = ["PASSWORD", "SftpServer", "sftp_server"]

PASSWORD = "hunter2"
_KEY = paramiko.RSAKey.generate(2048)


class SftpServer:
    """
    Serves the files of a folder to user `ann`, and does without what a test has `broken`.

    Paths that do not begin with `/` are in the folder `home`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broken: set[str] = set()
        self.home = ""
        self._is_stopped = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._serve)

    def url(self, path: str, user: str = f"ann:{PASSWORD}@") -> str:
        return f"sftp://{user}127.0.0.1:{self._listener.getsockname()[1]}{path}"

    def names(self, folder: str = "out") -> set[str]:
        return {path.name for path in (self.folder / folder).iterdir()}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopped = True
        # A listener that is only closed does not wake who waits for a connection.
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()
        for transport in self._transports:
            transport.close()
            transport.join()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._is_stopped:
                connection.close()
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(_KEY)
            transport.set_subsystem_handler("sftp", SFTPServer, _Files, self)
            self._transports.append(transport)
            transport.start_server(threading.Event(), server=_Login())


class _Login(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        is_right = (username, password) == ("ann", PASSWORD)
        return AUTH_SUCCESSFUL if is_right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return OPEN_SUCCEEDED

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "password"


def _answered(work: Callable[[], Any]) -> Any:
    try:
        found = work()
    except OSError as error:
        return SFTPServer.convert_errno(error.errno or 0)
    return SFTP_OK if found is None else found


class _Files(SFTPServerInterface):
    def __init__(self, server: Any, here: SftpServer) -> None:
        super().__init__(server)
        self._here = here

    def _at(self, path: str) -> Path:
        whole = path if path.startswith("/") else f"/{self._here.home}/{path}"
        return self._here.folder / self.canonicalize(whole).lstrip("/")

    def list_folder(self, path: str) -> Any:
        def listed() -> list[SFTPAttributes]:
            return [
                SFTPAttributes.from_stat(one.stat(), one.name) for one in self._at(path).iterdir()
            ]

        return _answered(listed)

    def stat(self, path: str) -> Any:
        return _answered(lambda: SFTPAttributes.from_stat(self._at(path).stat()))

    lstat = stat

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> Any:  # noqa: ARG002
        if "write" in self._here.broken and flags & os.O_WRONLY:
            return SFTP_FAILURE

        def opened() -> SFTPHandle:
            mode = "wb" if flags & os.O_WRONLY else "rb"
            handle = SFTPHandle(flags)
            handle.readfile = handle.writefile = self._at(path).open(mode)  # type: ignore[attr-defined]
            return handle

        return _answered(opened)

    def remove(self, path: str) -> Any:
        return _answered(self._at(path).unlink)

    def posix_rename(self, oldpath: str, newpath: str) -> Any:
        if "rename" in self._here.broken:
            return SFTP_FAILURE
        return _answered(lambda: os.replace(self._at(oldpath), self._at(newpath)))  # noqa: PTH105

    def mkdir(self, path: str, attr: SFTPAttributes) -> Any:  # noqa: ARG002
        return _answered(self._at(path).mkdir)


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """Yield a server of a folder that is at work."""
    server = SftpServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
