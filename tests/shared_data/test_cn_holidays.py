"""Our year tables against the State Council's days off as another source has them."""

import csv
from pathlib import Path

import pytest

import jiesu
from jiesu.rules.holidays import parse_csv, parse_toml
from tests.house.tracked import ROOT

FILE = ROOT.parent / "shared" / "data" / "cn_holidays" / "holidays_2018_2026.csv"
OURS = parse_toml((Path(jiesu.__file__).parent / "rulesets" / "holidays.toml").read_text("utf-8"))

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="没有 shared/data/cn_holidays")


def test_every_row_stands_in_our_table_and_no_other():
    rows = [
        (int(row["notice_year"]), row["date"], row["name"], row["is_off_day"] == "1")
        for row in csv.DictReader(FILE.open(encoding="utf-8"))
    ]
    ours = [
        (year, day.isoformat(), name, off)
        for year, table in OURS.items()
        for off, days in ((True, table.off), (False, table.work))
        for day, name in days.items()
    ]

    assert len(rows) == 315
    assert sorted(ours) == sorted(rows)


def test_the_file_can_be_imported_as_it_is():
    read = parse_csv(FILE.read_text("utf-8"))

    assert {y: (t.off, t.work) for y, t in read.items()} == {
        y: (t.off, t.work) for y, t in OURS.items()
    }
