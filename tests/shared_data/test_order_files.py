"""The order files handed out beside the repository, read to what a correct import must find."""

import json
from pathlib import Path

import pytest

from jiesu.platforms.drafts import Draft, Refused, clean
from jiesu.platforms.sheets import Unreadable
from jiesu.platforms.tables import read

ORDERS = Path(__file__).parents[3] / "shared" / "data" / "orders"
pytestmark = pytest.mark.skipif(not ORDERS.is_dir(), reason="../shared/data/orders is not there")


def all_of(name):
    return [item for sheet in read(ORDERS / name).sheets for item in clean(sheet)]


def expected(name):
    return json.loads((ORDERS / "expected.json").read_text())[name]


@pytest.mark.parametrize(
    "name",
    [
        "history_2025-09_to_2026-09.xlsx",
        "district_export_2026-10.xlsx",
        "district_export_next_day.xlsx",
        "city_export_gb18030.csv",
        "street_ledger_old.xls",
        "order_forms_docx.zip",
    ],
)
def test_every_row_of_a_clean_file_is_a_draft_with_its_times(name):
    found = all_of(name)

    assert len(found) == expected(name)["rows"]
    assert all(isinstance(item, Draft) for item in found)
    assert [item.warnings for item in found] == [()] * len(found)
    assert all(item.called_at and item.dispatched_at and item.community for item in found)
    assert [item.extra for item in found] == [{}] * len(found)
    distinct = {item.number for item in found}
    assert len(distinct) == expected(name).get("distinct", len(found))


def test_the_two_encodings_say_the_same():
    gb = {item.number: item.texts for item in all_of("city_export_gb18030.csv")}
    utf = {item.number: item for item in all_of("city_export_utf8.csv")}

    assert set(utf) <= set(gb)
    assert all(utf[number].title in gb[number] for number in utf)


def test_one_order_is_the_same_in_every_layout():
    number = "热线-261028-058001"
    forms = {item.number: item for item in all_of("order_forms_docx.zip")}
    ledger = {item.number: item for item in all_of("street_ledger_old.xls")}
    one, other = forms[number], ledger[number]

    assert (one.title, one.community) == (other.title, other.community)
    assert one.dispatched_at.at.replace(second=0) == other.dispatched_at.at
    assert (one.dispatched_at.precision, other.dispatched_at.precision) == ("second", "minute")


def test_the_dirty_file_gives_up_exactly_its_five_bad_rows():
    found = all_of("dirty.xlsx")
    refused = {item.row: item.reason for item in found if isinstance(item, Refused)}

    assert len(found) == expected("dirty.xlsx")["rows"]
    assert len(refused) == expected("dirty.xlsx")["rejected"]
    assert refused == {
        3: "没有这一天：派单时间“2026-02-30 08:00:00”，请核对年月日后改正",
        8: "标题和主要内容都是空的，请至少补填一项后再导入",
        15: "工单编号“<script>alert(1)</script>”不像编号，应形如 热线-261019-020001，请核对",
        16: "没有工单编号，请补填后再导入",
        23: "派单时间“昨天下午”看不懂，请写成 2026-10-19 08:05",
    }


def test_the_call_back_file_is_told_apart_from_orders():
    with pytest.raises(Unreadable, match="没有找到表头"):
        all_of("callbacks_2026-10.xlsx")
