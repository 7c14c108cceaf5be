"""节假日: what kind of day it is, and files that cannot be a year's notice."""

from datetime import date

import pytest

from jiesu.catalogue.holiday_files import read
from jiesu.catalogue.shipped import work_calendar
from jiesu.rules.holidays import NoTable, days_of, parse_csv, parse_toml, table_of

CALENDAR = work_calendar()
DAYS = {
    "元旦": "2027-01-01", "春节": "2027-02-05..2027-02-11", "清明节": "2027-04-05",
    "劳动节": "2027-05-01..2027-05-03", "端午节": "2027-06-09", "中秋节": "2027-09-15",
    "国庆节": "2027-10-01..2027-10-07",
}  # fmt: skip
OFF = "\n".join(f'"{name}" = "{days}"' for name, days in DAYS.items())
TOML = f'[2027]\nsource = "假设的安排"\nconfirmed = true\n[2027.off]\n{OFF}\n[2027.work]\n"春节" = "2027-02-14"\n'
ROWS = [f"{days.partition('..')[0]},{name},1" for name, days in DAYS.items()]
CSV = "\n".join(["日期,名称,是否放假", *ROWS, "2027-02-14,春节,0", ""])


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        ("2026-10-01", False, "国庆节放假"),
        ("2026-10-10", True, "调休上班"),
        ("2026-10-11", False, "周末"),
        ("2026-10-12", True, "工作日"),
        ("2018-12-29", True, "调休上班"),
        ("2018-12-31", False, "元旦放假"),
        ("2020-02-03", True, "工作日"),
        ("2025-10-06", False, "国庆节、中秋节放假"),
    ],
)
def test_what_kind_of_day_it_is(day, works, why):
    on = date.fromisoformat(day)

    assert (CALENDAR.is_workday(on), CALENDAR.why(on)) == (works, why)


def test_a_year_without_a_table_is_not_answered():
    with pytest.raises(NoTable, match="还没有2027年的放假调休安排"):
        CALENDAR.is_workday(date(2027, 3, 1))


def test_the_shipped_years_are_whole_and_say_on_whose_word():
    told = [(t.year, t.confirmed, t.source.partition("；")[0]) for t in CALENDAR.tables.values()]

    assert told == [
        (year, True, f"国务院办公厅关于{year}年部分节假日安排的通知") for year in range(2018, 2027)
    ]


def test_csv_and_toml_of_the_same_days_say_the_same():
    off = "\n".join(f'"{name}" = "{days.partition("..")[0]}"' for name, days in DAYS.items())
    short = TOML.replace(OFF, off)

    assert parse_csv(CSV, source="假设的安排") == parse_toml(short)


def test_a_table_survives_being_kept_as_json():
    table = parse_toml(TOML)[2027]

    again = table_of(2027, days_of(table), confirmed=table.confirmed, source=table.source)

    assert again == table


def test_new_years_days_of_december_belong_to_the_next_notice():
    found = parse_csv(CSV.replace("2027-01-01,元旦,1", "2026-12-31,元旦,1\n2027-01-01,元旦,1"))

    assert list(found) == [2027]
    assert min(found[2027].off) == date(2026, 12, 31)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_file_as_excel_saves_it(encoding):
    table = read("2027.CSV", CSV.encode(encoding), confirmed=False)[2027]

    assert (table.off[date(2027, 10, 1)], table.confirmed) == ("国庆节", False)


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        pytest.param("a.xlsx", CSV, "另存为 CSV", id="不是csv"),
        pytest.param("a.csv", "", "第 1 行缺少“日期”列", id="空文件"),
        pytest.param("a.csv", "日期,名称,是否放假\n", "没有放假的日子", id="只有表头"),
        pytest.param("a.csv", CSV.replace("是否放假", "放吗"), "第 1 行缺少“是否放假”列", id="缺列"),
        pytest.param("a.csv", CSV.replace("2027-06-09", "2027-06-31"), "第 6 行：日期“2027-06-31”", id="没有这天"),
        pytest.param("a.csv", CSV.replace("端午节,1", ",1"), "第 6 行：2027-06-09 没有节日名称", id="没名称"),
        pytest.param("a.csv", CSV.replace("端午节,1", "端午节,对"), "第 6 行：“是否放假”写的是“对”", id="看不懂"),
        pytest.param("a.csv", CSV + "2027-06-09,端午节,1\n", "第 10 行：2027-06-09 前面已经有了", id="重复"),
        pytest.param("a.csv", CSV + "2027-06-12,端午节,0\n2027-06-16,端午节,0\n",
                     "2027-06-16 不是周六或周日", id="调休不在周末"),
        pytest.param("a.csv", CSV.replace("2027-10-01,国庆节,1\n", ""), "缺少国庆", id="缺节日"),
        pytest.param("a.csv", CSV.replace("2027-01-01,元旦,1\n", "2027-01-02,元旦,1\n"), "没有元旦", id="缺元旦"),
        pytest.param("a.toml", "[2027", "不是有效的 TOML", id="坏TOML"),
        pytest.param("a.toml", "", "没有年份", id="空TOML"),
        pytest.param("a.toml", 'name = "x"', "“name”不是年份", id="不是年份"),
        pytest.param("a.toml", TOML.replace("2027-02-05..2027-02-11", "2027-02-11..2027-02-05"),
                     "起止颠倒", id="区间颠倒"),
        pytest.param("a.toml", TOML.replace("2027-02-14", "2027-02-06"), "既写了放假又写了上班", id="又放又班"),
        pytest.param("a.toml", TOML.replace("2027-06-09", "六月九日"), "“六月九日”看不懂", id="看不懂的日子"),
        pytest.param("a.toml", TOML.replace("2027-06-09", "2028-06-09"), "不属于2027年", id="别的年份"),
        pytest.param("a.toml", TOML.replace("2027-06-09", "2027-04-05"), "2027-04-05 写了两次", id="写两次"),
        pytest.param("a.toml", '[2027]\noff = "元旦"', "off 写法不对", id="off不成样子"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_a_years_notice_says_what_to_do(name, body, told):
    with pytest.raises(ValueError) as refused:
        read(name, body.encode())

    assert told in str(refused.value)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ValueError, match="编码看不懂"):
        read("a.csv", b"\xff\xff\xff")
