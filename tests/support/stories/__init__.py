"""Random stories of a list that is imported again and again while everything around it changes."""

from stories.ended import Ended
from stories.story import kind_of, play

__all__ = ["Ended", "kind_of", "play"]
