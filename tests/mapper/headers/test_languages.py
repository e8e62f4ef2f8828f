"""Header rows in languages beyond the tuned ones are understood, and never misunderstood."""

from __future__ import annotations

import pytest

from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns.choose import choose

PERSON = ("first_name", "last_name")
ROWS = {
    "th without spaces": (
        "ลำดับ ชื่อลูกค้า เบอร์ติดต่อ โทรศัพท์มือถือ อีเมลลูกค้า ที่อยู่ รหัสไปรษณีย์ วันเดือนปีเกิด เพศ หมายเหตุ",
           (None, "name", "phone", "mobile_phone", "email", "street", "postal_code", "birthday",
            None, "notes")),
    "sk": ("Meno Priezvisko E-mail Telefón Mobil Adresa Mesto PSČ Krajina Poznámky Spoločnosť",
           (*PERSON, "email", "phone", "mobile_phone", "street", "city", "postal_code", "country",
            "notes", "company")),
    "cs": ("Jméno Příjmení E-mail Telefon Mobil Město PSČ Země Poznámka Společnost",
           (*PERSON, "email", "phone", "mobile_phone", "city", "postal_code", "country", "notes",
            "company")),
    "sv": ("Förnamn Efternamn E-postadress Telefon Mobil Adress Postnummer Företag Födelsedatum",
           (*PERSON, "email", "phone", "mobile_phone", "street", "postal_code", "company",
            "birthday")),
    "da": ("Fornavn Efternavn E-mail Telefon Mobil Adresse Postnummer Bemærkninger Virksomhed",
           (*PERSON, "email", "phone", "mobile_phone", "street", "postal_code", "notes",
            "company")),
    "fi": ("Etunimi Sukunimi Sähköposti Puhelin Matkapuhelin Osoite Postinumero Kaupunki Yritys",
           (*PERSON, "email", "phone", "mobile_phone", "street", "postal_code", "city",
            "company")),
    "hu": ("Keresztnév Vezetéknév E-mail Telefonszám Cím Város Irányítószám Ország Cég",
           (*PERSON, "email", "phone", "street", "city", "postal_code", "country", "company")),
    "ro": ("Prenume Nume Email Telefon Adresa Oraş Țară",
           (*PERSON, "email", "phone", "street", "city", "country")),
    "el": ("Όνομα Επώνυμο Email Τηλέφωνο Κινητό Διεύθυνση Πόλη Χώρα",
           (*PERSON, "email", "phone", "mobile_phone", "street", "city", "country")),
    "he": ("אימייל טלפון נייד כתובת עיר מיקוד",
           ("email", "phone", "mobile_phone", "street", "city", "postal_code")),
    "zh": ("姓名 手机 电子邮件 公司 地址 城市 邮编 国家 备注",
           ("name", "mobile_phone", "email", "company", "street", "city", "postal_code", "country",
            "notes")),
    "ja": ("氏名 メールアドレス 電話番号 携帯電話 会社名 住所 郵便番号 生年月日",
           ("name", "email", "phone", "mobile_phone", "company", "street", "postal_code",
            "birthday")),
    "ko": ("이름 이메일 전화번호 회사 주소 우편번호",
           ("name", "email", "phone", "company", "street", "postal_code")),
    "hr": ("Ime Prezime E-mail Telefon Mobitel Adresa Država",
           (*PERSON, "email", "phone", "mobile_phone", "street", "country")),
    "uk": ("Ім'я Прізвище Email Телефон Місто Адреса Компанія",
           (*PERSON, "email", "phone", "city", "street", "company")),
    "bg": ("Име Фамилия Имейл Град Адрес",
           (*PERSON, "email", "city", "street")),
    "th": ("ชื่อ นามสกุล อีเมล เบอร์โทรศัพท์ เมือง",
           (*PERSON, "email", "phone", "city")),
}  # fmt: skip


@pytest.mark.parametrize("language", ROWS)
def test_a_header_row(language: str) -> None:
    headers, fields = ROWS[language]
    choices = choose(headers.split(), load_schema("contact"))
    assert tuple(choice.field for choice in choices) == fields
