# ruff: noqa: E501 - lists of words
"""Lists of invented people as they are written in many languages, for telling encodings."""

from __future__ import annotations

import random

__all__ = ["ENCODINGS", "invented_list"]

_PLAIN = """Anna Peter Maria Martin Sara Robert Elena David Laura Thomas Nina Marco Daniel Eva Simon
Julia Adam Lena Victor Diana Hassan Omar Karim Ali Nora Tom Ben Mia Leon Paul""".split()  # noqa: SIM905
_PLAIN_LAST = """Schmidt Fischer Weber Meyer Wagner Becker Martin Bernard Dubois Thomas Rossi Novak
Garcia Silva Kowalski Horvat Popov Smith Brown Jones Haddad Saleh Mansour Khoury""".split()  # noqa: SIM905

_WORDS = {
    "German": """Müller Schröder Schäfer Böhm Krüger Weiß Großmann Jäger Köhler Hübner Jürgen Jörg Günther
        Bärbel Käthe Björn Dörte Sören Österreicher Özkan Köln München Düsseldorf Nürnberg Lübeck Fürth Würzburg
        Göttingen Tübingen Königstraße Hauptstraße Rückruf Gespräch geschäftlich männlich Kündigung Ärztin""",
    "French": """Lefèvre Bérard Régis Hélène Zoé Chloé François Françoise Benoît Jérôme Gaëlle Noël Anaïs Étienne
        Éric Andrée Orléans Besançon Nîmes Sète Angoulême Béziers Saint-Étienne Forêt Hôpital Marché Église
        décédé marié retraité société crée Crété Mélanie Thérèse Cédric Loïc Maël Éléonore""",
    "Spanish": """Muñoz Núñez Peña García López Pérez González Rodríguez Sánchez Martínez Gómez Díaz Álvarez José
        María Jesús Ángel Óscar Íñigo Begoña Málaga Córdoba Cádiz León Almería dirección teléfono señor
        Compañía Avilés Mérida Ibáñez Ordóñez Joaquín Sofía""",
    "Portuguese": """João José Conceição Gonçalves Magalhães Simões Guimarães Araújo Sebastião Inês Mônica Antônio
        São Brasília Goiânia Florianópolis Maceió Ceará Maranhão endereço situação Falcão Leitão Patrícia
        Sérgio Cláudia Flávio Lourenço Ascensão Bragança Évora""",
    "Nordic": """Sørensen Jørgensen Bjørn Østergaard Ødegård Håkansson Åkesson Sjögren Lindström Öberg Göran Åse
        Øyvind Kåre Pär Märta Malmö Göteborg Örebro Århus Tromsø Ålesund Jyväskylä Hämäläinen Mäkinen
        Virtanen-Järvi Kjær Nærum Blåbær Köpenhamn Västerås Sæther""",
    "Polish": """Wiśniewski Wójcik Zieliński Łukasz Małgorzata Michał Paweł Stanisław Władysław Gąsiorowski Dąbrowska
        Kamińska Szymańska Woźniak Kozłowska Jabłońska Łódź Gdańsk Kraków Poznań Wrocław Częstochowa Zając
        Świątek Żak Ślusarz Grażyna Bożena Elżbieta Józef Święty Źródło Ćwik""",
    "Czech": """Dvořák Nováková Svoboda-Černý Procházka Kučera Veselý Horák Němec Pokorný Marešová Růžička Jiří
        Tomáš Lukáš Ondřej Kateřina Zdeněk Bohumír Plzeň Ústí Hradec-Králové Olomouc-Řepčín Děčín Jihlava-Horní
        Žižkov Šárka Štěpán Čeněk Říha Březina Přerov Třebíč""",
    "Hungarian": """Kovács Szabó Tóth Horváth Nagy-Győr Szűcs Fekete-Gergő László István József Zoltán Gábor András
        Péter Éva Ágnes Erzsébet Győr Pécs Székesfehérvár Miskolc-Tapolcafő Kőszeg Szűts Lőrincz Dömötör
        Öcsi Ördög Üllő Hódmezővásárhely Gyöngyös Sütő Fűzfő""",
    "Croatian": """Kovačević Jurić Marić Babić Božić Đurđa Šime Čedo Ćiril Žarko Nikolić Petrović Jovanović Šibenik
        Čakovec Požega Županja Križevci Đakovo Varaždin Šimić Živković Grgić Ružica Željko Tomašević Perković
        Vuković Klarić Mašić Knežević Filipović""",
    "Turkish": """Yılmaz Çelik Şahin Yıldız Öztürk Aydın Arslan-Doğan Kılıç Çetin Koç Özdemir Güneş Ayşe Fatma-Gül
        Çağlar İbrahim Işıl Gökhan Oğuz Tuğba Şule Ümit İstanbul İzmir Muğla Eskişehir Kadıköy Beyoğlu
        Üsküdar Diyarbakır Balıkesir Aydoğan Şimşek""",
    "Russian": """Иванов Смирнова Кузнецов Попова Васильев Петров Соколова Михайлов Новикова Фёдоров Морозов Волкова
        Алексей Ольга Екатерина Дмитрий Сергей Наталья Владимир Юлия Москва Казань Новосибирск Екатеринбург
        Самара Челябинск Уфа Пермь Воронеж улица дом квартира""",
    "Ukrainian": """Шевченко Коваленко Бондаренко Ткаченко Олійник Лисенко Марченко Андрій Олексій Наталія Юлія Ігор
        Володимир Євген Їжакевич Київ Львів Харків Одеса Дніпро Запоріжжя Вінниця Полтава Черкаси Чернівці
        вулиця будинок місто Тарас Оксана Соломія""",
    "Greek": """Παπαδόπουλος Γεωργίου Δημητρίου Νικολάου Οικονόμου Ιωάννου Γιώργος Δημήτρης Κώστας Μαρία Ελένη
        Κατερίνα Βασίλης Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Λάρισα Βόλος Ιωάννινα Χανιά οδός Αλεξάνδρα
        Σοφία Χρήστος Παναγιώτης Αναστασία Ευαγγελία""",
    "Hebrew": """כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן משה שרה דוד רחל יוסף אסתר ירושלים חיפה אביב באר
        שבע נתניה אשדוד רחוב כתובת טלפון דירה יעקב מרים נועה איתי תמר גלעד שירה עומר""",
    "Arabic": """محمد أحمد عبدالله فاطمة خديجة إبراهيم يوسف مريم الحداد المنصوري الشامسي الكعبي الزعابي ليلى عمر
        دبي أبوظبي الشارقة عجمان العين الرياض جدة القاهرة بيروت عمان شارع مبنى شقة موظف مدير هاتف سلطان حمدان
        راشد سعيد خالد نورة""",
    "Persian": """محمدی رضایی حسینی کریمی موسوی احمدی جعفری پورمحمد گلستانی چراغی ژاله پروین شیرین تهران مشهد
        اصفهان شیراز تبریز کرج اهواز قم خیابان کوچه پلاک علی زهرا مریم حسن رضا""",
    "Chinese": """张伟 王芳 李娜 刘洋 陈静 杨帆 赵敏 黄磊 周杰 吴倩 徐强 孙丽 马超 朱红 北京市朝阳区 上海市浦东新区 广州市
        天河路 深圳市南山区 杭州市西湖区 成都市 武汉市 南京市 经理 工程师 销售部 客户 李小龙 欧阳修 诸葛亮""",
    "Traditional Chinese": """陳怡君 林志明 黃淑芬 張家豪 李雅婷 王建宏 吳美惠 劉俊傑 蔡佩珊 楊宗翰 臺北市大安區 新北市板橋區
        臺中市西屯區 高雄市左營區 桃園市 新竹縣 忠孝東路 中山北路 經理 業務 工程師 許文龍 鄭成功 謝依霖""",
    "Japanese": """佐藤さくら 鈴木太郎 高橋健一 田中美咲 伊藤翔太 渡辺直樹 山本陽子 中村優 小林愛 加藤大輔 東京都新宿区
        大阪市北区 横浜市 名古屋市中区 札幌市 福岡県 カブシキガイシャ サトウ ハナコ スズキ タロウ 株式会社みどり
        よこはま グリーンハイツ""",
    "Korean": """김민준 이서연 박지훈 최수빈 정예은 강도윤 조하은 윤시우 장지우 임준서 서울특별시 부산광역시 강남구 해운대구
        대전 광주 인천 수원시 팀장 대리 영업부 한지민 오세훈 신동엽 권유리 황정민""",
}

