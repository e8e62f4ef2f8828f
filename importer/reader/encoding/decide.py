"""Tells a file's encoding: stated, marked, proven to be UTF-8, or told from its letters."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass

from importer.errors import SourceError
from importer.reader.encoding.guess import Guess, guess_encodings
from importer.reader.files.mojibake import mend
from importer.reader.files.scan import Content, marked_encoding
from importer.reader.files.source import SourceFile

__all__ = ["STATE_ENCODING", "Encoding", "tell_encoding"]

STATE_ENCODING = (
    "State the encoding: --encoding windows-1256 (Arabic), windows-1252 (Western), "
    'or encoding = "…" under [read] in the mapping file.'
)
_BY_CHANCE = 20
_NAMED = 3
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_FEWEST_ASCII = 0.05
_MOST_ODD = 0.01
_COMMON_NAMES = {"cp932": "Shift-JIS", "cp949": "EUC-KR", "cp950": "Big5"}


def _keep_as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Turn each undecodable byte into U+DC00+byte, so that only its own row is refused."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("vorel-keep", _keep_as_surrogates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The encoding to read a file with, and what people should know about it."""

    name: str
    notices: tuple[str, ...] = ()


def tell_encoding(file: SourceFile, stated: str | None) -> Encoding:
    """
    Tell the encoding of a file.

    A byte order mark tells it whatever is stated: it is written by the program that saved the
    file. What is stated is taken as said. Else the whole file is read: it is UTF-8 where all, or
    most, of its lines are; the others are refused row by row. Else its letters tell.
    Raises `SourceError` where they do not tell it for sure.
    """
    with file.path.open("rb") as stream:
        head = stream.read(64 * 1024)
    if marked := marked_encoding(head):
        wide = marked != "utf-8-sig"
        return Encoding(name=marked, notices=() if wide else _garbled(file, stated))
    if stated is not None:
        name = codecs.lookup(stated).name
        if name in {"utf-16", "utf-32"}:
            # Without a mark, Python's decoder of these two stops in the middle of the file.
            return Encoding(name=f"{name}-le")
        return Encoding(name=stated, notices=_garbled(file, stated) if name == "utf-8" else ())
    if wide_name := _wide_encoding(head):
        notice = f"read as {wide_name}: it has no byte order mark; if that is wrong, use --encoding"
        return Encoding(name=wide_name, notices=(notice,))
    content = file.content
    if content.bad:
        return _not_all_utf8(file, content)
    return Encoding(name="utf-8", notices=_garbled(file, None))


def _wide_encoding(head: bytes) -> str | None:
    """Return the form of UTF-16 or UTF-32 that bytes without a mark are in, or None."""
    if b"\0" not in head:
        return None
    whole = head[: len(head) // 4 * 4] if len(head) >= 4 else head
    for name in _WIDE:
        text = whole.decode(name, "replace")
        ascii_ = sum(" " <= char <= "~" or char in "\t\r\n" for char in text)
        odd = sum(unicodedata.category(char) in {"Cc", "Cn", "Co", "So"} for char in text) - sum(
            char in "\t\r\n" for char in text
        )
        if ascii_ >= _FEWEST_ASCII * len(text) and odd <= _MOST_ODD * len(text):
            return name
    return None


def _not_all_utf8(file: SourceFile, content: Content) -> Encoding:
    guesses, sure = guess_encodings(content.bad_lines)
    by_chance = content.good * _BY_CHANCE < content.bad
    if sure and (by_chance or _fits(content.good_lines, guesses[0], content)):
        return _read_as(content, guesses[0])
    is_json = content.head.lstrip().startswith((b"{", b"["))
    if (is_json or not content.header_bad) and (content.good or content.bad == 1):
        return Encoding(name="utf-8", notices=(_some_bad(content, guesses),))
    others = f" ({content.good} others are)" if content.good else ""
    raise SourceError(
        f"{file.name}, line {content.first_bad}: not UTF-8, like {_lines(content.bad)} with "
        f"letters beyond ASCII{others}, and it is not sure what else",
        hint=_ask(guesses),
    )


def _fits(lines: list[bytes], guess: Guess, content: Content) -> bool:
    """Tell whether lines are UTF-8 by chance, as happens with encodings of two bytes."""
    if content.bad <= content.good:
        return False
    others = guess_encodings(lines)[0]
    return any(other.plausible for other in others if other.encoding == guess.encoding)


def _read_as(content: Content, guess: Guess) -> Encoding:
    also = _COMMON_NAMES.get(guess.encoding)
    name = f"{guess.encoding} ({also})" if also else guess.encoding
    notice = (
        f"read as {name} (likely): e.g. {guess.example}; if that is wrong, state the encoding "
        "with --encoding"
    )
    if not content.good:
        return Encoding(name=guess.encoding, notices=(notice,))
    mixed = f"{_lines(content.good)} could be UTF-8 all the same: look at what becomes of them"
    return Encoding(name=guess.encoding, notices=(notice, mixed))


def _some_bad(content: Content, guesses: list[Guess]) -> str:
    best = guesses[0] if guesses and guesses[0].plausible else None
    looks = f", and may be {best.encoding}: {best.example}" if best else ""
    return (
        f"{_lines(content.bad)} of this UTF-8 file, the first of them line {content.first_bad}, "
        f"cannot be read as UTF-8{looks}; these rows are refused (encoding_error)"
    )


def _lines(count: int) -> str:
    return f"{count:,} lines" if count != 1 else "1 line"


def _ask(guesses: list[Guess]) -> str:
    named = guesses[:_NAMED]
    words = zip(*(guess.text.split() for guess in named), strict=False)
    # The word that they read in the most ways tells them apart.
    telling = max(words, key=lambda some: len(set(some)), default=None)
    examples = telling or [guess.example for guess in named]
    samples = ", ".join(
        f"{guess.encoding} gives “{example.strip('().:-/,')[:40]}”"
        for guess, example in zip(named, examples, strict=True)
    )
    return f"{STATE_ENCODING} For example, {samples}." if samples else STATE_ENCODING


def _garbled(file: SourceFile, stated: str | None) -> tuple[str, ...]:
    """Return a notice where text was garbled before it was saved. It is never mended here."""
    if stated is not None and not file.is_read:
        return ()  # nobody has read the file yet, and what is stated needs no proof
    content = file.content
    found = mend(content.garbled_line) if content.garbled else None
    if found is None:
        return ()
    notice = (
        f"{_lines(content.garbled)} with garbled letters, the first of them line "
        f"{content.first_garbled}: “{found[0]}” was “{found[1]}” before the list was saved with a "
        "wrong encoding. Nothing is mended here: export the list anew, as UTF-8, or it is imported "
        "as it stands"
    )
    return (notice,)
