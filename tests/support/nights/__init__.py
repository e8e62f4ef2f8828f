"""A year of nightly imports of one list, with accidents; and what must be true of it."""

from nights.accidents import ACCIDENTS, Accident
from nights.clinic import Clinic
from nights.year import Night, Year

__all__ = ["ACCIDENTS", "Accident", "Clinic", "Night", "Year"]
