"""Finding: any two characters, the filters, and a filter with an address."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from jiesu.cases.models import SavedFilter
from tests.factories.orders import dispatched, make_case
from tests.stages.desk.test_queue import shown

TEXTS = {
    "number": "热线-261122-045031",
    "title": "五号楼三个单元整夜没有暖气，物业说等热力公司",
    "content": "市民反映，西木楼社区自昨晚起暖气全凉，室温约13度。\n要求：1.尽快供暖；2.告知恢复时间（Tel说明）。",
    "location": "西木楼5号楼1-3单元",
}


def pieces(text):
    """Every run of two to six characters inside a sentence."""
    for part in (
        text.replace("\n", "，")
        .replace("；", "，")
        .replace("。", "，")
        .replace("：", "，")
        .split("，")
    ):
        for length in (2, 3, 4, 6):
            yield from (part[at : at + length] for at in range(len(part) - length + 1))


def chinese(piece):
    return all("\u4e00" <= sign <= "\u9fff" for sign in piece)


@pytest.fixture
def wanted(office):
    make_case(office, title="楼道灯不亮", content="夜间出行不便", location="莲花小区")
    return make_case(office, **TEXTS)


@pytest.mark.parametrize("field", ["title", "content", "location"])
def test_any_chinese_piece_of_two_or_more_finds_it(wanted, seat, browser_of, field):
    client = browser_of(seat)
    asked = sorted(set(filter(chinese, pieces(TEXTS[field]))))

    missed = [q for q in asked if wanted.pk not in shown(client, f"?{urlencode({'q': q})}")]

    assert asked
    assert missed == []


@pytest.mark.parametrize(
    "q", ["045031", "0450", "5031", "031", "261122", "热线-261122-045031", "热线 045031"]
)
def test_a_number_is_found_by_its_digits(wanted, seat, browser_of, q):
    assert wanted.pk in shown(browser_of(seat), f"?{urlencode({'q': q})}")


@pytest.mark.parametrize("q", ["暖气 西木楼", "西木楼5号楼", "13度", "1-3单元", "凉"])
def test_pieces_together_digits_and_one_character_find_it(wanted, seat, browser_of, q):
    assert shown(browser_of(seat), f"?{urlencode({'q': q})}") == [wanted.pk]


@pytest.mark.parametrize(
    "q", ["没有的词", "气暖", "暖气 莲花", "'", "%", "_", "&|!():*", "\\", "<->", "''", "　"]
)
def test_what_is_not_there_is_not_found_and_is_no_error(wanted, seat, browser_of, q):
    answer = browser_of(seat).get("/cases/", {"q": q, "stage": "all"})

    assert answer.status_code == 200
    if any(sign.isalnum() for sign in q):
        assert answer.context["page"].rows == []


def test_search_spans_the_whole_record_but_only_what_one_may_see(office, seat, member, browser_of):
    unit = office.units.get(role_code="URBAN")
    case = dispatched(make_case(office, title="路灯损坏三天"), seat, unit)

    assert shown(browser_of(seat), "?q=路灯损坏") == [case.pk]
    assert shown(browser_of(member("handler", "URBAN")), "?q=路灯损坏") == [case.pk]
    assert shown(browser_of(member("handler", "LIVELIHOOD")), "?q=路灯损坏") == []


def test_found_words_are_marked_in_the_case(wanted, seat, browser_of):
    body = browser_of(seat).get(f"/cases/{wanted.number}/?q=暖气").content.decode()

    assert body.count("<mark>暖气</mark>") == 2


@pytest.fixture
def filtered(office, seat):
    """Two cases that differ in everything a filter looks at."""
    here, there = office.units.filter(kind="community")[:2]
    urban = office.units.get(role_code="URBAN")
    now = timezone.now()
    one = make_case(
        office,
        at=now - timedelta(days=9),
        community=here,
        category="住房>物业管理",
        tags=["24小时"],
    )
    dispatched(one, seat, urban)
    other = make_case(office, at=now, community=there, category="住房保障>其他", tags=["普通"])
    return {"one": one, "other": other, "here": here, "urban": urban, "now": now}


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda f: {"unit": f["urban"].code}, id="主办单位"),
        pytest.param(lambda f: {"community": f["here"].code}, id="社区"),
        pytest.param(lambda f: {"category": "住房"}, id="分类及其下级，不含同字头"),
        pytest.param(lambda f: {"tag": "24小时"}, id="标签"),
        pytest.param(lambda f: {"urgent": "1"}, id="重点"),
        pytest.param(lambda f: {"mine": "touched"}, id="我经手的"),
        pytest.param(
            lambda f: {"until": timezone.localdate(f["now"] - timedelta(days=5)).isoformat()},
            id="派单至",
        ),
        pytest.param(lambda f: {"stage": "handling"}, id="环节"),
    ],
)
def test_each_filter_keeps_what_it_asks_for(filtered, seat, browser_of, ask):
    assert shown(browser_of(seat), f"?{urlencode(ask(filtered))}") == [filtered["one"].pk]


def test_days_are_whole_days_of_the_office(office, seat, browser_of):
    noon = timezone.localtime().replace(hour=12, minute=0) - timedelta(days=3)
    case = make_case(office, at=noon.replace(hour=0, minute=1))
    day = noon.date().isoformat()
    before = (noon.date() - timedelta(days=1)).isoformat()
    client = browser_of(seat)

    assert shown(client, f"?since={day}&until={day}") == [case.pk]
    assert shown(client, f"?until={before}") == []


NASTY = ["", "0", "-1", "9" * 50, "'", "null", "2026-13-40", "0001-01-01", "9999-12-31", "\x00", "a\x00b", "🦊",
         "<script>", "%", "x" * 5000, "ALL", "None"]  # fmt: skip


@pytest.mark.parametrize("name", ["q", "stage", "unit", "community", "category", "tag", "since", "until", "mine",
                                  "urgent", "order", "turn", "whole"])  # fmt: skip
def test_bad_input_is_a_sentence_and_never_an_error(filtered, seat, browser_of, name):
    client = browser_of(seat)

    for value in NASTY:
        for address in (
            "/cases/",
            "/filter/",
            "/filter/keep/",
            f"/cases/{filtered['one'].number}/",
        ):
            assert client.get(address, {name: value}).status_code == 200, (address, value)


def test_what_was_not_understood_is_said_and_left_out(filtered, seat, browser_of):
    page = browser_of(seat).get("/cases/", {"stage": "没有", "since": "昨天", "unit": "nowhere"})

    assert len(page.context["page"].rows) == 2
    assert page.context["wanted"].said == (
        "环节：没有这种环节，已忽略。",
        "派单自：日期看不懂，请写成 2026-11-22。",
        "主办单位：没有这个单位，已忽略。",
    )


@pytest.fixture
def kept(filtered, seat, browser_of):
    """A filter the seat keeps by the page itself."""
    answer = browser_of(seat).post(
        "/filter/keep/?stage=handling&tag=24小时&turn=x&junk=1", {"name": "催一催"}
    )
    assert answer.status_code == 302
    return SavedFilter.objects.get()


def test_a_kept_filter_has_an_address_and_a_place_in_the_rail(kept, filtered, seat, browser_of):
    client = browser_of(seat)

    answer = client.get(f"/f/{kept.key}/", follow=True)

    assert kept.query == "stage=handling&tag=24%E5%B0%8F%E6%97%B6"
    assert [row.pk for row in answer.context["page"].rows] == [filtered["one"].pk]
    assert f'href="/f/{kept.key}/"' in answer.content.decode()


def test_a_colleague_sees_by_it_only_what_they_may(kept, member, browser_of):
    handler = browser_of(member("handler", "LIVELIHOOD"))

    assert handler.get(f"/f/{kept.key}/", follow=True).context["page"].rows == []


def test_only_its_owner_deletes_a_filter(kept, seat, member, browser_of):
    assert browser_of(member("seat")).post(f"/f/{kept.key}/forget/").status_code == 404
    assert browser_of(seat).get(f"/f/{kept.key}/forget/").status_code == 405
    assert SavedFilter.objects.count() == 1

    browser_of(seat).post(f"/f/{kept.key}/forget/")

    assert SavedFilter.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "请给这个筛选起个名字。"), ("长" * 41, "名字最多 40 个字。")]
)
def test_a_filter_without_a_proper_name_is_not_kept(office, seat, browser_of, name, sentence):
    answer = browser_of(seat).post("/filter/keep/?tag=普通", {"name": name})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not SavedFilter.objects.exists()


def test_a_missing_filter_is_missing(office, seat, browser_of):
    assert browser_of(seat).get("/f/none/").status_code == 404
    assert browser_of(seat).get("/f/%00/").status_code == 404
