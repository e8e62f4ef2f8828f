"""Asks what only a person can know about a results file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from importer.cli.text import say

if TYPE_CHECKING:
    from importer.config import ImportConfig
    from importer.errors import QuestionError

__all__ = ["answered"]


def answered(config: ImportConfig, question: QuestionError) -> ImportConfig:
    """
    Ask a question on the terminal. Returns the settings with the answer.

    Raises `click.Abort` if the answer is to stop.
    """
    say(f"{question.message}.", err=True)
    choices = list(question.answers)
    for number, choice in enumerate(choices, 1):
        say(f"  {number}  {choice}", err=True)
    say("  0  stop, send nothing", err=True)
    number = click.prompt("Which one?", type=click.IntRange(0, len(choices)), default=0, err=True)
    if not number:
        raise click.Abort
    settings: dict[str, Any] = dict(question.answers[choices[number - 1]])
    return config.replace(**settings)
