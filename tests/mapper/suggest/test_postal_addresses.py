"""One address of several is sent as a whole, and all lines of its street."""

from __future__ import annotations

import pytest
from lists.suggested import proposed, sent

from importer.mapper.suggest.columns.choose import suggest_mapping


def test_the_lines_below_a_street_are_parts_of_it() -> None:
    text = """
Name,Address 1,Address 2,Area,Town,Phone
Ann Muster,12 Sample Road,Flat 3,Northside,Exampleton,050 123 4561
Ben Probe,1 Test Lane,,,Exampleton,050 123 4562
Cleo Demo,,,Westside,Exampleton,050 123 4563
"""
    streets = [row and row.get("street") for row in sent(text, "contact", region="AE")]
    assert streets == ["12 Sample Road, Flat 3, Northside", "1 Test Lane", "Westside"]


def test_lines_without_a_street_are_an_address_only_together() -> None:
    together = "Client,Flat No,Building Name,Area\nAnn Muster,1204,Sample Tower,Northside\n"
    alone = "Client,Area\nAnn Muster,Northside\n"
    (first,), (second,) = sent(together, "contact"), sent(alone, "contact")
    assert first == {"name": "Ann Muster", "street": "1204, Sample Tower, Northside"}
    assert second == {"name": "Ann Muster"}


def test_the_number_of_a_house_is_joined_with_the_street_before_it() -> None:
    text = """
Nombre,Calle,Número,Colonia,Ciudad
Ana Prueba,Mayor,12,Centro,Ejemplo
Luis Muestra,Real,3 B,,Ejemplo
Eva Modelo,Nueva,7,Norte,Ejemplo
"""
    streets = [row and row["street"] for row in sent(text, "contact")]
    assert streets == ["Mayor 12 Centro", "Real 3 B", "Nueva 7 Norte"]


def test_a_number_that_is_behind_no_street_is_left_out() -> None:
    text = "Número,Nombre,Calle\n1,Ana Prueba,Mayor\n2,Eva Modelo,Nueva\n3,Leo Muestra,Real\n"
    assert [row and row["street"] for row in sent(text, "contact")] == ["Mayor", "Nueva", "Real"]


def test_a_suburb_is_the_city_only_where_no_other_column_is() -> None:
    both = "Name,Street,Suburb,City\nAnn Muster,1 Test Lane,Northside,Exampleton\n"
    alone = "Name,Street,Suburb\nAnn Muster,1 Test Lane,Northside\n"
    (first,), (second,) = sent(both, "contact"), sent(alone, "contact")
    assert first == {
        "name": "Ann Muster",
        "street": "1 Test Lane, Northside",
        "city": "Exampleton",
    }
    assert second == {"name": "Ann Muster", "street": "1 Test Lane", "city": "Northside"}


def test_the_number_of_a_post_box_is_sent_with_the_word_for_it() -> None:
    text = """
Name,Address,P.O. Box,City
Ann Muster,12 Sample Road,1001,Exampleton
Ben Probe,,P.O.Box 1002,Exampleton
Cleo Demo,"1 Test Lane, 5",,Exampleton
"""
    alone = "Name,Postfach,Ort\nAnn Muster,1001,Musterstadt\nBen Probe,,Musterstadt\n"
    streets = [row and row["street"] for row in sent(text, "contact")]
    assert streets == ["12 Sample Road, P.O. Box 1001", "P.O.Box 1002", "1 Test Lane, 5"]
    assert [row and row.get("street") for row in sent(alone, "contact")] == ["Postfach 1001", None]


def test_the_parts_of_an_address_in_a_vcard_are_one_text() -> None:
    text = "FN,ADR;TYPE=HOME,ORG\nAnn Muster,;;12 Sample Road;Exampleton;;;UAE,Sample Ltd;\n"
    assert sent(text, "contact") == [
        {"name": "Ann Muster", "street": "12 Sample Road, Exampleton, UAE", "company": "Sample Ltd"}
    ]


