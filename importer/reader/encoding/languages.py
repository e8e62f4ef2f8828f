"""The non-ASCII letters of each language and how often they occur, for guessing encodings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
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


def _han(name: str, common: str, others: str, prior: float) -> LanguageLetters:
    """Build a language of thousands of signs; the common ones make up most of a text."""
    shares = {sign: math.log(0.02 / len(_SIGNS)) for sign in _SIGNS}
    shares |= dict.fromkeys(others, math.log(0.3 / max(len(others), 1)))
    signs = dict.fromkeys(common)
    shares |= dict.fromkeys(signs, math.log((0.4 if others else 0.7) / len(signs)))
    return LanguageLetters(
        name=name, script="han", shares=shares, rest=math.log(0.25 / 1500), prior=prior
    )


def _read_languages() -> Iterator[LanguageLetters]:
    """Yield the languages of `languages.tsv`; `letters` are the most frequent ones first."""
    text = Path(__file__).with_name("languages.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        name, script, prior, letters, others = line.split("\t")
        if script == "han":
            yield _han(name, letters, others, float(prior))
        elif script == "latin":
            slope = 3.0 if len(letters) < 20 else 9.0
            yield _language(name, letters, slope=slope, script="latin", prior=float(prior))
        else:
            slope = len(letters) / 3.5
            yield _language(name, letters, slope=slope, script="other", prior=float(prior))


LANGUAGES = {language.name: language for language in _read_languages()}
