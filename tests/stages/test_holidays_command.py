"""``jiesu import holidays``, and the years it brings as ``jiesu due`` reads them from the database."""

import json
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from jiesu.catalogue.actions import adopt_holidays
from jiesu.catalogue.models import HolidayTable
from jiesu.command import holidays, office_days
from jiesu.command.words import Stopped
from jiesu.core import postgres
from jiesu.org.models import Office
from jiesu.rules.holidays import parse_csv

CSV = """日期,名称,是否放假
2027-01-01,元旦,1
2027-02-06,春节,1
2027-04-05,清明节,1
2027-05-01,劳动节,1
2027-06-09,端午节,1
2027-09-15,中秋节,1
2027-10-01,国庆节,1
"""
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def asked(tmp_path: Path) -> Namespace:
    written = tmp_path / "2027.csv"
    written.write_text(CSV)
    return Namespace(
        file=written, source="假设的安排", tentative=False, dry_run=False, json=True, street=None
    )


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_file_is_adopted_once(office, asked, capsys):
    first, said = holidays.run(asked), told(capsys)
    again, nothing = holidays.run(asked), told(capsys)

    assert (first, again) == (0, 0)
    assert said == {"years": [2027], "changed_days": {"2027": 7}, "clocks": 0, "adopted": True}
    assert nothing == {"years": [], "changed_days": {}, "clocks": 0, "adopted": False}
    assert [(row.year, row.source, row.confirmed) for row in HolidayTable.objects.all()] == [
        (2027, "假设的安排", True)
    ]


def test_a_rehearsal_adopts_nothing(office, asked, capsys):
    asked.dry_run = True

    holidays.run(asked)

    assert told(capsys)["adopted"] is False
    assert HolidayTable.objects.count() == 0


def test_a_tentative_file_is_kept_as_tentative(office, asked):
    asked.tentative = True

    holidays.run(asked)

    assert [row.confirmed for row in HolidayTable.objects.all()] == [False]


@pytest.mark.parametrize(
    ("text", "words"),
    [(CSV.replace("2027-04-05", "2027-04-31"), "第 4 行"), (None, "读不到节假日文件")],
)
def test_a_file_that_cannot_be_used_is_told(office, asked, text, words):
    if text is None:
        asked.file.unlink()
    else:
        asked.file.write_text(text)

    with pytest.raises(Stopped, match=words):
        holidays.run(asked)


@pytest.fixture
def same_database(monkeypatch, transactional_db):
    """Let the plain connection reach the tests' own database."""
    monkeypatch.setattr(postgres, "settings", lambda: dict(connection.settings_dict))


def test_due_reads_what_the_office_adopted(same_database, office):
    tables = parse_csv(CSV, source="假设的安排")
    adopt_holidays(office, tables.values(), actor=None, at=AT)

    assert office_days.adopted(None) == tables


def test_due_asks_which_street_only_when_it_matters(same_database, office):
    other = Office.objects.create(code="110108099", name="另一街道", district=office.district)
    tables = parse_csv(CSV, source="假设的安排")

    assert office_days.adopted(None) == {}
    adopt_holidays(office, tables.values(), actor=None, at=AT)

    with pytest.raises(Stopped, match="请用 --street 写明代码"):
        office_days.adopted(None)
    assert office_days.adopted(office.code) == tables
    assert office_days.adopted(other.name) == {}
    with pytest.raises(Stopped, match="没有代码或名称为“无此街道”的街道"):
        office_days.adopted("无此街道")


def test_a_database_that_does_not_answer_leaves_the_shipped_years(monkeypatch, tmp_path):
    away = {"HOST": str(tmp_path), "PORT": "", "USER": "nobody", "NAME": "jiesu", "OPTIONS": {}}
    monkeypatch.setattr(postgres, "settings", lambda: away)

    assert office_days.adopted(None) == {}
    with pytest.raises(Stopped, match="数据库没有应答"):
        office_days.adopted("110108003")