TWO = """
Name,Physical Street 1,Physical Suburb,Physical City,Postal Street 1,Postal City,Postal State
Ann Muster,1 Test Lane,Northside,Exampleton,PO Box 1,Mailtown,North
Ben Probe,2 Test Lane,,Exampleton,,,
Cleo Demo,,,,PO Box 3,Mailtown,North
"""


def test_of_two_addresses_one_is_sent_whole() -> None:
    found = sent(TWO, "contact")
    assert found[0] == {
        "name": "Ann Muster",
        "street": "1 Test Lane, Northside",
        "city": "Exampleton",
    }
    assert found[2] == {"name": "Cleo Demo"}


def test_the_address_with_far_more_values_is_sent() -> None:
    text = """
Nom,Rue (bureau),Ville (bureau),Rue (domicile),Ville (domicile)
Anne Exemple,,,1 rue du Test,Lyon
Jean Modèle,2 rue du Bureau,Paris,3 rue du Test,Nantes
Léa Essai,,,4 rue du Test,Lille
"""
    cities = [row and row.get("city") for row in sent(text, "contact")]
    assert cities == ["Lyon", "Nantes", "Lille"]


def test_a_person_is_told_of_rows_that_only_have_the_other_address() -> None:
    told = [one for one in proposed(TWO, "contact").decisions if "only address" in one]
    assert len(told) == 1
    assert "(1)" in told[0]
    assert 'street = { columns = ["Physical Street 1", "Postal Street 1"] }' in told[0]


def test_lines_that_the_street_has_already_are_left_out() -> None:
    text = """
Name,Full Address,Address Line 2
Ann Muster,"1 Test Lane, 10115 Exampleton",10115 Exampleton
Ben Probe,"2 Test Lane, 10117 Exampleton",10117 Exampleton
"""
    assert [row and row["street"] for row in sent(text, "contact")] == [
        "1 Test Lane, 10115 Exampleton",
        "2 Test Lane, 10117 Exampleton",
    ]


def test_short_account_numbers_are_those_with_the_firm() -> None:
    rows = "Ann Muster,{}1\nBen Probe,{}2\nCleo Demo,{}3\n"
    short = sent("Name,Account No\n" + rows.replace("{}", "A000"), "contact")
    long = sent("Name,Account No\n" + rows.replace("{}", "103200045"), "contact")
    assert [row and row["external_ref"] for row in short] == ["A0001", "A0002", "A0003"]
    assert not any(row and "external_ref" in row for row in long)


def test_the_name_of_an_account_is_that_of_its_row_where_no_person_has_one() -> None:
    for header in ("Cari Unvanı,Yetkili Kişi,Telefon", "Firma,Ansprechpartner,Telefon"):
        text = f"{header}\nÖrnek Ltd,Ayşe Deneme,050 123 4561\nAli Örnek,,050 123 4562\n"
        found = sent(text, "contact", region="AE")
        assert [row and (row["name"], row["company"]) for row in found] == [
            ("Ayşe Deneme", "Örnek Ltd"),
            ("Ali Örnek", "Ali Örnek"),
        ]


def test_the_address_of_a_company_is_an_address_and_no_company() -> None:
    for header in ("Person - Name,Person - Company,Company - Address", "Name,Firma,Firmenadresse"):
        text = f"{header}\nAnn Muster,Sample Ltd,1 Test Lane\nBen Probe,Probe Ltd,2 Test Lane\n"
        assert [row and row["street"] for row in sent(text, "contact")] == [
            "1 Test Lane",
            "2 Test Lane",
        ]


def test_samples_of_an_address_may_be_of_different_lengths() -> None:
    found = suggest_mapping(["Address 1", "Address 2"], "contact", [["1 Test Lane"], []])
    assert [one.field for one in found] == ["street", "street"]
    found = suggest_mapping(["Address 1", "Address 2"], "contact", [[], ["Flat 3", "Flat 4"]])
    assert [one.field for one in found] == ["street", "street"]


