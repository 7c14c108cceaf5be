"""Any order file into lines: every format, the header wherever it stands, and hostile files."""

import struct
import zipfile
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiesu.platforms import drafts, shared_strings, tables
from jiesu.platforms.sheets import Limits, Unreadable
from tests.factories.order_files import (
    HEADERS,
    LABELS,
    ROW,
    VALUES,
    make_form,
    make_text,
    make_word_list,
    make_workbook,
    make_zip,
    rewrite,
)

SHEET = "xl/worksheets/sheet1.xml"


def all_of(path, **options):
    return [item for sheet in tables.read(path, **options).sheets for item in drafts.clean(sheet)]


def numbers(path):
    return [(item.row, item.number) for item in all_of(path)]


def complaint(path, **options):
    with pytest.raises(Unreadable) as told:
        all_of(path, **options)
    return str(told.value)


def test_title_rows_may_stand_above_the_header(tmp_path):
    above = [["接诉即办工单信息"], [], ["导出时间：2026-10-20 09:05"], ["被反映街道：羊坊店街道"]]
    path = make_workbook(tmp_path / "a.xlsx", [*above, HEADERS, ROW])

    (sheet,) = tables.read(path).sheets

    assert (sheet.name, sheet.header_row) == ("工单信息", 5)
    assert [(line.row, line.values) for line in sheet.lines] == [(6, ROW)]


def test_each_sheet_with_a_header_is_read_and_the_others_are_named(tmp_path):
    other = ["热线-261019-020002", *ROW[1:]]
    path = make_workbook(
        tmp_path / "a.xlsx",
        [HEADERS, ROW],
        说明=[["填表说明"], ["请勿改动"]],
        十月=[HEADERS, other],
    )
    source = tables.read(path)

    found = [item.number for sheet in source.sheets for item in drafts.clean(sheet)]

    assert found == ["热线-261019-020001", "热线-261019-020002"]
    assert source.reading.notes == ["工作表“说明”没有可认的表头，未读取"]
    assert source.reading.progress == 1.0


def test_a_file_without_a_header_says_which_columns_were_looked_for(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", [["工单编号", "承办单位", "是否解决"], ROW[:3]])

    assert complaint(path) == (
        "前 30 行内没有找到表头：要有“工单编号”，要有“标题”或“主要内容”，"
        "还要有“派单时间”“社区”等至少一列；请核对列名后再上传"
    )


def test_native_cells_keep_their_meaning(tmp_path):
    at = datetime(2026, 10, 19, 10, 24, 59)  # noqa: DTZ001
    row = [*ROW[:3], 46314.5, at, datetime(2026, 10, 21), ROW[6], 13800136732, True]  # noqa: DTZ001
    path = make_workbook(tmp_path / "a.xlsx", [HEADERS, row])

    (draft,) = all_of(path)

    assert draft.called_at.at.isoformat() == "2026-10-19T12:00:00+08:00"
    assert draft.dispatched_at.at.isoformat() == "2026-10-19T10:24:59+08:00"
    assert draft.due_at.at.isoformat() == "2026-10-21T23:59:59+08:00"
    assert (draft.due_at.precision, draft.requester_phone) == ("day", "13800136732")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "", id="本来的写法"),
        pytest.param('<c r="B2" t="s">', '<c t="s" r="B2">', id="属性换了次序"),
        pytest.param('<c r="B2" t="s">', '<c t="s">', id="单元格不写位置"),
        pytest.param('<row r="2" spans="1:9">', "<row>", id="行不写行号"),
        pytest.param('<c r="B2" t="s"><v>', '<c r="B2" t="s"><f>A1</f><v>', id="有公式"),
        pytest.param("</row></sheetData>", '<c r="ZZ2" s="1"/></row></sheetData>', id="远处有空格"),
    ],
)
def test_however_a_row_is_written_it_reads_the_same(tmp_path, before, after):
    path = rewrite(make_workbook(tmp_path / "a.xlsx", [HEADERS, ROW]), SHEET, before, after)

    (draft,) = all_of(path)

    assert (draft.row, draft.texts) == (2, tuple(ROW))


def test_rich_and_escaped_texts_are_read_as_people_see_them(tmp_path):
    rows = [HEADERS, [ROW[0], "一", "甲&乙<丙>_x000D_", *ROW[3:]]]
    path = make_workbook(tmp_path / "a.xlsx", rows)
    rich = "<si><r><t>路灯</t></r><r><rPr><b/></rPr><t>不&amp;亮</t></r><rPh><t>lu</t></rPh></si>"
    rewrite(path, "xl/sharedStrings.xml", "<si><t>一</t></si>", rich)

    (draft,) = all_of(path)

    assert (draft.title, draft.content) == ("路灯不&亮", "甲&乙<丙>_x000D_")


