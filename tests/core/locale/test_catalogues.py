"""Every text that people read is in the catalogue of every language."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from catalogues import FOLDERS, ROOT, extracted

from importer.core.locale.language import LANGUAGES, language

_NAMES = re.compile(r"%\((\w+)\)[sd]")
OTHERS = sorted(set(LANGUAGES) - {"en"})


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("name", FOLDERS)
def test_each_text_is_translated(name: str, code: str) -> None:
    texts: Mapping[tuple[str, str], tuple[str, ...]] = language(code).texts.texts
    missing = [
        (context, forms[0])
        for context, forms in extracted(name)
        if not all(texts.get((context, forms[0]), ("",)))
        or (len(forms) > 1) != (len(texts[context, forms[0]]) > 1)
    ]
    assert missing == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_no_gap_that_its_text_does_not_have(code: str) -> None:
    for (_, message), forms in language(code).texts.texts.items():
        for form in forms:
            assert set(_NAMES.findall(form)) <= set(_NAMES.findall(message)), message


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_in_two_catalogues(code: str) -> None:
    paths = sorted((ROOT / "importer" / "core" / "locale" / code).glob("*.po"))
    assert len(paths) > 1
    seen: dict[tuple[str, str], str] = {}
    from importer.core.locale.catalogue import read_catalogue

    for path in paths:
        for key in read_catalogue([path]).texts:
            assert key not in seen, f"{key} is in {seen.get(key)} and in {path.name}"
            seen[key] = path.name
