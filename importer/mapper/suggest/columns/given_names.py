"""Tells which of two columns has the first names, where no header says so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from importer.mapper.values.text import fold

__all__ = ["is_last_first"]

_LOOKED_AT, _FEWEST, _CLEARLY = 500, 2, 2
# Frequent first names in the statistics of many countries, as `fold` returns them. They decide
# nothing alone: the column that has clearly more of them has the first names.
_GIVEN = frozenset(
    str.split(
        "aaron abdul abdullah adam adrian agnes ahmad ahmed aisha alan albert alejandro alex "
        "alexander alexandra ali alice amal amina amir ana anders andre andrea andreas andrei "
        "andrew andrzej angela anil anita anja anna anne anton antonio arjun artur asad asha "
        "astrid aya ayse barbara beata ben benjamin bernd birgit bjorn bogdan brian carl "
        "carla carlos carmen caroline catherine cecilia charles charlotte chris christian "
        "christine christoph claire clara claudia cristina daniel daniela david deepak denis "
        "diana diego dieter dimitri dominik dora edith eduardo elena eleni elisabeth "
        "elizabeth ella emil emily emma eric erik ernst ester eva ewa fabian fatima fatma "
        "felix fernando florian francesca francesco francisco frank fredrik gabriel georg "
        "george gerhard giovanni giulia giuseppe grace guido hamza hana hannah hans harald "
        "hasan hassan heidi helena helmut henrik hussein ibrahim igor ines inga ingrid irena "
        "irina isabel ivan jack jacob jakub james jan jana jane janez jason javier jean "
        "jennifer jessica jiri joao johan johanna john jonas jorge jose josef joseph juan "
        "judit julia julian jun jurgen kamil karel karim karin karl katarina katarzyna "
        "katerina kevin khaled khalid klaus krzysztof kumar lars laszlo laura layla lea lena "
        "leo leon leonardo lina linda lisa ljubica louis lucas lucia lucie luigi luis luka "
        "lukas maciej magdalena mahmoud malgorzata manuel marco marek margit maria mariam "
        "marie marija mario mark marko markus marta martin martina mary maryam mateusz "
        "mathilde matteo matthew max maya mehmet michael michal miguel mikael milan mohamed "
        "mohammad mohammed monika mustafa nadia natalia nele nicolas nicole nikola nina noor "
        "nora olga oliver omar oscar otto pablo paola patricia patrick paul paula pavel pedro "
        "peter petr petra philip pierre piotr priya rachel rafael rahul raj rajesh ralf "
        "ramesh rania raul rebecca regina rene ricardo richard rita robert roberto roman rosa "
        "ruth ryan sabine salma samir samuel sandra sanjay sara sarah sebastian sergei sergio "
        "silvia simon simone sofia sofie sonia sophie stefan stefania stephan stephen steven "
        "sunil susan susanne sven svetlana tamara tatiana teresa thomas tim tobias tom tomas "
        "tomasz udo ulrike ursula uwe vera veronika victor viktor vincent vladimir walter wei "
        "werner william wojciech wolfgang yasmin youssef yuki yusuf zainab zeynep zofia "
        "zsofia zuzana "
    )
)


def is_last_first(left: Sequence[str], right: Sequence[str], emails: Sequence[str]) -> bool:
    """
    Return whether of two columns of names the right one has the first names.

    Email addresses show it, as most are written `first.last@` or `flast@`; else the column that
    has at least twice as many frequent first names as the other.
    """
    rows = list(islice(dict.fromkeys(zip(left, right, strict=True)), _LOOKED_AT))
    told = [_told(one, other, email) for one, other, email in zip(left, right, emails)]  # noqa: B905
    votes = sum(told)
    if abs(votes) >= _FEWEST:
        return votes < 0
    given = [sum(_is_given(row[at]) for row in rows) for at in (0, 1)]
    return given[1] >= max(_FEWEST, _CLEARLY * given[0] + 1)


def _told(left: str, right: str, email: str) -> int:
    """Return 1 if an address has the left name first, -1 if the right one, 0 if neither."""
    local = fold(email).partition("@")[0]
    one, other = (fold(text).replace(" ", "") for text in (left, right))
    if "@" not in email or not one or not other:
        return 0
    forward = local.startswith((f"{one}.", f"{one}_", f"{one[0]}.{other}", f"{one[0]}{other}"))
    back = local.startswith((f"{other}.", f"{other}_", f"{other[0]}.{one}", f"{other[0]}{one}"))
    return int(forward) - int(back)


def _is_given(text: str) -> bool:
    words = fold(text).split()
    return bool(words) and words[0] in _GIVEN
