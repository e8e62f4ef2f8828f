"""Decides a file's encoding: stated, marked, checked to be UTF-8, or guessed from its letters."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from importer.core.errors import EncodingUnclear, SourceError
from importer.core.locale.message import Message
from importer.reader.encoding.guess import ENCODINGS, Guess, guess_encodings
from importer.reader.files.mojibake import first_garbled_word
from importer.reader.files.scan import FileScan, bom_encoding
from importer.reader.files.source_file import SourceFile

STATE_ENCODING = Message(
    "State the encoding: --encoding windows-1252 (Western), windows-1256 (Arabic), "
    'or encoding = "…" under [read] in the mapping file.'
)
_BAD_LINES_FOR_ONE_BY_CHANCE = 20
_CANDIDATES_NAMED = 3
# Logarithms: how much less likely than the first an encoding of the list's country may be, and how
# much more likely than the next one of it.
_NEAR, _LEAD = 6.0, 1.0
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_UTF8_OR_WIDER = {"utf-8", "utf-8-sig", "utf-7", "ascii"}
_SAMPLE_LETTERS = (0xE9, 0x436, 0x627, 0x3B1, 0xE01, 0x4E2D, 0x3042, 0xAC00)
_MIN_ASCII_SHARE = 0.05
_MAX_ODD_SHARE = 0.01
_USUAL = "windows-1252"
"""The code page of Windows for the languages of all countries that have no other one."""


def _keep_as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Decode each invalid byte as U+DC00 + byte, so that only its own row is rejected."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("vorel-keep", _keep_as_surrogates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The encoding to read a file with, and what people should know about it."""

    name: str
    notices: tuple[Message, ...] = ()


def detect_encoding(file: SourceFile, stated: str | None) -> Encoding:
    """
    Return the encoding of a file.

    A byte order mark decides, even against `stated`: the program that saved the file wrote it.
    Next comes the stated encoding, unless it has one byte a letter and the file is UTF-8 from its
    beginning to its end. Otherwise the whole file is read. It is UTF-8 if all its lines are, or
    most of them: the others are rejected row by row. If not, the encoding is guessed from its
    letters.

    Raises `SourceError` if no guess is certain enough, and for such a stated encoding.
    """
    with file.path.open("rb") as stream:
        head = stream.read(64 * 1024)
    if marked := bom_encoding(head):
        wide = marked != "utf-8-sig"
        return Encoding(name=marked, notices=() if wide else _garbled(file, stated))
    if stated is not None:
        name = codecs.lookup(stated).name
        if name in {"utf-16", "utf-32"}:
            # Without a byte order mark, Python's decoder of these two fails in mid-file.
            return Encoding(name=f"{name}-le")
        _check_stated(file, name)
        return Encoding(name=stated, notices=_garbled(file, stated) if name == "utf-8" else ())
    if wide_name := _wide_encoding(head):
        notice = Message(
            "read as %(encoding)s, without a byte order mark; if that is wrong, use --encoding",
            encoding=wide_name,
        )
        return Encoding(name=wide_name, notices=(notice,))
    content = file.content
    if content.bad:
        return _not_all_utf8(file, content)
    return Encoding(name="utf-8", notices=_garbled(file, None))


def encoding_for_region(file: SourceFile, region: str) -> tuple[str, str] | None:
    """
    Return the encoding of a file and one of its words, if only the list's country decides it.

    None if the letters alone are certain, or fit no encoding of `region` (ISO 3166-1).
    """
    with file.path.open("rb") as stream:
        head = stream.read(64 * 1024)
    if bom_encoding(head) or b"\0" in head:
        return None
    content = file.content
    if not content.bad or content.good:
        return None
    guesses, is_sure = guess_encodings(content.bad_lines)
    if is_sure or not guesses:
        return None
    usual, best = encodings_of_region(region), guesses[0]
    near = [one for one in guesses if best.score - one.score <= _NEAR]
    near = [one for one in near if one.plausible or not best.plausible]
    fitting = [one for one in near if one.encoding in usual and not _mixes_scripts(one.text)]
    if not fitting or (len(fitting) > 1 and fitting[0].score - fitting[1].score < _LEAD):
        return None
    return fitting[0].encoding, fitting[0].example


