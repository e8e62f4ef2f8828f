"""
Writes what is new among the texts of the package into its catalogues.

Needs Babel, which is among the packages for development: `python tools/catalogues.py`. Texts that
have no translation yet stay empty, and a test names them.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]


def main() -> None:
    """Add each text to the catalogue of the folder that it is in, behind what is there."""
    from catalogues import FOLDERS, extracted

    from importer.core.locale.catalogue import read_catalogue
    from importer.core.locale.language import LANGUAGES

    for code in set(LANGUAGES) - {"en"}:
        folder = ROOT / "importer" / "core" / "locale" / code
        folder.mkdir(exist_ok=True)
        there = read_catalogue(sorted(folder.glob("*.po")))
        known, forms = there.texts, max(map(there.plural, range(1000))) + 1
        for name in FOLDERS:
            path = folder / f"{name}.po"
            for context, message in extracted(name):
                if (context, message[0]) not in known:
                    with path.open("a", encoding="utf-8") as stream:
                        stream.write("\n" + _entry(context, message, forms))


def _entry(context: str, message: tuple[str, ...], forms: int) -> str:
    lines = [f'msgctxt "{context}"'] if context else []
    lines += [f"msgid {_quoted(message[0])}"]
    if len(message) == 1:
        return "\n".join([*lines, 'msgstr ""', ""])
    lines += [f"msgid_plural {_quoted(message[1])}"]
    return "\n".join([*lines, *(f'msgstr[{form}] ""' for form in range(forms)), ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


if __name__ == "__main__":
    main()
