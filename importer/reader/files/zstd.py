"""Opens zstd files with Python's own module where it has one, else with the `zstd` extra."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable
from typing import IO, Any

from importer.errors import SourceError

__all__ = ["open_zstd"]

_BLOCK = 128 * 1024
_FED = 1024  # at most 32 MiB come of so much: zstd packs up to 32,000 to 1


def open_zstd(stream: IO[bytes]) -> IO[bytes]:
    """
    Return the unpacked bytes of a stream.

    Reading them raises `EOFError` where the stream is cut off, `OSError` where it is damaged.
    Raises `SourceError` where nothing here can unpack it.
    """
    return io.BufferedReader(_Frames(stream, _decompressor_factory()), _BLOCK)


def _decompressor_factory() -> Callable[[], Any]:
    try:
        return importlib.import_module("compression.zstd").ZstdDecompressor  # type: ignore[no-any-return]
    except ImportError:
        pass
    try:
        zstandard = importlib.import_module("zstandard")
    except ImportError:
        raise SourceError(
            "a file packed with zstd needs one more package",
            hint="pip install 'vorel-importer[zstd]', or unpack the file first.",
        ) from None
    return lambda: zstandard.ZstdDecompressor().decompressobj()


class _Frames(io.RawIOBase):
    """Reads one frame after the other: zstd's own reader takes a file cut off for a whole one."""

    def __init__(self, stream: IO[bytes], new_decompressor: Callable[[], Any]) -> None:
        self._stream = stream
        self._new = new_decompressor
        self._decompressor = new_decompressor()
        self._is_between = True
        self._packed = b""
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            if self._decompressor.eof:
                self._packed = self._decompressor.unused_data
                self._decompressor = self._new()
                self._is_between = True
            packed = self._packed or self._stream.read(_FED)
            self._packed = b""
            if not packed:
                if self._is_between:
                    return 0
                raise EOFError
            self._is_between = False
            self._held = self._decompress(packed)
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _decompress(self, packed: bytes) -> bytes:
        try:
            return bytes(self._decompressor.decompress(packed))
        except Exception as error:  # each of the two modules has an exception of its own
            raise OSError(str(error)) from error