def _mixes_scripts(text: str) -> bool:
    """Return whether a word has letters of ASCII beside letters that are not Latin."""
    return any(
        re.search("[A-Za-z]", word) is not None and any(map(_is_foreign, word))
        for word in text.split()
    )


def _is_foreign(char: str) -> bool:
    is_letter = not char.isascii() and unicodedata.category(char)[0] in "LM"
    return is_letter and "LATIN" not in unicodedata.name(char, "")


def _check_stated(file: SourceFile, name: str) -> None:
    """
    Raise `SourceError` where a file is UTF-8, and an encoding of one byte a letter is stated.

    No text in such an encoding is UTF-8 by chance: each non-ASCII letter would have to be
    followed by exactly the letters that make it valid. It would be sent as "RenÃ©", for good.
    """
    if name in _UTF8_OR_WIDER or not _is_single_byte(name):
        return
    content = file.content
    if content.bad or not content.good:
        return
    line = content.good_lines[0]
    word = next((one for one in line.split() if not one.isascii()), line)
    shown, wrong = word.decode("utf-8", "replace")[:40], word.decode(name, "replace")[:80]
    raise SourceError(
        "%(name)s is UTF-8 and not %(encoding)s, as stated: “%(text)s” would be sent as "
        "“%(text_2)s”",
        name=file.name,
        encoding=name,
        text=shown,
        text_2=wrong,
        hint="Remove the encoding (--encoding, or encoding under [read] in the mapping file): "
        "UTF-8 is found without it.",
    )


def _is_single_byte(name: str) -> bool:
    """Return whether each letter is one byte in an encoding; False for what encodes no text."""
    try:
        return all(len(chr(code).encode(name, "ignore")) <= 1 for code in _SAMPLE_LETTERS)
    except (LookupError, UnicodeError):
        return False


