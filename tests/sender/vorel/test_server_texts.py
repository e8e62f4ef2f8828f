"""What a server wrote, made fit to be kept: disguised keys and signs that are not seen."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer.sender.vorel.server_texts import MAX_TEXT, redact, single, tidy

DIGITS = "3f9a0c71e5d2b8460a1fce937b54d28e6c03f7a9b1e84d52"
KEY = f"vapk_live_{DIGITS}"


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        KEY.upper(),
        DIGITS,
        DIGITS[:20],
        KEY.replace("_", "%5F"),
        KEY.replace("_", "%255f"),
        "".join(f"%{ord(sign):02x}" for sign in KEY),
        "".join(f"\\u{ord(sign):04x}" for sign in KEY),
        "".join(f"\\\\x{ord(sign):02X}" for sign in KEY),
        "".join(f"&#{ord(sign)};" for sign in KEY),
        "".join(f"&amp;#x{ord(sign):x};" for sign in KEY),
        "\0".join(KEY),
        "\u200b".join(KEY),
        " ".join(KEY),
        "%".join(DIGITS[at : at + 2] for at in range(0, 48, 2)),
        KEY.translate({ord(sign): ord(sign) + 0xFEE0 for sign in KEY}),
    ],
)
def test_a_key_in_disguise_is_cut_out(echo: str) -> None:
    cleaned = redact(f"to {echo}, sorry", KEY)

    assert cleaned.startswith("to [API key]")
    assert cleaned.endswith("sorry")
    assert not any(DIGITS[at : at + 6] in cleaned.lower() for at in range(43))


def test_what_is_near_a_key_is_kept() -> None:
    told = "email: 'a@example.com' of vapk_live_ … is 0123456 %5F 100 % &amp; \\u00e9"

    assert redact(told, KEY) == told
    assert redact(f"{KEY} and {KEY}", KEY) == "[API key] and [API key]"


@given(st.text(), st.integers(0, 40), st.text(), st.sampled_from([str, quote, html.escape, repr]))
@example("", 0, "", str)
def test_no_part_of_the_key_survives_whatever_stands_around_it(
    before: str, start: int, behind: str, spelled: object
) -> None:
    part = KEY[start:]
    text = f"{before}{part}{behind}"

    cleaned = tidy(spelled(text), KEY)  # type: ignore[operator]

    assert not any(KEY[at : at + 12] in cleaned for at in range(len(KEY) - 11))
    assert len(cleaned) <= MAX_TEXT + 3


@pytest.mark.parametrize("sign", ["\x1b", "\x9b", "\u202e", "\u2066", "\u200f", "\u2028", "\ufeff"])
def test_signs_that_are_not_seen_are_taken_out(sign: str) -> None:
    assert tidy(f"a{sign}{sign}b", KEY) == "a b"
    assert single(f"a{sign}b", KEY) == "a\ufffdb"
