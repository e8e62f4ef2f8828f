"""Addresses of remote files, and their form without secrets."""

from __future__ import annotations

import re
from pathlib import PureWindowsPath
from urllib.parse import unquote

ADDRESS = "ADDRESS"
"""The placeholder for an address with a secret, in a command for a person."""

_LINK = re.compile(r"::(?=[A-Za-z][\w+.-]*(?:://|::))")
"""What joins the addresses of a chain, as in `zip://people.csv::https://…`; no part of an IPv6."""
_MARKS = re.compile(r"[+-]|::")
"""What the beginning of an address may have besides letters and digits."""
_COMPUTER = re.compile(r"(?:\[[^]]*\]|[^:]*)(?::\d*)?")
_REFUSED = {
    **dict.fromkeys(("http", "https"), "nothing can be written to a web server"),
    **dict.fromkeys(("file", "local"), "a folder of this computer is named by its path"),
    "ftp": "ftp would show the files to everyone on the way; use sftp",
}


class Address:
    """
    A whole address, which as a text shows no secret.

    >>> address = Address("sftp://ann:secret@example.com/lists/")
    >>> print(address, repr(address), address.whole)
    sftp://example.com/lists/ Address('sftp://example.com/lists/') sftp://ann:secret@example.com/lists/
    """

    __slots__ = ("whole",)

    def __init__(self, whole: str) -> None:
        self.whole = whole.strip()

    def __str__(self) -> str:
        return shown(self.whole)

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.whole == other.whole

    def __hash__(self) -> int:
        return hash(self.whole)


def is_remote(source: str) -> bool:
    """
    Return whether a source is an address, and not a file here.

    >>> is_remote("s3://lists/people.csv"), is_remote("C:/lists/people.csv")
    (True, False)
    """
    scheme, found, _ = source.strip().partition("://")
    return bool(found) and len(scheme) > 1 and _MARKS.sub("", scheme).isalnum()


def is_secret(source: str) -> bool:
    """
    Return whether an address has something that `shown` leaves out.

    >>> is_secret("s3://lists/people.csv"), is_secret("sftp://ann@example.com/people.csv")
    (False, True)
    """
    return shown(source) != source.strip()


def name_of(source: str) -> str:
    """
    Return the file name in an address, which holds no password.

    >>> name_of("https://ann:secret@example.com/lists/people%20here.csv?sig=secret")
    'people here.csv'
    """
    links = _LINK.split(source.strip())
    link = next((one for one in links if "://" in one), "")
    _, host, path = _parts(link)
    is_within = len(links) > 1 and not path  # a file at the top of an archive
    # On Windows a backslash would lead out of the folder that the copy is for.
    name = PureWindowsPath(unquote(host if is_within else path).lstrip("/")).name
    return "list" if name in {"", ".."} else name


def shown(source: str) -> str:
    """
    Return an address without what could be a secret: user, password, query and fragment.

    >>> shown("https://ann:secret@example.com/people.csv?sig=secret")
    'https://example.com/people.csv'
    >>> shown("https://ann:sec/ret@example.com/people.csv")  # such a password is cut
    'https://…'
    >>> shown("sftp://ann:secret/people.csv")  # whoever has left out the computer
    'sftp://…'
    """
    return "::".join(map(_shown, _LINK.split(source.strip())))


def unwritable(address: Address) -> str | None:
    """
    Return why files cannot be written to an address of this kind, or None.

    >>> unwritable(Address("https://example.com/lists/"))
    'nothing can be written to a web server'
    """
    scheme = address.whole.partition("://")[0].lower()
    return "it is a chain of addresses" if _LINK.search(address.whole) else _REFUSED.get(scheme)


def _shown(link: str) -> str:
    scheme, host, path = _parts(link)
    if "://" not in link:
        return scheme
    after = link.partition("://")[2].removeprefix(host)
    may_be_cut = "@" in after and ("@" in host or ":" in host)
    computer = host.rpartition("@")[2]
    is_one = _COMPUTER.fullmatch(computer) is not None  # what follows its name is a port
    return f"{scheme}://{computer}{path}" if is_one and not may_be_cut else f"{scheme}://…"


def _parts(link: str) -> tuple[str, str, str]:
    """Return the scheme, the host with its user, and the path, of addresses with faults too."""
    scheme, _, rest = link.partition("://")
    address = re.split("[?#]", rest, maxsplit=1)[0]
    host, slash, path = address.partition("/")
    return scheme, host, slash + path
