"""A name is written otherwise, and the row as it was is gone: the same person, not a second one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from effort import NIGHTLY
from referee import World
from referee.weeks import MAIL, NAME, RESULTS, RUN, TEL, Row, begin, everybody, maps, save

SAME = {
    "an umlaut spelled out": ("Jürgen Müller", "Juergen Mueller"),
    "an umlaut left out": ("Jürgen Müller", "Jurgen Muller"),
    "letters read in another encoding": ("José Núñez", "JosÃ© NÃºÃ±ez"),
    "Arabic letters read in another encoding": (
        "محمد الحربي",
        "محمد الحربي".encode().decode("cp1252"),
    ),
    "accents left out": ("José Núñez", "Jose Nunez"),
    "accents put together otherwise": ("José Núñez", "Jose\u0301 Nu\u0301n\u0303ez"),
    "Turkish capitals": ("Işık Yıldız", "IŞIK YILDIZ"),
    "Turkish in English capitals": ("Işık Yıldız", "ISIK YILDIZ"),
    "Danish letters": ("Søren Ørsted", "Soren Orsted"),
    "Polish letters": ("Łukasz Wałęsa", "Lukasz Walesa"),
    "a sharp s": ("Klaus Weiß", "Klaus Weiss"),
    "Icelandic letters": ("Þóra Guðmundsdóttir", "Thora Gudmundsdottir"),
    "taa marbuta": ("فاطمة الزهراء", "فاطمه الزهراء"),
    "two words or one": ("عبد الله الحربي", "عبدالله الحربي"),
    "tatweel": ("محمد الحربي", "محـــمد الحربي"),
    "Persian letters": ("علي الكعبي", "علی الکعبی"),
    "hamza": ("أحمد الأنصاري", "احمد الانصاري"),
    "vowel signs": ("محمد الحربي", "مُحَمَّد الحربي"),
    "alif maqsura": ("ليلى الحربي", "ليلي الحربي"),
    "a hyphen": ("Omar Al-Amin", "Omar Alamin"),
    "a hyphen or a space": ("Omar Al-Amin", "Omar Al Amin"),
    "an apostrophe": ("Sa'id Haddad", "Said Haddad"),
    "a curled apostrophe": ("Sa'id Haddad", "Sa\u2019id Haddad"),
    "Irish names": ("Sean O'Brien", "Sean OBrien"),
    "capitals": ("Ada Lovell", "ADA LOVELL"),
    "spaces": ("Ada Lovell", "Ada  Lovell "),
    "the order of the words": ("Ada Lovell", "Lovell Ada"),
    "a comma": ("Ada Lovell", "Lovell, Ada"),
    "Cyrillic letters": ("Иван Петров", "Ivan Petrov"),
}
OTHER = {
    "letters that became question marks": ("Łukasz Wałęsa", "?ukasz Wa??sa"),
    "another spelling": ("Katherine Smyth", "Catherine Smith"),
    "a short form": ("Robert Kessler", "Bob Kesler"),
    "another script": ("فاطمة الكعبي", "Fatima Al Kaabi"),
}
DETAILS = {
    "an address": ("Name,Mail\n", ",ada@example.com\n"),
    "a phone": ("Name,Tel\n", ",0501110001\n"),
    "both": ("Name,Mail,Tel\n", ",ada@example.com,0501110001\n"),
}
OTHERS = ("Bo Berg", "Cyd Cohen", "Dina Dorn")
WHOLE = 'name = "Name"\n'


def imported(world: World, first: str, details: str) -> None:
    """Import a list of which one person is called so, and three are not looked at."""
    header, _ = DETAILS[details]
    more = {"Mail": MAIL, "Tel": 'phone = "Tel"\n'}
    fields = WHOLE + "".join(line for column, line in more.items() if column in header)
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
    lists(world, first, details)
    world.run(*RUN).ended(0, created=4)


def lists(world: World, first: str, details: str) -> None:
    header, cells = DETAILS[details]
    others = (
        f"{name}{cells}".replace("ada@", f"{name[:2]}@").replace("0001", f"000{number}")
        for number, name in enumerate(OTHERS, 2)
    )
    quoted = f'"{first}"' if "," in first else first
    world.write("people.csv", f"{header}{quoted}{cells}{''.join(others)}")


class TestOneDetailAndTheName:
    @pytest.mark.parametrize("details", DETAILS if NIGHTLY else ["both"])
    @pytest.mark.parametrize(("first", "then"), SAME.values(), ids=SAME)
    def test_written_otherwise(self, world: World, first: str, then: str, details: str) -> None:
        imported(world, first, details)
        lists(world, then, details)
        run = world.run(*RUN).knew(4)
        assert "possible_duplicate" not in run.counts, run.told()
        assert len(world.crm.records) == 4

    @pytest.mark.parametrize("how", ["an umlaut spelled out", "taa marbuta", "a hyphen"])
    def test_written_otherwise_and_back_again(self, world: World, how: str) -> None:
        first, then = SAME[how]
        imported(world, first, "both")
        for version in (then, first, then):
            lists(world, version, "both")
            world.run(*RUN).knew(4)
        assert len(world.crm.records) == 4


class TestADetailOfItsOwnAndAnotherName:
    @pytest.mark.parametrize("details", DETAILS)
    @pytest.mark.parametrize(("first", "then"), OTHER.values(), ids=OTHER)
    def test_may_be_the_same_person(
        self, world: World, first: str, then: str, details: str
    ) -> None:
        imported(world, first, details)
        lists(world, then, details)
        for _ in range(2):
            world.run(*RUN).ended(6, before=3, possible_duplicate=1)
        [made] = [one for one in world.crm.records.values() if one.fields["name"] == first]
        assert world.outcomes(RESULTS)[1]["external_id"] == made.record
        assert len(world.crm.records) == 4

    def test_a_short_form_alone(self, world: World) -> None:
        people = everybody(4)
        begin(world, [{**people[0], "First": "Robert"}, *people[1:]], fields=NAME + MAIL)
        save(world, [{**people[0], "First": "Bob"}, *people[1:]])
        world.run(*RUN).ended(6, before=3, possible_duplicate=1)
        assert len(world.crm.records) == 4

    def test_a_first_name_alone(self, world: World) -> None:
        people = [{**row, "Last": ""} for row in everybody(4)]
        begin(world, [{**people[0], "First": "Robert"}, *people[1:]])
        save(world, [{**people[0], "First": "Bob"}, *people[1:]])
        world.run(*RUN).ended(6, before=3, possible_duplicate=1)
        assert len(world.crm.records) == 4


FIRST = {
    "فاطمة": "Fatima",
    "خديجة": "Khadija",
    "مريم": "Maryam",
    "يوسف": "Youssef",
    "إبراهيم": "Ibrahim",
    "محمود": "Mahmoud",
    "حسين": "Hussein",
    "سعيد": "Saeed",
    "عائشة": "Aisha",
    "زينب": "Zainab",
}
LAST = {
    "الكعبي": "Al Kaabi",
    "المنصوري": "Al Mansoori",
    "الشامسي": "Al Shamsi",
    "الظاهري": "Al Dhaheri",
    "النعيمي": "Al Nuaimi",
    "المزروعي": "Al Mazrouei",
}


class TestAListInAnotherScript:
    def people(self, script: str) -> list[Row]:
        place = ("Arabic", "Latin").index(script)
        names = ((first, last) for first in FIRST.items() for last in LAST.items())
        return [
            {"First": first[place], "Last": last[place], "Mail": f"p{number}@example.com"}
            for number, (first, last) in enumerate(names)
        ]

    @pytest.mark.parametrize("script", ["Arabic", "Latin"])
    def test_with_the_same_addresses(self, world: World, script: str) -> None:
        begin(world, self.people(script), fields=NAME + MAIL)
        other = {"Arabic": "Latin", "Latin": "Arabic"}[script]
        save(world, self.people(other))
        for _ in range(2):
            world.run(*RUN).ended(6, possible_duplicate=60)
        assert len(world.crm.records) == 60
        world.acknowledge("--same", "all")
        world.run(*RUN).ended(0, before=60)
        save(world, [{**row, "Mail": row["Mail"].upper()} for row in self.people(other)])
        world.run(*RUN).ended(0, before=60)
        assert len(world.crm.records) == 60

    def test_person_by_person(self, world: World) -> None:
        arabic, latin = self.people("Arabic"), self.people("Latin")
        begin(world, arabic, fields=NAME + MAIL)
        for done in (10, 30, 60):
            save(world, [*latin[:done], *arabic[done:]])
            world.run(*RUN).knew(60)
        assert len(world.crm.records) == 60


def test_two_with_one_folded_name_stay_two(world: World) -> None:
    """A fold makes nobody out of two people whose details differ."""
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{WHOLE}{MAIL}')
    rows = "Jürgen Müller,a@example.com\nJuergen Mueller,b@example.com\n"
    world.write("people.csv", f"Name,Mail\n{rows}")
    world.run(*RUN).ended(0, created=2)
    world.write("people.csv", f"Name,Mail\n{rows}Jurgen Muller,c@example.com\n")
    world.run(*RUN).ended(0, before=2, created=1)
    world.run(*RUN).ended(0, before=3)


GIVEN = 'first_name = "First"\n'


@pytest.mark.parametrize("written", [str.upper, lambda name: name.replace("a", "\u00e1", 1)])
@pytest.mark.parametrize("fields", [GIVEN + TEL, GIVEN + MAIL, 'name = "First"\n' + TEL])
def test_of_people_with_one_name_each(
    world: World, fields: str, written: Callable[[str], str]
) -> None:
    people = everybody(6)
    begin(world, people, fields=fields)
    save(world, [{**row, "First": written(row["First"])} for row in people])
    world.run(*RUN).ended(0, before=6)


def test_one_name_in_capitals_in_a_list_is_a_duplicate(world: World) -> None:
    people = everybody(3)
    maps(world, GIVEN + TEL)
    save(world, [*people, {**people[1], "First": "BÓ"}])
    world.run(*RUN).ended(0, created=3, duplicate=1)