def _wide_encoding(head: bytes) -> str | None:
    """Return the form of UTF-16 or UTF-32 that bytes without a byte order mark are in, or None."""
    if b"\0" not in head:
        return None
    whole = head[: len(head) // 4 * 4] if len(head) >= 4 else head
    for name in _WIDE:
        text = whole.decode(name, "replace")
        ascii_ = sum(" " <= char <= "~" or char in "\t\r\n" for char in text)
        odd = sum(unicodedata.category(char) in {"Cc", "Cn", "Co", "So"} for char in text) - sum(
            char in "\t\r\n" for char in text
        )
        if ascii_ >= _MIN_ASCII_SHARE * len(text) and odd <= _MAX_ODD_SHARE * len(text):
            return name
    return None


def _not_all_utf8(file: SourceFile, content: FileScan) -> Encoding:
    guesses, sure = guess_encodings(content.bad_lines)
    by_chance = content.good * _BAD_LINES_FOR_ONE_BY_CHANCE < content.bad
    if sure and (by_chance or _fits(content.good_lines, guesses[0], content)):
        return _read_as(content, guesses[0])
    is_json = content.head.lstrip().startswith((b"{", b"["))
    if (is_json or not content.header_bad) and (content.good or content.bad == 1):
        return Encoding(name="utf-8", notices=(_some_bad(content, guesses),))
    others = Message(" (%(count)s others are)", count=content.good) if content.good else ""
    raise EncodingUnclear(
        "%(name)s, line %(line)s: not UTF-8, like %(lines)s with non-ASCII "
        "letters%(others)s, and the encoding cannot be guessed with certainty",
        name=file.name,
        line=content.first_bad,
        lines=_lines(content.bad),
        others=others,
        hint=_state_encoding_hint(guesses),
    )


def _fits(lines: list[bytes], guess: Guess, content: FileScan) -> bool:
    """Return whether `lines` are UTF-8 by chance, as text of two bytes a letter can be."""
    if content.bad <= content.good:
        return False
    others = guess_encodings(lines)[0]
    return any(other.plausible for other in others if other.encoding == guess.encoding)


def _read_as(content: FileScan, guess: Guess) -> Encoding:
    also = ENCODINGS[guess.encoding].common_name
    name = f"{guess.encoding} ({also})" if also else guess.encoding
    notice = Message(
        "read as %(encoding)s (likely): e.g. “%(text)s”; if that is wrong, state the encoding with "
        "--encoding",
        encoding=name,
        text=guess.example,
    )
    if not content.good:
        return Encoding(name=guess.encoding, notices=(notice,))
    mixed = Message(
        "%(lines)s could also be UTF-8: check how they are read", lines=_lines(content.good)
    )
    return Encoding(name=guess.encoding, notices=(notice, mixed))


def _some_bad(content: FileScan, guesses: list[Guess]) -> Message:
    best = guesses[0] if guesses and guesses[0].plausible else None
    looks: str = ""
    if best is not None:
        looks = Message(
            ", but maybe as %(encoding)s (“%(text)s”)", encoding=best.encoding, text=best.example
        )
    return Message(
        "%(lines)s of this UTF-8 file cannot be read as UTF-8%(looks)s; the first is line "
        "%(line)s; these rows are rejected (encoding_error)",
        lines=_lines(content.bad),
        looks=looks,
        line=content.first_bad,
    )


def _lines(count: int) -> Message:
    return Message("%(count)s lines", count=f"{count:,}") if count != 1 else Message("1 line")


def _state_encoding_hint(guesses: list[Guess]) -> Message:
    named = guesses[:_CANDIDATES_NAMED]
    words = zip(*(guess.text.split() for guess in named), strict=False)
    # The word that they decode in the most ways shows the difference best.
    most_different = max(words, key=lambda some: len(set(some)), default=None)
    examples = most_different or [guess.example for guess in named]
    samples = [
        Message(
            "%(encoding)s gives “%(text)s”",
            encoding=guess.encoding,
            text=example.strip("().:-/,")[:40],
        )
        for guess, example in zip(named, examples, strict=True)
    ]
    if not samples:
        return STATE_ENCODING
    likely = " or ".join(f"--encoding {guess.encoding} ({guess.language})" for guess in named)
    return Message(
        'State the encoding: %(flag)s, or encoding = "…" under [read] in the mapping file. '
        "%(samples)s.",
        flag=likely,
        samples=samples,
    )


def _garbled(file: SourceFile, stated: str | None) -> tuple[Message, ...]:
    """Return a notice if text was garbled before it was saved. It is not repaired here."""
    if stated is not None and not file.is_scanned:
        return ()  # a stated encoding is no reason to read the whole file
    content = file.content
    word = first_garbled_word(content.garbled_line) if content.garbled else None
    if word is None:
        return ()
    notice = Message(
        "%(lines)s with garbled letters, the first is line %(line)s: “%(text)s” was “%(text_2)s” "
        "before the list was saved with a wrong encoding. It is imported unchanged: to repair it, "
        "export the list again as UTF-8",
        lines=_lines(content.garbled),
        line=content.first_garbled,
        text=word.garbled,
        text_2=word.original,
    )
    return (notice,)


def encodings_of_region(region: str) -> frozenset[str]:
    """
    Return the encodings of lists from a country, by its ISO 3166-1 code.

    >>> sorted(encodings_of_region("TR"))
    ['cp857', 'windows-1254']
    """
    pages = [one.name for one in ENCODINGS.values() if region in one.countries] or [_USUAL]
    return frozenset(one.name for one in ENCODINGS.values() if one.alphabet in pages)
