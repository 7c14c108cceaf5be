"""The file itself: what goes in comes out, and nothing in it ever runs."""

import zipfile
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from jiesu.ledger import package, workbook
from jiesu.ledger.workbook import CELL_TEXT, CUT, Form, Head
from tests.stages.ledger.reading import clock, notes_of, rows_of, sheet_xml, style_of


def written(path, rows, *forms, pinned=1):
    heads = [Head(f"列{i}", 12, form) for i, form in enumerate(forms or (Form.TEXT,), 1)]
    workbook.write(path, "台账", heads, rows, pinned=pinned, notes=lambda n: [("行数", f"{n} 行")])
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.xlsx"


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://example.invalid","点我")', "=1+1", "+1", "-1", "@x", "＝1+1", "＋1", "－1", "＠x",
        " =1+1", "\t=1+1", "\u3000=1", "007", "13800000000", "1e5", "TRUE", "2026-01-01",
        "https://example.invalid/", "mailto:a@example.invalid",
    ],
)  # fmt: skip
def test_text_stays_text_whatever_it_looks_like(path, text):
    written(path, [[text]])

    assert rows_of(path)[1:] == [[text]]
    assert "<f>" not in sheet_xml(path)
    assert "hyperlink" not in sheet_xml(path)


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "＝1", " =1", "\n=1", "\u3000＝1", "\t=1"]
)
def test_what_begins_like_a_formula_is_marked_so_that_editing_keeps_it(path, text):
    written(path, [[text]])

    assert style_of(sheet_xml(path), "A2") == str(package.QUOTED)


@pytest.mark.parametrize(
    "text",
    [
        "a&b<c>\"d'", "]]>", "&amp;", "<script>alert(1)</script>", "一行\n两行", " 前后有空 ", "表\t格",
        "😀𠮷", "\u200b零宽", "_x", "x_y",
    ],
)  # fmt: skip
def test_every_character_comes_back(path, text):
    written(path, [[text]])

    assert rows_of(path)[1:] == [[text]]


def test_what_xml_forbids_is_left_out(path):
    written(path, [["甲\x00\x07\x0b\x1f\ufffe\uffff\ud800乙"], ["一\r\n二\r三"]])

    assert rows_of(path)[1:] == [["甲乙"], ["一\n二\n三"]]


def test_a_text_that_excel_would_decode_is_written_so_that_it_does_not(path):
    written(path, [["_x000D_ 和 _x0041_"]])

    assert "_x005F_x000D_ 和 _x005F_x0041_" in sheet_xml(path)


@pytest.mark.parametrize("letter", ["字", "😀"])
def test_a_text_longer_than_a_cell_is_cut_and_says_so(path, letter):
    written(path, [[letter * 40_000]])

    (text,) = rows_of(path)[1]
    assert text.endswith(letter + CUT)
    assert CELL_TEXT - 1 <= len(text.encode("utf-16-le")) // 2 <= CELL_TEXT


def test_a_text_as_long_as_a_cell_is_whole(path):
    written(path, [["字" * CELL_TEXT]])

    assert rows_of(path)[1] == ["字" * CELL_TEXT]


def test_moments_are_real_dates_and_lengths_are_numbers(path):
    at = clock(23, 9, 30) + timedelta(seconds=15)
    row = [at, timedelta(hours=-2, minutes=-30), timedelta(minutes=12, seconds=59), 3]
    written(path, [row], Form.MOMENT, Form.LEFT, Form.MINUTES, Form.NUMBER)

    assert rows_of(path)[1] == [at, -2.5, 12.0, 3.0]
    assert style_of(sheet_xml(path), "A2") == str(package.MOMENT)


def test_numbers_that_are_no_numbers_are_text_cells_in_text_format(path):
    written(path, [["00123"]], Form.CODE)

    assert rows_of(path)[1] == ["00123"]
    assert style_of(sheet_xml(path), "A2") == str(package.CODE)


def test_empty_cells_are_not_there(path):
    written(path, [["甲", None], ["", 0]], Form.TEXT, Form.NUMBER)

    assert rows_of(path)[1:] == [["甲", ""], ["", 0.0]]
    assert style_of(sheet_xml(path), "B2") == "absent"


def test_header_and_first_columns_are_frozen_and_widths_set(path):
    written(path, [["甲", "乙"]], Form.TEXT, Form.TEXT, pinned=1)

    xml = sheet_xml(path)
    assert (
        '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        in xml
    )
    assert '<col min="2" max="2" width="12" customWidth="1"/>' in xml
    assert '<autoFilter ref="A1:B2"/>' in xml


def test_an_empty_ledger_has_its_header_and_says_so(path):
    written(path, [])

    assert rows_of(path) == [["列1"]]
    assert notes_of(path) == {"行数": "0 行"}


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(path, monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    done = workbook.write(
        path, "台账", [Head("列", 9, Form.NUMBER)], [[n] for n in range(7)], pinned=0,
        notes=lambda n: [("行数", str(n))],
    )  # fmt: skip

    assert done == 7
    sheets = [rows_of(path, name) for name in ("台账", "台账（2）", "台账（3）")]
    assert [len(rows) for rows in sheets] == [4, 4, 2]
    assert [row[0] for rows in sheets for row in rows[1:]] == [float(n) for n in range(7)]
    assert notes_of(path) == {"行数": "7"}


def test_every_part_is_well_formed_and_named(path):
    written(path, [["甲"]])

    with zipfile.ZipFile(path) as book:
        names = set(book.namelist())
        for name in names:
            ElementTree.fromstring(book.read(name))
    assert names == {
        "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
        "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_letters(column, letters):
    assert package.letters(column) == letters
