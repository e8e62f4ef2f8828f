"""Web addresses: http and https only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.url import read_url
from importer.mapper.values.texts import (
    BadValue,
)

URLS = [
    ("https://example.com", "https://example.com"),
    ("HTTP://Example.COM/Path?q=A#F", "http://example.com/Path?q=A#F"),  # RFC 3986, 6.2.2.1
    ("example.com", "https://example.com"),
    ("www.Example.com/shop", "https://www.example.com/shop"),
    ("//example.com", "https://example.com"),
    ("example.com:8080/x", "https://example.com:8080/x"),
    ("http://example.com.", "http://example.com"),
    ("<https://example.com/>", "https://example.com/"),
    (" https://example.com\u200f", "https://example.com"),
    ("http://192.0.2.1/x", "http://192.0.2.1/x"),
    ("https://müller.example/ü", "https://xn--mller-kva.example/ü"),  # RFC 5891
    ("موقع.وزارة-الاتصالات.مصر", "https://xn--4gbrim.xn----ymcbaaajlc6dj7bxne2c.xn--wgbh1c"),
    ("https://instagram.com/@ann", "https://instagram.com/@ann"),
]


@pytest.mark.parametrize(("written", "read"), URLS)
def test_url(written: str, read: str) -> None:
    assert read_url(written) == read
    assert read_url(read) == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("n/a", "no host"),
        ("-", "no host"),
        ("none", "no host"),
        ("localhost", "no host"),
        ("http://1.2.3", "no host"),
        ("http://999.1.1.1", "no host"),
        ("https://[::1]/", "no host"),
        ("https://bad..com", "no host"),
        ("https://", "no host"),
        ("example.com/a b", "not a web address"),
        ("example.com\\x", "not a web address"),
        ("http://example.com:99999", "not a web address"),
        ("http://[x", "not a web address"),
        ("javascript:alert(1)", "begins http"),
        ("ftp://example.com", "begins http"),
        ("mailto:ann@example.com", "begins http"),
        ("http:example.com", "begins http"),
        ("https://bank.example@evil.example", "user's name"),
        ("ann@example.com", "user's name"),
        ("@ann", "user's name"),
        ("https://\u2488com.example", "cannot exist|no host"),
    ],
)
def test_url_that_is_refused(written: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        read_url(written)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_stays_what_it_became(text: str) -> None:
    try:
        once = read_url(text)
    except BadValue:
        return
    assert read_url(once) == once
