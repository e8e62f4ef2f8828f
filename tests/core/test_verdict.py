"""The verdict: each of its sentences, in both languages, and as JSON."""
# ruff: noqa: E501 - a sentence is one text

from __future__ import annotations

import json
from typing import Any

import pytest

from importer.core.locale.language import language
from importer.core.verdict import Lack, Verdict

ALL = {"name": 312, "address": 300, "phone": 312}
CASES: list[tuple[dict[str, Any], str, str, str]] = [
    (
        {"records": 586, "counted": 586, "has": {"name": 0, "address": 491, "phone": 586}},
        "complete",
        "All 586 people are in the CRM: all with a phone, 491 with an email, none with a name.",
        "الكل في نظام CRM: ٥٨٦ شخصًا؛ الكل مع رقم هاتف، ٤٩١ مع عنوان بريد إلكتروني، لا أحد مع اسم.",
    ),
    (
        {"records": 312, "lacks": (Lack(field="email", what="left_out", count=12),)},
        "lacking",
        (
            "All 312 people are in the CRM; 12 were sent without their email, which could not be "
            "read."
        ),
        "الكل في نظام CRM: ٣١٢ شخصًا؛ ١٢ أُرسل بدون عنوان البريد الإلكتروني لتعذّر قراءته.",
    ),
    (
        {"records": 312, "lacks": (Lack(field="birthday", what="left_out", count=12),)},
        "lacking",
        "All 312 people are in the CRM; 12 were sent without their birthday, which could not be read.",
        "الكل في نظام CRM: ٣١٢ شخصًا؛ ١٢ أُرسل بدون حقل «تاريخ الميلاد» لتعذّر قراءته.",
    ),
    (
        {"records": 300, "person": 12, "lacks": (Lack(field="phone", what="kept", count=1),)},
        "partial",
        (
            "300 of 312 people are in the CRM; 1 was sent with their phone as written, since it could "
            "not be read. 12 rows need a person."
        ),
        (
            "في نظام CRM: ٣٠٠ من أصل ٣١٢ شخصًا؛ ١ أُرسل فيه رقم الهاتف كما كُتب لتعذّر قراءته. ١٢ صفًا "
            "يحتاج إلى شخص."
        ),
    ),
    (
        {"records": 405, "changed": 12, "counted": 405, "has": {"name": 405}},
        "changed",
        (
            "All 405 people are in the CRM: all with a name; 12 have changed since they were sent, so "
            "their records need an update."
        ),
        "الكل في نظام CRM: ٤٠٥ أشخاص؛ الكل مع اسم؛ ١٢ تغيّر بعد إرساله، فسجله يحتاج إلى تحديث.",
    ),
    (
        {"object": "deal", "records": 9, "changed": 1, "person": 2, "planned": True},
        "partial",
        (
            "9 of 11 deals are in the CRM; 1 has changed since it was sent, so its record needs an "
            "update. 2 rows need a person."
        ),
        (
            "في نظام CRM: ٩ من أصل ١١ صفقة؛ واحد تغيّر بعد إرساله، فسجله يحتاج إلى تحديث. صفان يحتاجان "
            "إلى شخص."
        ),
    ),
    (
        {"object": "deal", "records": 136, "differing": 756, "differ_in": ("Deal no", "Value")},
        "partial",
        (
            "136 of 892 deals are in the CRM. 892 rows become 136 records: they differ only in Deal "
            "no, Value."
        ),
        "في نظام CRM: ١٣٦ من أصل ٨٩٢ صفقة. ٨٩٢ صف يصبح ١٣٦ سجلًا: تختلف فقط في Deal no، Value.",
    ),
    (
        {"object": "deal", "records": 1, "differing": 9, "differ_in": ("A", "B", "C", "D")},
        "partial",
        "1 of 10 deals is in the CRM. 10 rows become 1 record: they differ in A, B, C and others.",
        "في نظام CRM: ١ من أصل ١٠ صفقات. ١٠ صف يصبح سجلًا واحدًا: تختلف في A، B، C وغيرها.",
    ),
    (
        {"records": 100, "left": 212, "counted": 5, "has": {"name": 5, "phone": 0}},
        "partial",
        (
            "100 of 312 people are in the CRM; the 5 sent last: all with a name, none with a phone. "
            "212 rows are not sent yet."
        ),
        (
            "في نظام CRM: ١٠٠ من أصل ٣١٢ شخصًا؛ ما أُرسل أخيرًا (٥): الكل مع اسم، لا أحد مع رقم هاتف. "
            "٢١٢ صفًا لم يُرسل بعد."
        ),
    ),
    (
        {"planned": True, "to_send": 312, "counted": 312, "has": ALL, "copies": 2},
        "complete",
        (
            "All 312 people can be sent: all with a name, all with a phone, 300 with an email. 2 "
            "rows are copies of others."
        ),
        (
            "يمكن إرسال الكل: ٣١٢ شخصًا؛ الكل مع اسم، الكل مع رقم هاتف، ٣٠٠ مع عنوان بريد إلكتروني. "
            "صفان نسختان من صفين آخرين."
        ),
    ),
    (
        {"planned": True, "to_send": 20, "records": 100, "counted": 20, "has": {"name": 20}},
        "complete",
        (
            "20 of 120 people can be sent, and 100 are in the CRM already; the 20 to send: all with a "
            "name."
        ),
        "يمكن إرسال ٢٠ من أصل ١٢٠ شخصًا، و١٠٠ في نظام CRM من قبل؛ ما سيُرسل (٢٠): الكل مع اسم.",
    ),
    (
        {"object": "case", "planned": True, "person": 3, "undecided": 1},
        "partial",
        (
            "None of 3 cases can be sent. 3 rows need a person. 1 possible duplicate of an earlier "
            "list is not decided yet."
        ),
        (
            "يمكن إرسال: لا شيء من أصل ٣ حالات. ٣ صفوف تحتاج إلى شخص. صف مكرر محتمل واحد من قائمة "
            "سابقة لم يُحسم بعد."
        ),
    ),
    (
        {"object": "appointment", "records": 1, "counted": 1, "has": {"name": 1, "address": 0}},
        "complete",
        "1 appointment is in the CRM: with a name, without an email.",
        "في نظام CRM: موعد واحد؛ مع اسم، بدون عنوان بريد إلكتروني.",
    ),
    (
        {"why": "the API key was refused"},
        "nothing",
        "Nothing was sent: the API key was refused.",
        "لم يُرسل شيء: the API key was refused.",
    ),
    (
        {"records": 6, "counted": 6, "has": {"name": 6}, "alone": 2, "alone_lines": (2, 5)},
        "complete",
        (
            "All 6 people are in the CRM: all with a name. 2 rows have nothing but a name, so "
            "check that they are people (line 2, 5)."
        ),
        (
            "الكل في نظام CRM: ٦ أشخاص؛ الكل مع اسم. صفان ليس فيهما إلا اسم، فتحقق أنهما شخصان "
            "(السطر ٢، ٥)."
        ),
    ),
    (
        {"records": 6, "counted": 6, "has": {"name": 6}, "alone": 4, "alone_lines": (2, 5, 6, 7)},
        "complete",
        "All 6 people are in the CRM: all with a name.",
        "الكل في نظام CRM: ٦ أشخاص؛ الكل مع اسم.",
    ),
    ({}, "empty", "The list has no rows.", "ليس في القائمة صفوف."),
]


