"""An endpoint of the referee's own, and a folder in which a person runs the command on lists."""

from referee.crm import Answer, Crm, dropped, late, lost, made, refusal, serving
from referee.world import Run, World

__all__ = [
    "Answer",
    "Crm",
    "Run",
    "World",
    "dropped",
    "late",
    "lost",
    "made",
    "refusal",
    "serving",
]