def test_short_beginnings_of_the_columns_of_addresses_only_tell_them_apart() -> None:
    text = """
Name,POAddressLine1,POAddressLine2,POCity,PORegion,SAAddressLine1,SAAddressLine2,SACity,SARegion
Ann Muster,Unit 4,Sample Lane,Exampleton,Northshire,7 Other Road,Rear,Otherton,Southshire
Ben Probe,1 Test Lane,,Exampleton,Northshire,,,,
Cleo Demo,2 Test Lane,,Exampleton,,,,,
"""
    first, *_ = sent(text, "contact", region="GB")
    assert first == {
        "name": "Ann Muster",
        "street": "Unit 4, Sample Lane",
        "city": "Exampleton",
        "state": "Northshire",
    }


def test_a_short_beginning_of_two_columns_is_an_unknown_word() -> None:
    columns = ["Name", "E-mail", "XY City", "XY Date"]
    assert suggest_mapping(columns, "contact")[2].field is None


@pytest.mark.parametrize(
    ("number", "street"),
    [
        ("endereco.numero", "endereco.logradouro"),
        ("address.number", "address.street"),
        ("adresse.nummer", "adresse.strasse"),
        ("adresse.numero", "adresse.rue"),
        ("adres.numara", "adres.sokak"),
        ("العنوان.رقم", "العنوان.شارع"),
        ("адрес.номер", "адрес.улица"),
    ],
)
def test_the_number_in_an_object_of_an_address_is_that_of_a_house(number: str, street: str) -> None:
    columns = ["Name", "E-mail", number, "Phone", street]
    fields = [one.field for one in suggest_mapping(columns, "contact")]
    assert fields[2] == fields[4] == "street"
    assert suggest_mapping(columns[:4], "contact")[2].field is None


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("Cidade/UF", "{}/{}"),
        ("Cidade - UF", "{} - {}"),
        ("City/State", "{}, {}"),
        ("City State", "{} ({})"),
    ],
)
def test_a_city_and_its_state_in_one_cell_are_two_fields(header: str, form: str) -> None:
    places = [("São Paulo", "SP"), ("Ji-Paraná", "RO"), ("Mogi Mirim", "SP")]
    rows = "".join(f'Ann {at},"{form.format(*place)}"\n' for at, place in enumerate(places))
    found = sent(f"Name,{header}\n{rows}Ben,Santos\n", "contact")
    assert [(one["city"], one.get("state")) for one in found if one] == [*places, ("Santos", None)]


@pytest.mark.parametrize(
    ("columns", "cells", "street"),
    [
        ("Physical Address 1,Physical Suburb,Physical City", "1 Test Lane,Northside,Exampleton",
         "1 Test Lane, Northside"),
        ("Street,Barangay,City", "1 Test Lane,San Sample,Exampleton", "1 Test Lane, San Sample"),
        ("Flat / Villa,Building,Landmark", "302,Sample Tower,Near the mall",
         "302, Sample Tower, Near the mall"),
        ("House name or number,Town,Postcode", "Rose Barn,Exampleton,SY8 1ZZ", "Rose Barn"),
        ("Present Address,City", "1 Test Lane,Exampleton", "1 Test Lane"),
        ("Local Address,City", "1 Test Lane,Exampleton", "1 Test Lane"),
    ],
)  # fmt: skip
def test_all_lines_of_an_address_are_sent(columns: str, cells: str, street: str) -> None:
    (row,) = sent(f"Name,{columns}\nAnn Muster,{cells}\n", "contact")
    assert row is not None
    assert row["street"] == street


def test_the_suburb_of_another_address_is_no_line_of_this_one() -> None:
    text = "Name,Postal Address,Physical Address,Physical Suburb\n"
    (row,) = sent(f"{text}Ann Muster,P.O. Box 7,1 Test Lane,Northside\n", "contact")
    assert row is not None
    assert row["street"] in {"P.O. Box 7", "1 Test Lane, Northside"}
