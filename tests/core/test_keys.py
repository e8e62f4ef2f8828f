"""Vectors that hold the format of hashes and keys still."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from importer.core import keys

DOCS = Path(__file__).parents[2] / "docs"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# Each text is written by hand from RFC 8785; each digest was made with sha256sum.
ROW_HASHES = [
    pytest.param(
        "contact",
        {"last_name": "Haddad", "first_name": "Rana"},
        '{"fields":{"first_name":"Rana","last_name":"Haddad"},"object":"contact"}',
        "a1964ee954932edf8905a0fe0b424f2bd9c59901d9a81f3fb4713ca04e28ab3c",
        id="names are sorted",
    ),
    pytest.param(
        "contact",
        {"name": "ليلى الحداد", "notes": 'says "5\'11""\n\x1f\x7f/'},
        '{"fields":{"name":"ليلى الحداد","notes":"says \\"5\'11\\"\\"\\n\\u001f\x7f/"},'
        '"object":"contact"}',
        "f325f6e7374bf94ccd2557543c217e1569f325f0c4aad9b9527b0fa5cf947749",
        id="Arabic and escapes",
    ),
    pytest.param(
        "lead",
        {
            "qualification_score": 80,
            "attributes": {"\U0001f600": 1, "\ufb01": 2, "budget": 1.5e30, "on": True, "off": None},
            "tags": ["a", "b"],
        },
        '{"fields":{"attributes":{"budget":1.5e+30,"off":null,"on":true,"\U0001f600":1,"\ufb01":2},'
        '"qualification_score":80,"tags":["a","b"]},"object":"lead"}',
        "d0e869822400c274327501419634a45634980605bb3db207e426e5dd50e99197",
        id="UTF-16 order: an emoji before U+FB01",
    ),
    pytest.param(
        "deal",
        {"a": 2**53 + 1, "b": Decimal("0.1000000000000000000000000000000000001"), "c": -0.0},
        '{"fields":{"a":9007199254740993,"b":0.1000000000000000000000000000000000001,"c":0},'
        '"object":"deal"}',
        "af59fafff9ccf5bef32e82a788cbf2e7e956267ce6a65891e3c9bdfd720e4bda",
        id="no digit is lost",
    ),
]


@pytest.mark.parametrize(("object_", "fields", "text", "digest"), ROW_HASHES)
def test_row_hash_vectors(object_: str, fields: dict[str, Any], text: str, digest: str) -> None:
    assert keys.row_hash(object_, fields) == sha256(text) == digest


@pytest.mark.parametrize(
    ("values", "text", "digest"),
    [
        (
            {"Name": "Rana", "E-mail": ""},
            '{"E-mail":"","Name":"Rana"}',
            "2ed72d404e0d78a675cce15640047d629702077f280d6e297270ffa71b9fb759",
        ),
        (
            {"الاسم": "ليلى"},
            '{"الاسم":"ليلى"}',
            "a699a27f82df2b2284507469b76188121f51bdc14720e37df5fc7e480188933a",
        ),
        (
            {"id": 12345678901234567890123, "tags": []},
            '{"id":12345678901234567890123,"tags":[]}',
            "e416e74ed93bbb11748bfeb0eaaaeb0bcf0031cac9b78c2e120bf33b29d69925",
        ),
        (
            '1,"Bob,x',
            '"1,\\"Bob,x"',
            "58afbbd186f572e1c92933edcc9a467c66949378d9446a528db2e2978c9a55a4",
        ),
        ({}, "{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
    ],
)
def test_source_hash_vectors(values: Any, text: str, digest: str) -> None:
    assert keys.source_hash(values) == sha256(text) == digest


ROW_HASH = "a1964ee954932edf8905a0fe0b424f2bd9c59901d9a81f3fb4713ca04e28ab3c"


@pytest.mark.parametrize(
    ("details", "text", "digest"),
    [
        (
            {},
            f'["","contact","row","{ROW_HASH}",1]',
            "1182c7d46217e481a2399d1b15a020e91e477d0b8889c6a2f6f2c2664494f25a",
        ),
        (
            {"namespace": "2024 é"},
            f'["2024 é","contact","row","{ROW_HASH}",1]',
            "48e8ebd0ab5e6274b2dd87a27f70aadb43736602be826422ab2836083c9ff161",
        ),
        (
            {"occurrence": 2},
            f'["","contact","row","{ROW_HASH}",2]',
            "04657ee81baa48efef0476a6ff00fccd49fc979b8c783f7a18e216287536bd9f",
        ),
        (
            {"identity": ("K-17", None, 5)},
            '["","contact","identity",["K-17",null,5],1]',
            "242f69b1c9047ffc392ba46fd09141c41f907d0d3360f714410a4ce0da5b2705",
        ),
        (
            {"identity": (), "occurrence": 3},
            '["","contact","identity",[],3]',
            "d6edaa25d4dfd5b56b5af4190dd6ac067bec469224e6d5d3f2402616aadf2730",
        ),
    ],
)
def test_row_key_vectors(details: dict[str, Any], text: str, digest: str) -> None:
    assert keys.row_key("contact", ROW_HASH, **details) == "vi1-" + sha256(text)
    assert sha256(text) == digest


def test_a_key_fits_the_endpoint_and_holds_no_data() -> None:
    key = keys.row_key("contact", ROW_HASH, identity=("rana@example.com",))
    assert re.fullmatch(r"vi1-[0-9a-f]{64}", key)


def test_each_further_attempt_counts_on() -> None:
    first = keys.row_key("contact", ROW_HASH)
    second = keys.next_key(first)
    third = keys.next_key(second)
    assert (second, third) == (f"{first}-2", f"{first}-3")
    assert [keys.key_attempt(key) for key in (first, second, third)] == [1, 2, 3]
    assert {keys.key_base(key) for key in (first, second, third)} == {first}


@pytest.mark.parametrize("text", ["", "vi1-abc", "vi2-" + "0" * 64, "vi1-" + "0" * 64 + "-0"])
def test_what_is_no_key_of_ours_is_refused(text: str) -> None:
    assert not keys.is_key(text)
    with pytest.raises(ValueError, match="not a key of the form"):
        keys.next_key(text)


def test_the_example_in_the_docs_is_right() -> None:
    page = (DOCS / "results-file.md").read_text(encoding="utf-8")
    example = dict(
        re.findall(r"^(row_hash|source_hash|idempotency_key) *= (\S+)$", page, re.MULTILINE)
    )
    texts = re.findall(
        r"^ {4}([{\[].*[}\]])$", page[page.index("A worked example") :], re.MULTILINE
    )
    assert example["source_hash"] == sha256(texts[0]) == keys.source_hash(json.loads(texts[0]))
    record = json.loads(texts[1])
    row_hash = keys.row_hash(record["object"], record["fields"])
    assert example["row_hash"] == sha256(texts[1]) == row_hash
    assert example["idempotency_key"] == "vi1-" + sha256(texts[2])
    assert example["idempotency_key"] == keys.row_key(record["object"], row_hash)
