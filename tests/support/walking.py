"""Walks through the page in a real browser as somebody does who only presses what stands out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Walk", "words"]

_WORDS = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true })
    && !one.closest("details:not([open]) > :not(summary), .hidden, .skip, .locked");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let said = "";
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (!one.closest("bdi, script, noscript, option") && shown(one)) {
      said += ` ${texts.currentNode.data}`;
    }
  }
  for (const one of document.querySelectorAll("select")) {
    if (shown(one)) said += ` ${one.selectedOptions[0]?.text ?? ""}`;
  }
  return said.split(/[\\s·/–]+/).filter((one) => /[\\p{L}\\p{N}]/u.test(one)).length;
}"""


def words(tab: Any) -> int:
    """
    Return how many words and numbers of the page itself are to be read on it as it is.

    Values of the list do not count, nor what is folded or in a choice that was not made.
    """
    return int(tab.evaluate(_WORDS))


@dataclass
class Walk:
    """
    A walk from the first page to the result, in an open tab. It counts presses and words.

    `look` is called on each page, with the name of the step. A press is one on a button, a link or
    the choice of a file; typing or pasting is none.
    """

    tab: Any
    look: Callable[[str], None] = lambda _: None
    clicks: int = 0
    words: dict[str, int] = field(default_factory=dict)

    def _seen(self, step: str) -> None:
        self.words[step] = words(self.tab)
        self.look(step)

    def press(self, waits_for: str) -> None:
        """Press the button that stands out, and wait for something on the next page."""
        self.tab.click("main .primary:visible")
        self.clicks += 1
        self.tab.wait_for_selector(waits_for)

    def list(self, source: Path) -> None:
        """Choose a list on the first page."""
        self._seen("list")
        self.tab.set_input_files("#file", source)
        self.clicks += 1
        self.tab.wait_for_selector("input[name=object]")

    def check(self, region: str = "") -> None:
        """Go on until the whole list is checked; `region` is the country of numbers, if asked."""
        self._seen("read")
        self.press(".matches")
        if region:
            self.tab.select_option("#region", region)
        self._seen("match")
        self.press(".verdict")
        self._seen("check")

    def send(self, key: str) -> None:
        """Type the key, and send all rows."""
        self.press("#key")
        self._seen("send")
        self.tab.fill("#key", key)
        self.press(".ready")
        self.look("ready")
        self.press("#live, .verdict")
        self.look("sending")
        self.tab.wait_for_selector(".ready, .verdict", timeout=60_000)
        if self.tab.query_selector(".ready"):  # the first rows were tried
            self.look("tried")
            self.press("#live, .verdict")
            self.tab.wait_for_selector(".verdict", timeout=60_000)
        self._seen("result")
