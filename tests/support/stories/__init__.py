"""Random stories of a list that is imported again and again while everything around it changes."""

from stories.story import Ended, play

__all__ = ["Ended", "play"]
