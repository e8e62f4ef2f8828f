"""Yes and no in many languages."""

from __future__ import annotations

import pytest

from importer.mapper.kinds.boolean import read_boolean
from importer.mapper.values.texts import (
    BadValue,
)

YES = """
true TRUE yes YES y Y 1 on t checked ✓ ✔ ☑ نعم صحيح Ja j oui Oui vrai sí si SÍ s sim verdadero
verdadeiro vero waar tak prawda evet E doğru да ДА д истина ہاں हाँ हां ١ ۱
"""


NO = """
false False no NO n 0 off f unchecked ✗ ✘ ☐ لا خطأ nein Nein falsch non faux falso não nao NÃO nee
nie fałsz hayır HAYIR yanlış нет НЕТ н ложь نہیں नहीं ٠ ۰
"""


WORDS = [*((word, True) for word in YES.split()), *((word, False) for word in NO.split())]


@pytest.mark.parametrize(("word", "read"), WORDS)
def test_boolean(word: str, read: bool) -> None:
    assert read_boolean(word) is read


@pytest.mark.parametrize("word", ["", "maybe", "2", "yes please", "x", "-", "01", "ok"])
def test_boolean_refuses(word: str) -> None:
    with pytest.raises(BadValue, match="neither yes nor no"):
        read_boolean(word)
