"""Lines of several cells above the header are titles if that is certain; else nothing is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer import ImportConfig, check
from importer.core.errors import SourceError
from importer.core.settings import ReadOptions
from importer.reader import detect_layout, find_sources, open_source
from importer.reader.layout import Layout

NAMES = ["Name", "Company", "Mobile", "Notes"]
GUESTS = (
    "Mona Khoury,Cedar Bank,+971506550102,Yes\n"
    "Imran Sheikh,City Clinic,+971556550103,tbc\n"
    "Elena Markova,Markova Interiors,+971526550104,No\n"
)


def read(path: Path, text: str) -> tuple[Layout, list[str], int]:
    """Return the layout of a list, its columns, and the number of its rows."""
    path.write_text(text, encoding="utf-8")
    (file,) = find_sources((str(path),))
    layout = detect_layout(file, ReadOptions())
    with open_source(file, layout, ReadOptions()) as rows:
        return layout, [*(rows.columns or ())], len([*rows])


@pytest.mark.parametrize(
    "above",
    [
        "VIP guest list,,,Updated: Huda\n",
        "VIP guest list,,,Updated: Huda\n\n",
        "VIP guest list,,,Huda\n,,,\n",
        "Guests,,Huda,\n\n",
        "Guest list 2026,,,01/03/2026\n",
        "Date:,01/03/2026,,\n\n",
        "Date:,01/03/2026,,\n",
        "Clinic report,,,Page 1 of 1\nPrinted by Huda,,,01/03/2026\n",
        "Clinic report,,,\nPeriod:,March 2026,,\n",
    ],
)
def test_titles_of_several_cells_are_skipped(above: str, tmp_path: Path) -> None:
    layout, columns, rows = read(tmp_path / "list.csv", f"{above}{','.join(NAMES)}\n{GUESTS}")
    assert (columns, rows, layout.details.doubt) == (NAMES, 3, None)


def test_titles_are_skipped_where_several_columns_have_numbers_or_addresses(
    tmp_path: Path,
) -> None:
    guests = "Mona,+971506550102,mona@cedar.example\nImran,+971556550103,imran@cc.example\n" * 2
    text = f"Period: March,,\nName,Phone,Email\n{guests}"
    assert read(tmp_path / "list.csv", text)[1:] == (["Name", "Phone", "Email"], 4)


@pytest.mark.parametrize("above", ["Branch,Deira,,", "Guests,,,Huda", "Guests,Deira,,Page 1"])
def test_a_list_with_two_readings_of_its_header_is_not_sent(above: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    layout, _, _ = read(path, f"{above}\n{','.join(NAMES)}\n{GUESTS}")
    assert "line 2 looks like names of columns too" in str(layout.details.doubt)
    config = ImportConfig(sources=str(path), object="contact")
    with pytest.raises(SourceError, match="--skip-lines 1 if only this one is") as caught:
        check(config)
    assert "Nothing is sent" in str(caught.value.hint)
    assert check(config.replace(read=ReadOptions(skip_lines=1))).to_send == 3


def test_names_further_down_are_not_overlooked(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    layout, _, _ = read(path, f"Clinic,,,Deira\nHuda,,,Monday\n{','.join(NAMES)}\n{GUESTS}")
    assert "line 3 looks like names of columns too: use --skip-lines 2" in str(layout.details.doubt)


@pytest.mark.parametrize(
    "text",
    [
        # One who has a word for a number, below a header that lacks the last name.
        "Name,Phone,City,\nMona,call Huda,Dubai,\n" + "Imran,+971556550103,Dubai,\n" * 3,
        # A list without a header: its first row lacks cells, and is a person.
        "Mona,+971506550102,,\n" + "Imran,+971556550103,Dubai,Yes\n" * 4,
    ],
)
def test_a_row_with_a_word_for_a_number_is_no_header(text: str, tmp_path: Path) -> None:
    layout, _, rows = read(tmp_path / "list.csv", text)
    assert (rows >= 4, layout.details.doubt) == (True, None)
