"""Clean invented tables of many kinds, as lists of people and things have them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

__all__ = ["ROWS", "Table", "more_tables", "tables"]

ROWS = 80


@dataclass(frozen=True)
class Table:
    """A clean table."""

    name: str
    header: list[str]
    rows: list[list[str]]


def tables() -> list[Table]:
    """Return three tables as lists of people have them: contacts, a survey, visits."""
    return [_contacts(random.Random(1)), _survey(random.Random(2)), _visits(random.Random(3))]


def more_tables() -> list[Table]:
    """Return tables that are harder: few columns or many, few rows, free text, other scripts."""
    contacts = _contacts(random.Random(11))
    made = (_customers, _parts, _wide, _narrow, _notes, _arabic, _codes, _texts)
    tables = [make(random.Random(20 + number)) for number, make in enumerate(made)]
    few = [
        replace(contacts, name=f"contacts of {count}", rows=contacts.rows[:count])
        for count in (1, 2, 3, 5, 12)
    ]
    return [*tables, *few]


_FIRST = [
    "Rana", "Omar", "Layla", "Anna-Lena", "José", "Thomas", "Siobhán", "Yusuf", "Mei", "Ola",
    "Petra", "Karim", "Ines", "Luc",
]  # fmt: skip
_LAST = [
    "Haddad", "Saleh", "Müller", "O'Brien", "García", "Smith", "van-Dijk", "Öztürk", "Chen",
    "Larsen", "Novák", "Aziz",
]  # fmt: skip
_CITIES = ["Dubai", "Berlin", "Madrid", "Cork", "Izmir", "Oslo", "Prague", "Lyon"]
_STREETS = ["Hauptstraße", "Am Markt", "Lindenweg", "Rue du Lac", "Calle Mayor", "Station Road"]
_WORDS = [
    "called", "twice,", "no", "answer;", "prefers", "mornings", "likes", "the", "garden", "view",
    "asked", "about", "parking", "wants", "a", "quote", '"soon"', "moved", "in", "spring",
]  # fmt: skip
_ARABIC_FIRST = ["محمد", "فاطمة", "أحمد", "نورة", "خالد", "مريم", "سعيد", "هند"]
_ARABIC_LAST = ["الهاشمي", "العامري", "المنصوري", "الكعبي", "البلوشي", "السويدي"]
_ARABIC_CITIES = ["دبي", "أبو ظبي", "الشارقة", "عجمان", "العين"]


def _note(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(2, 8))) if rng.random() < 0.6 else ""


def _day(rng: random.Random, form: str) -> str:
    return form.format(y=rng.randint(1950, 2004), m=rng.randint(1, 12), d=rng.randint(1, 28))


def _contacts(rng: random.Random) -> Table:
    header = ["ID", "First name", "Last name", "E-mail", "Phone", "City", "Born", "Balance", "Note"]
    rows = []
    for number in range(ROWS):
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        rows.append([
            str(1000 + number), first, last, f"{first.lower()}.{number}@example.com",
            f"+9715{rng.randint(0, 9)}{rng.randint(1000000, 9999999)}", rng.choice(_CITIES),
            f"{rng.randint(1950, 2004)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            f"{rng.uniform(0, 5000):.2f}", _note(rng),
        ])  # fmt: skip
    return Table("contacts", header, rows)


def _survey(rng: random.Random) -> Table:
    header = ["DATE", "TIME", "Qty", "PRODUCTID", "Price", "ProductType", "ProductDescription",
              "URL", "Comments"]  # fmt: skip
    kinds = ["lamp", "desk", "chair"]
    rows = []
    for number in range(ROWS):
        kind = rng.choice(kinds)
        rows.append([
            f"{rng.randint(1, 12)}/{rng.randint(1, 28)}/2021",
            f"{rng.randint(8, 19)}:{rng.randint(10, 59)}",
            str(rng.randint(1, 40)), f"{kind[0].upper()}{rng.randint(100, 999)}",
            f"{rng.uniform(5, 900):.2f}", kind,
            f"{kind}, {rng.choice(['oak', 'steel', 'glass'])} {rng.randint(20, 90)} cm",
            f"https://shop.example.com/{kind}/{number}", _note(rng) or "ok",
        ])  # fmt: skip
    return Table("survey", header, rows)


def _visits(rng: random.Random) -> Table:
    header = ["Nr", "Patient", "Visit", "Doctor", "Dept", "Score", "Paid", "Insured", "Plan",
              "Remark"]  # fmt: skip
    rows = [
        [
            f"V-{number:04}", f"{rng.choice(_LAST)}, {rng.choice(_FIRST)}",
            f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.2023 {rng.randint(8, 17):02}:30",
            f"Dr. {rng.choice(_LAST)}", rng.choice(["ENT", "Dental", "Eyes"]),
            str(rng.randint(0, 100)) if rng.random() < 0.8 else "", f"{rng.randint(5, 95)} %",
            rng.choice(["yes", "no"]), rng.choice(["A", "B", "N/A"]), _note(rng),
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    return Table("visits", header, rows)


def _customers(rng: random.Random) -> Table:
    """German customers: decimal commas, addresses with commas, days with points."""
    header = ["Kundennr", "Firma", "Anschrift", "PLZ", "Ort", "Umsatz", "Rabatt", "Kunde seit"]
    rows = [
        [
            f"{10000 + number}", f"{rng.choice(_LAST)} {rng.choice(['GmbH', 'KG', '& Söhne'])}",
            f"{rng.choice(_STREETS)} {rng.randint(1, 99)}, Hof {rng.choice('ABC')}",
            f"{rng.randint(1000, 99999):05}", rng.choice(_CITIES),
            f"{rng.randint(1, 99)}.{rng.randint(0, 999):03},{rng.randint(0, 99):02}",
            f"{rng.randint(0, 30)},5", _day(rng, "{d:02}.{m:02}.{y}"),
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    return Table("customers", header, rows)


def _parts(rng: random.Random) -> Table:
    """Parts of a store: inches, fractions, grades of one letter."""
    header = ["Part", "Size", "Grade", "Stock", "Material", "Weight (kg)", "Remark"]
    rows = [
        [
            f"{rng.choice(['Screen', 'Pipe', 'Bolt'])} {number}",
            rng.choice(['15.6"', '3/4" x 12"', "5'11\"", '1/2"', "20 mm"]),
            rng.choice("ABC"), str(rng.randint(0, 900)), rng.choice(["steel", "brass", "PVC"]),
            f"{rng.uniform(0.1, 20):.3f}",
            rng.choice(["", 'cut to 6"', "M6, M8 or M10", 'the "long" one', "-"]),
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    return Table("parts", header, rows)


def _wide(rng: random.Random) -> Table:
    """Thirty columns as an address book exports them, most of them empty."""
    filled = {0: _FIRST, 2: _LAST, 5: _CITIES, 8: ["Home", "Work"], 20: ["Normal"]}
    header = [f"{place} {kind}" for place in ("Home", "Business", "Other")
              for kind in ("Title", "First", "Last", "Street", "Phone", "City", "Fax", "Code",
                           "Kind", "Notes")]  # fmt: skip
    rows = []
    for number in range(ROWS):
        row = [rng.choice(filled[n]) if n in filled else "" for n in range(30)]
        row[4] = f"+97150{rng.randint(1000000, 9999999)}"
        row[14] = f"0{rng.randint(10, 99)}/{rng.randint(100000, 999999)}" if number % 3 else ""
        row[9] = _note(rng)
        rows.append(row)
    return Table("wide", header, rows)


def _narrow(rng: random.Random) -> Table:
    header = ["Name", "E-mail", "Phone"]
    rows = [
        [
            f"{rng.choice(_FIRST)} {rng.choice(_LAST)}", f"p{number}@example.org",
            f"+49 {rng.randint(30, 899)} {rng.randint(100000, 9999999)}",
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    return Table("narrow", header, rows)


def _notes(rng: random.Random) -> Table:
    """Long notes of several lines, with commas, quotes and blank lines in them."""
    header = ["Case", "Opened", "Owner", "Notes", "State"]
    rows = [
        [
            f"C{number:05}", _day(rng, "{y}-{m:02}-{d:02}"), rng.choice(_FIRST),
            rng.choice(["\n", "\n\n", ", ", "\n- "]).join(
                _note(rng) or "nothing new" for _ in range(rng.randint(1, 5))
            ),
            rng.choice(["open", "closed", "waiting"]),
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    return Table("notes", header, rows)


def _arabic(rng: random.Random) -> Table:
    header = ["الرقم", "الاسم", "اسم العائلة", "الهاتف", "المدينة", "تاريخ الميلاد", "ملاحظات"]
    rows = [
        [
            str(number + 1), rng.choice(_ARABIC_FIRST), rng.choice(_ARABIC_LAST),
            f"05{rng.randint(0, 9)}-{rng.randint(1000000, 9999999)}", rng.choice(_ARABIC_CITIES),
            _day(rng, "{d:02}/{m:02}/{y}"), rng.choice(["", "عميل جديد، مهم", "اتصل مساءً"]),
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    return Table("arabic", header, rows)


def _codes(rng: random.Random) -> Table:
    """Cells of one sign each: nothing tells the columns apart but what stands in them."""
    header = ["A", "B", "C", "D", "E", "F"]
    rows = [
        [rng.choice("MF"), rng.choice("01"), rng.choice("YN"), rng.choice("XYZ"),
         rng.choice(["", "1", "2"]), rng.choice("abc")]
        for _ in range(ROWS)
    ]  # fmt: skip
    return Table("codes", header, rows)


def _texts(rng: random.Random) -> Table:
    """Free text in each column: where a cell belongs nobody can tell by its form."""
    header = ["Title", "Author", "Summary", "Comment"]
    rows = [
        [
            " ".join(rng.choices(_WORDS, k=3)).title(), f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            " ".join(rng.choices(_WORDS, k=9)), _note(rng) or "none",
        ]
        for _ in range(ROWS)
    ]  # fmt: skip
    return Table("texts", header, rows)
