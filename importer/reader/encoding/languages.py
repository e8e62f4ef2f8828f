"""The non-ASCII letters of each language and how often they occur, for guessing encodings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Script = Literal["latin", "other", "han"]

_SIGNS = "’‘“”„–—…«»°§€£©®·½¼²³´¨¡¿ªº№×•‚\u00a0،؛؟、。・（）「」"
_SIGN_SHARE = 0.02
_FOREIGN_SHARE = 0.01
_VOWELS = "аеёиоуыэюяіїєαεηιουωάέήίόύώϊϋΐΰ"
_WESTERN = "éáíóöäüñçãèßåêøàâôëîïõæúìòùûýœðþÿ"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageLetters:
    """
    One language's non-ASCII letters, each with the logarithm of its share among them.

    `rest` is the share of any letter that the language does not use, `prior` how common lists in it
    are; both are logarithms too. `vowels` are given for Cyrillic and Greek.
    """

    name: str
    script: Script
    shares: Mapping[str, float]
    rest: float
    prior: float
    vowels: str = ""


def _language(
    name: str, letters: str, *, slope: float, script: Script, prior: float
) -> LanguageLetters:
    """Build a language from its letters, most frequent first; each has e^(-1/slope) of the last."""
    weights = {letter: math.exp(-rank / slope) for rank, letter in enumerate(letters)}
    share = (1 - _SIGN_SHARE - _FOREIGN_SHARE) / sum(weights.values())
    shares = {sign: math.log(_SIGN_SHARE / len(_SIGNS)) for sign in _SIGNS}
    if script != "latin":  # lists in any language may have Western names
        shares |= {letter: math.log(_FOREIGN_SHARE / 2 / len(_WESTERN)) for letter in _WESTERN}
    shares |= {letter: math.log(weight * share) for letter, weight in weights.items()}
    rest = math.log(_FOREIGN_SHARE / 2 / 800)
    vowels = _VOWELS if script == "other" and not set(_VOWELS).isdisjoint(letters) else ""
    return LanguageLetters(
        name=name, script=script, shares=shares, rest=rest, prior=prior, vowels=vowels
    )


def _latin(name: str, letters: str, prior: float = -1) -> LanguageLetters:
    slope = 3 if len(letters) < 20 else 9
    return _language(name, letters, slope=slope, script="latin", prior=prior)


def _alphabet(name: str, letters: str, prior: float = 0) -> LanguageLetters:
    return _language(name, letters, slope=len(letters) / 3.5, script="other", prior=prior)


def _han(name: str, common: str, other: str, prior: float = -1) -> LanguageLetters:
    """Build a language of thousands of signs; the common ones make up most of a text."""
    signs = dict.fromkeys(common.replace(" ", "").replace("\n", ""))
    shares = {sign: math.log(0.02 / len(_SIGNS)) for sign in _SIGNS}
    shares |= dict.fromkeys(other, math.log(0.3 / max(len(other), 1)))
    shares |= dict.fromkeys(signs, math.log((0.4 if other else 0.7) / len(signs)))
    return LanguageLetters(
        name=name, script="han", shares=shares, rest=math.log(0.25 / 1500), prior=prior
    )


_KANA = "".join(map(chr, (*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC)))

LANGUAGES = {
    language.name: language
    for language in (
        _latin("Western", _WESTERN, 0),
        _latin("German", "üöäßéè"),
        _latin("French", "éèçêàëôâîïûùœ"),
        _latin("Spanish", "óíáéñúü"),
        _latin("Portuguese", "ãáçéíóõúêâôà"),
        _latin("Italian", "àèòùìé"),
        _latin("Nordic", "äöåøæéü"),
        _latin("Icelandic", "áíðóéúþöýæ", -4),
        _latin("Central European", "áéíěóčšžýřłůąęćńśżźťďňöüőűäôúđľăâîșțşţ", 0),
        _latin("Polish", "łóńśąęćżź"),
        _latin("Czech", "áíéčěřšýžůúňďťó"),
        _latin("Slovak", "áíéčšýžľúťôňďóä"),
        _latin("Hungarian", "áéóöíőüúű"),
        _latin("Romanian", "ăîâşţșț", -2),
        _latin("Croatian", "čćšžđ"),
        _latin("Turkish", "ışüöçğİâ"),
        _latin("Baltic", "āšėīžčēņąļģūųķįęõäöüé", -2),
        _alphabet("Russian", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),
        _alphabet("Ukrainian", "оанивіетрскдлмупябзьгйчхюжцїщшєфґ", -2),
        _alphabet("Bulgarian", "аиоентрсвлкдпмзгяъбучцйжщхфшюь", -2),
        _alphabet("Serbian", "аоиенртсвкјмудлпзгбшљчњћцжхђџф", -3),
        _alphabet("Greek", "αοιετσνρκπςμλυδγίάηόθέχωβφύήξώζψϊϋΐΰ"),
        _alphabet("Hebrew", "יולהאמרבשתנםדחקעגפכטזסצןךףץ"),
        _alphabet("Arabic", "اليمنرةدبعسهحتوفخكقطصشجأزضىغذثءئظإؤآًٌٍَُِّْـ"),
        _alphabet("Persian", "اینردهمولسشتبزکگعخفحقچصجطغضپذثآظئًءژيك", -2),
        _han(
            "Chinese",
            "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
            "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤伟芳娜秀英敏静丽"
            "强磊军洋勇艳杰娟涛明超兰霞平刚桂文建国华红玉春梅海燕玲小晓俊志北京上广州深圳市省区路街号楼室县镇村东南西中山大"
            "道新城公司有限姓名电话地址性别男女客户日期部门经理联系人职位备注邮编手机生年月的一是不了在我他这个们来到时为子"
            "你说着就那和要她出也得里后自以会家可下而过天去能对多然心学么之都好看起发当没成只如事把还用第样想作种开总从无",
            "",
        ),
        _han(
            "Traditional Chinese",
            "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘于蔣蔡余杜葉程蘇魏呂丁任沈姚盧"
            "姜崔鍾譚陸汪范金石廖賈夏韋方白鄒孟熊秦邱江尹薛段雷侯龍史陶黎賀顧毛郝龔邵萬錢嚴武戴莫孔向湯偉芳娜秀英敏靜麗"
            "強磊軍洋勇艷傑娟濤明超蘭霞平剛桂文建國華紅玉春梅海燕玲小曉俊志怡雅淑惠美雯婷宜君豪宏家臺台北中南東西新竹高雄"
            "桃園市縣區路街號樓室段巷弄公司有限姓名電話地址性別男女客戶日期部門經理聯絡人職位備註郵手機生年月的一是不了在我"
            "他這個們來到時為子你說著就那和要她出也得里後自以會家可下而過天去能對多然心學之都好看起發當沒成只如事把還用第",
            "",
        ),
        _han(
            "Japanese",
            "佐藤鈴木高橋田中伊渡辺山本村小林加吉斎松井清水池阿部森石前岡長谷川近後坂遠青西福太三原金野上原武市今河口酒工"
            "横宮内島崎大平千葉岩桜菊久保新古杉丸安東京都府県区町番地号室会社株式様氏名電話住所郵便番号男女年月日生性別子美"
            "恵由紀真奈優香愛陽一郎二介太翔健拓也浩之和夫正明博幸隆雄学直樹大輔翼蓮結衣葵花さ北海道阪神奈川兵庫名古屋横浜",
            _KANA,
        ),
        _han(
            "Korean",
            "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민준연지현수영진경미은희숙자순"
            "철호석기상원재동광용태승훈환규병찬인혜선예나라보람빈율아윤도시울부산대구천광역특별세종충청전라북제길로번층"
            "이름전화주소성별여남고객날짜회사부서담당직책비우편생년월일의가을를는에와과다한사",
            "",
        ),
    )
}
