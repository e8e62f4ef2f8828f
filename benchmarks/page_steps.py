"""
Walks three lists through the page in Chromium, and counts what that asks of a person.

    python -m benchmarks.page_steps [--to FOLDER]

A clean list, one with problems and an Arabic one, in both languages, on a laptop and on a phone:
presses, words to read on each step, seconds of the program. Each page is looked at by axe and at
320 px, and with the Tab key: what has the focus has to be in sight. With `--to` it takes pictures.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from browsing import browser, findings
from walking import Walk

from importer.sandbox import SandboxConfig, running
from importer.ui.server import serving_page
from importer.ui.store.state import State

_ROWS = 312
_RATE = 6000
_PATIENCE = 180_000
_DEVICES = {"laptop": (1280, 800), "phone": (390, 844)}
_FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  const box = one.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const seen = inside && top && (one.contains(top) || top.contains(one) || top.closest("label"));
  return (seen ? "seen " : "hidden ") + one.outerHTML.slice(0, 80);
}"""
_MOST_TABS = 60


def _clean(number: int) -> list[str]:
    return [
        "Amal", f"Haddad {number}", f"a{number}@example.com", f"+9715055{number:05}",
        f"Company {number % 7}", "Dubai",
    ]  # fmt: skip


def _messy(number: int) -> list[str]:
    mail = "not an address" if number % 20 == 3 else f"b{number}@example.com"
    phone = "call me" if number % 25 == 4 else f"050 555 {number:04}"
    born = "31/02/1990" if number % 30 == 5 else "13/04/1990"
    return [f"Sara Noor {number % 300}", mail, phone, born, "VIP; old", f"{number}"]


def _arabic(number: int) -> list[str]:
    city = "دبي" if number % 2 else "الشارقة"
    return [f"ليلى {number}", "حداد", f"c{number}@example.com", f"05055{number:05}", city]


LISTS = {
    "clean": ("First name,Last name,Email,Phone,Company,City", _clean, ""),
    "messy": ("Name,E-mail,Phone,Birthday,Tags,Points", _messy, "AE"),
    "Arabic": ("الاسم الأول,اسم العائلة,البريد الإلكتروني,رقم الجوال,المدينة", _arabic, "AE"),
}
"""The header of each list, its rows, and the country that its numbers need."""


def main() -> None:
    """Walk, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path)
    asked = parser.parse_args()
    State.model_fields["rate"].default = _RATE
    State.model_rebuild(force=True)
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        for name in LISTS:
            for language in ("en-GB", "ar"):
                for device, size in _DEVICES.items():
                    place = Path(folder) / f"{name}-{language}-{device}"
                    place.mkdir()
                    with running(SandboxConfig(rate_limit=10**6, tenant_limit=10**6)) as sandbox:
                        os.environ["VOREL_BASE_URL"] = sandbox.url
                        context = chromium.new_context(
                            locale=language,
                            viewport=dict(zip(("width", "height"), size, strict=True)),
                            bypass_csp=True,
                        )
                        _walk(context, place, name, sandbox.api_key, asked.to)
                        context.close()


def _walk(context: Any, place: Path, name: str, key: str, to: Path | None) -> None:
    header, row, region = LISTS[name]
    source = place / "people.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        stream.write(header + "\n")
        csv.writer(stream).writerows(map(row, range(_ROWS)))
    wrong: list[str] = []
    with serving_page(place / "kept") as page:
        context.set_default_timeout(_PATIENCE)
        tab = context.new_page()
        tab.goto(page.start)
        tab.wait_for_selector("#file")
        tab.wait_for_load_state()
        walk = Walk(tab, partial(_look, tab, wrong, place.name, to))
        began = time.perf_counter()
        walk.list(source)
        walk.check(region)
        walk.send(key)
    took = time.perf_counter() - began
    words = " ".join(f"{step} {count}" for step, count in walk.words.items())
    print(
        f"{place.name:<20} {walk.clicks} presses, {sum(walk.words.values())} words ({words}), "
        f"{took:.0f} s; {len(wrong)} findings",
        flush=True,
    )
    for one in wrong:
        print(f"  {one}", flush=True)


def _look(tab: Any, wrong: list[str], called: str, to: Path | None, step: str) -> None:
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=str(to / f"{called}-{step}.png"), full_page=True)
    if step == "sending":  # it leads on by itself
        return
    wrong.extend(findings(tab))
    for _ in range(_MOST_TABS):
        tab.keyboard.press("Tab")
        focus = tab.evaluate(_FOCUS)
        if not focus:
            break
        if focus.startswith("hidden"):
            wrong.append(f"{step}: {focus}")
    tab.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")


if __name__ == "__main__":
    main()