def test_many_texts_go_to_disk_and_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_strings, "IN_MEMORY", 0)
    monkeypatch.setattr(shared_strings, "KEPT", 300)
    rows = [[f"热线-261019-{n:06}", f"标题{n}", f"内容&{n}", *ROW[3:]] for n in range(600)]
    path = make_workbook(tmp_path / "a.xlsx", [HEADERS, *rows])

    assert [draft.texts for draft in all_of(path)] == [tuple(row) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_files_in_every_encoding_and_with_every_separator(tmp_path, encoding, separator):
    rows = [["台账"], HEADERS, ROW, [*ROW[:1], "二", "楼前\n路灯", *ROW[3:]]]
    path = make_text(tmp_path / "a.txt", [*rows, ROW], encoding, separator)

    found = all_of(path)

    assert [(draft.row, draft.content) for draft in found] == [
        (3, ROW[2]),
        (4, "楼前\n路灯"),
        (6, ROW[2]),
    ]


def test_an_unpaired_quotation_mark_names_its_line(tmp_path):
    path = make_text(tmp_path / "a.csv", [HEADERS, ROW])
    with path.open("ab") as file:
        file.write('热线-261019-020002,"'.encode() + b"x" * (5 * 2**20))

    assert complaint(path) == "从第 3 行起引号没有配对，请核对后再上传"


def test_a_word_form_alone_and_a_list_in_word(tmp_path):
    form, listed = tmp_path / "a.docx", tmp_path / "b.docx"
    form.write_bytes(make_form(zip([f"{label}：" for label in LABELS], VALUES, strict=True)))
    listed.write_bytes(make_word_list([LABELS, VALUES, ["热线-261019-020002", *VALUES[1:]]]))

    (draft,) = all_of(form)
    assert (draft.number, draft.title, draft.community, draft.content) == (
        VALUES[0],
        VALUES[1],
        VALUES[3],
        VALUES[4],
    )
    assert numbers(listed) == [(2, "热线-261019-020001"), (3, "热线-261019-020002")]


def test_an_archive_of_forms_counts_them_and_tells_what_it_could_not_read(tmp_path):
    path = make_zip(
        tmp_path / "a.zip",
        {
            "1.docx": make_form(zip(LABELS, VALUES, strict=True)),
            "2.docx": b"PK\x03\x04 not a document",
            "3.docx": make_form(zip(LABELS, ["热线-261019-020003", *VALUES[1:]], strict=True)),
            "照片.jpg": b"\xff\xd8",
            "4.xlsx": make_workbook(tmp_path / "in.xlsx", [HEADERS, ROW]).read_bytes(),
        },
    )
    source = tables.read(path)

    found = [item for sheet in source.sheets for item in drafts.clean(sheet)]

    assert [(item.row, item.where, getattr(item, "reason", "")) for item in found] == [
        (1, "1.docx", ""),
        (2, "2.docx", "文件已损坏，请重新导出后再上传"),
        (3, "3.docx", ""),
        (2, "4.xlsx", ""),
    ]
    assert source.reading.notes == ["压缩包内的“照片.jpg”不是表格或 Word 工单，未读取"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "文件是空的，请重新导出后再上传"),
        (
            b"%PDF-1.7",
            "这是 PDF 文件，不能导入；请上传 .xlsx、.xls、.csv、.docx 或由它们打成的 .zip",
        ),
        (b"Rar!\x1a\x07", "这是 RAR 压缩包，请改用 .zip 压缩后再上传"),
        (b"<html><table>", "这是网页或 XML 格式的表格，请用 Excel 打开后另存为 .xlsx 再上传"),
        (b"\x89PNG\r\n\x1a\n\0\0", "这不是表格文件，请上传 .xlsx、.xls、.csv、.docx 或 .zip"),
        (b"\xff\xff\x81", "文字编码认不出，请用 Excel 打开后另存为 .xlsx 再上传"),
        (b"PK\x03\x04", "文件已损坏，请重新导出后再上传"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4096, "文件已损坏，请重新导出后再上传"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "文件加了密码，请去掉密码后再上传",
        ),
    ],
)
def test_what_is_no_order_file_says_what_to_do(tmp_path, data, told):
    path = tmp_path / "工单.xlsx"  # the name proves nothing
    path.write_bytes(data)

    assert complaint(path) == told


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"a.csv": b"0" * (32 * 2**20)})

    assert complaint(path) == ("文件解开后异常膨胀，疑似有害文件，未予读取；请重新导出后再上传")
    assert complaint(path, limits=Limits(unpacked_bytes=2**20)) == (
        "文件解开后过大，请分成几个较小的文件再上传"
    )


def test_a_part_that_lies_about_its_size_is_not_read_beyond_it(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", [HEADERS, ROW])
    with zipfile.ZipFile(path) as package:
        size = package.getinfo(SHEET).file_size
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", size), struct.pack("<L", 900)))

    assert complaint(path) == "文件已损坏，请重新导出后再上传"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_document_types_and_their_entities_are_refused(tmp_path, part):
    path = make_workbook(tmp_path / "a.xlsx", [HEADERS, ROW])
    evil = '?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

    rewrite(path, part, "?>", evil)

    assert complaint(path) == "文件内含不允许的文档类型声明，未予读取；请重新导出后再上传"


def test_two_cells_far_apart_cost_no_memory(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", [HEADERS, ROW])
    far = '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'

    rewrite(path, SHEET, "</row></sheetData>", far)

    assert complaint(path) == "工作表超过 400 列，请删去多余的列再上传"


def test_too_many_rows_are_refused(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", [HEADERS, ROW, ROW])

    assert complaint(path, limits=Limits(rows=2)) == "工作表超过 2 行，请分成几个文件再上传"


@given(at=st.integers(0, 10**6), new=st.binary(max_size=8), gone=st.integers(0, 40))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(tmp_path, at, new, gone):
    data = make_workbook(tmp_path / "a.xlsx", [HEADERS, ROW]).read_bytes()
    at %= len(data)
    path = tmp_path / "b.xlsx"
    path.write_bytes(data[:at] + new + data[at + gone :])

    with suppress(Unreadable):
        all_of(path)