ENCODINGS = (
    *(("windows-1252", name) for name in ("German", "French", "Spanish", "Portuguese", "Nordic")),
    *(("windows-1250", name) for name in ("Polish", "Czech", "Hungarian", "Croatian")),
    *(("iso-8859-2", name) for name in ("Polish", "Czech", "Hungarian")),
    *(("cp850", name) for name in ("German", "French", "Spanish", "Nordic")),
    *(("mac-roman", name) for name in ("German", "French", "Spanish", "Nordic")),
    *(("cp437", name) for name in ("German", "French", "Spanish")),
    ("iso-8859-15", "French"),
    *((encoding, "Turkish") for encoding in ("windows-1254", "iso-8859-9")),
    *((name, "Russian") for name in ("windows-1251", "koi8-r", "cp866", "iso-8859-5")),
    ("windows-1251", "Ukrainian"),
    *((encoding, "Greek") for encoding in ("windows-1253", "iso-8859-7")),
    *((encoding, "Hebrew") for encoding in ("windows-1255", "iso-8859-8")),
    *((encoding, "Arabic") for encoding in ("windows-1256", "iso-8859-6")),
    ("windows-1256", "Persian"),
    *((encoding, "Chinese") for encoding in ("gb18030", "gb2312")),
    ("big5", "Traditional Chinese"),
    *((encoding, "Japanese") for encoding in ("shift_jis", "euc_jp")),
    ("euc_kr", "Korean"),
)
"""Encodings and languages that lists are written in."""


def invented_list(
    encoding: str, language: str, seed: int, *, rows: int = 25, share: float = 0.3
) -> str:
    """Return a CSV of people; about `share` of the words have letters that are not ASCII."""
    chance = random.Random(f"{encoding} {language} {seed}")
    words = [word for word in _WORDS[language].split() if _fits(word, encoding)]
    lines = ["id,first name,last name,e-mail,note"]
    for number in range(1, rows + 1):
        first, last, note = (
            chance.choice(words if chance.random() < share else plain)
            for plain in (_PLAIN, _PLAIN_LAST, ["", "VIP", "call back", "new"])
        )
        lines.append(f"{number},{first},{last},user{number}@example.com,{note}")
    return "\r\n".join([*lines, ""])


def _fits(word: str, encoding: str) -> bool:
    return word.encode(encoding, "replace").decode(encoding) == word
