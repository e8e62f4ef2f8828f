"""The source hashes of many versions of a row in one text, 43 bytes each."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable

_BYTES = 32


def pack_hashes(hashes: Iterable[str]) -> str:
    """
    Return hashes, which are SHA-256 in hex, as one text: base64 of their bytes, joined.

        >>> pack_hashes(["00" * 32])
        'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
    """
    return b64encode(bytes.fromhex("".join(hashes))).decode()


def unpack_hashes(text: object) -> tuple[str, ...]:
    """
    Return the hashes in such a text. Raises `ValueError` or `TypeError` if it is none.

        >>> unpack_hashes(pack_hashes(["00" * 32, "ff" * 32])) == ("00" * 32, "ff" * 32)
        True
    """
    if not isinstance(text, str):
        raise TypeError("not a text")
    joined = b64decode(text, validate=True)
    if len(joined) % _BYTES:
        raise ValueError("a hash is cut")
    return tuple(joined[at : at + _BYTES].hex() for at in range(0, len(joined), _BYTES))
