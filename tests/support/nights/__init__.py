"""Nights of imports of one list, with accidents; and what must be true of them."""

from nights.accidents import ACCIDENTS, Accident
from nights.clinic import Clinic
from nights.one_night import Before, Seen, honest_nights, play, played
from nights.year import Night, Year

__all__ = [
    "ACCIDENTS",
    "Accident",
    "Before",
    "Clinic",
    "Night",
    "Seen",
    "Year",
    "honest_nights",
    "play",
    "played",
]