@pytest.mark.parametrize(("said", "code", "english", "arabic"), CASES)
def test_each_sentence(said: dict[str, Any], code: str, english: str, arabic: str) -> None:
    verdict = Verdict(**{"object": "contact", **said})
    assert verdict.code == code
    assert verdict.words() == english
    assert verdict.words(language("ar")) == arabic
    kept = json.loads(json.dumps(verdict.to_json()))
    assert kept["code"] == code
    assert Verdict.from_json(kept) == verdict


def test_everybody_is_never_said_to_be_there_who_is_not() -> None:
    for verdict in (
        Verdict(object="contact", records=9, differing=1),
        Verdict(object="contact", records=9, person=1),
        Verdict(object="contact", records=9, left=1),
    ):
        assert verdict.words().startswith("9 of 10 people are in the CRM")
        assert not verdict.is_good
    assert not Verdict(object="contact", records=9, undecided=1).is_good
    assert not Verdict(object="contact", records=9, changed=1).is_good


def test_the_verdict_of_an_earlier_version_is_read() -> None:
    kept: Any = {"code": "partial", "object": "contact", "records": 393, "person": 12}
    verdict = Verdict.from_json(kept)
    assert verdict is not None
    assert verdict.words() == "393 of 405 people are in the CRM. 12 rows need a person."


@pytest.mark.parametrize(
    "form", [None, 5, {}, {"object": 1}, {"object": "deal", "lacks": [{}]},
             {"object": "deal", "records": "many"}, {"object": "deal", "has": 5}],
)  # fmt: skip
def test_what_is_no_verdict_is_none(form: Any) -> None:
    assert Verdict.from_json(form) is None
