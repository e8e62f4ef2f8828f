"""Email addresses: RFC 5321 and 5322, mended at the ends, never looked up."""

from __future__ import annotations

import polars as pl
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.email import read_email, read_emails
from importer.mapper.values.texts import BadValue

READ = [
    ("ann@example.com", "ann@example.com"),
    ("Ann.Lee@Example.COM", "Ann.Lee@example.com"),  # RFC 5321, 2.4: the local part has case
    ("ann+list@example.com", "ann+list@example.com"),
    ("o'brien@example.com", "o'brien@example.com"),
    ("a_b-c.d@sub.example.co.uk", "a_b-c.d@sub.example.co.uk"),
    ("{x}!#$%@example.com", "{x}!#$%@example.com"),
    ("ann@x.example", "ann@x.example"),  # RFC 2606
    ("12345@example.com", "12345@example.com"),
    (" ann@example.com ", "ann@example.com"),
    ("ann@example.com.", "ann@example.com"),
    ("ann@example.com;", "ann@example.com"),
    (",ann@example.com,", "ann@example.com"),
    ("<ann@example.com>", "ann@example.com"),
    ("Ann Lee <ann@example.com>", "ann@example.com"),  # RFC 5322, 3.4
    ('"Lee, Ann" <ann@example.com>', "ann@example.com"),
    ('"ann@example.com"', "ann@example.com"),
    ("(ann@example.com)", "ann@example.com"),
    ("‘ann@example.com’", "ann@example.com"),
    ("mailto:ann@example.com", "ann@example.com"),  # RFC 6068
    ("MAILTO:ann@example.com?subject=Hi", "ann@example.com"),
    ("ann@exam\u200bple.com", "ann@example.com"),
    ("\u200eann@example.com\u200f", "ann@example.com"),
    ("ann@\u202aexample.com", "ann@example.com"),
    ("POSTMASTER@example.com", "postmaster@example.com"),  # RFC 2142
    ("ann@müller.de", "ann@xn--mller-kva.de"),  # RFC 5891
    ("ann@XN--MLLER-KVA.de", "ann@xn--mller-kva.de"),
    ("jürgen@example.com", "jürgen@example.com"),  # RFC 6531
    ("أحمد@مثال.إختبار", "أحمد@xn--mgbh0fb.xn--kgbechtv"),
    ("ju\u0308rgen@example.com", "jürgen@example.com"),
    (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
]


@pytest.mark.parametrize(("written", "read"), READ)
def test_an_address(written: str, read: str) -> None:
    assert read_email(written) == read
    assert read_email(read) == read


REFUSED = [
    ("no address", "it has no @"),
    ("-", "it has no @"),
    ("ann@", "after the @-sign"),
    ("@example.com", "before the @-sign"),
    ("ann@@example.com", "@"),
    ("ann lee@example.com", "invalid characters before the @-sign"),
    ("ann..lee@example.com", "two periods in a row"),
    (".ann@example,com", "invalid characters"),
    ("ann@example,com", "invalid characters"),
    ("ann@example", "not valid"),
    ("ann@exa mple.com", "invalid characters"),
    ("ann@-example.com", "hyphen"),
    ("ann@example..com", "two periods in a row"),
    ("ann@ex_ample.com", "invalid characters"),
    ("ann@192.168.1.1", "not valid"),
    ("ann@localhost", "should have a period"),
    ("ann@mail.local", "special-use"),  # RFC 6762
    ("ann@mail.test", "special-use"),  # RFC 6761
    ("ann@mail.invalid", "special-use"),
    (f"{'a' * 65}@example.com", "too long"),
    (f"a@{'b.' * 130}com", "too long"),
    (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.com", "too long"),
    ("ann@example.com;bob@example.com", "more than one address"),
    ("ann@example.com, bob@example.com", "more than one address"),
    ("ann@example.com bob@example.com", "more than one address"),
    ("ann@example.com / bob@example.com", "more than one address"),
    ("A <ann@example.com>, B <bob@example.com>", "more than one address"),
]


@pytest.mark.parametrize(("written", "reason"), REFUSED)
def test_an_address_that_is_refused(written: str, reason: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_email(written)
    assert reason in caught.value.reason


LOCAL = st.text(alphabet="abcXYZ019.!#$%&'*+/=?^_`{|}~- @é", min_size=1, max_size=68)
DOMAIN = st.one_of(
    st.sampled_from(["example.com", "EXAMPLE.org", "müller.de", "x.test", "a..b", "localhost"]),
    st.text(alphabet="abcXYZ09.-_ü", min_size=1, max_size=12),
    st.integers(40, 64).map(lambda size: ".".join(["d" * size] * 4) + ".com"),
)


@given(LOCAL, DOMAIN)
def test_what_is_read_without_the_library_reads_there_the_same(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    if address != address.strip(" .'-"):
        return
    try:
        found = validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError:
        with pytest.raises(BadValue):
            read_email(address)
    else:
        if found.ascii_domain[-2] == ".":  # no top-level domain has one letter
            with pytest.raises(BadValue, match="cut off"):
                read_email(address)
            return
        assert read_email(address) == f"{found.local_part}@{found.ascii_domain}"


@given(st.text(max_size=40))
def test_email_of_an_email_is_itself(text: str) -> None:
    try:
        read = read_email(text)
    except BadValue:
        return
    assert read_email(read) == read


@pytest.mark.parametrize("text", ["ann@example.c", "ann@mail.example.r", "ann@BÜCHER.d"])
def test_an_address_whose_end_was_cut_off_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="its end was cut off"):
        read_email(text)
    assert read_emails(pl.DataFrame({"cell": [text, "ann@example.co"]})).to_list() == [
        None,
        "ann@example.co",
    ]
