"""Nights of imports of one list, with accidents; and what must be true of them."""

from nights.accidents import ACCIDENTS, Accident
from nights.clinic import Clinic
from nights.one_night import Seen, played
from nights.year import Night, Year

__all__ = ["ACCIDENTS", "Accident", "Clinic", "Night", "Seen", "Year", "played"]
