"""The invented month: the same for the same seed, shaped like a street's, and nobody's."""

import random
import re
import tomllib
from collections import Counter
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jiesu.desk.demo import matters, people, scene
from jiesu.desk.demo.texts import ORDER_TYPES, demands, usual_burst

BEIJING = ZoneInfo("Asia/Shanghai")
END = datetime(2026, 11, 23, 19, 0, tzinfo=BEIJING)
START = datetime(2026, 10, 23, 0, 0, tzinfo=BEIJING)
FICTIONAL = re.compile(r"^(|129\d{8}|010-0\d{7})$")
RULESETS = Path(scene.OFFICE_FILE).parents[1]


def month(seed=7, count=900, **options):
    return list(demands(random.Random(seed), count, start=START, end=END, **options))


@pytest.fixture(scope="module")
def many():
    return month(count=6000)


def test_the_same_seed_gives_the_same_month():
    assert month(seed=3, count=200) == month(seed=3, count=200)
    assert month(seed=3, count=200) != month(seed=4, count=200)


def test_numbers_are_unique_and_dated_as_called(many):
    assert len({d.number for d in many}) == 6000
    assert all(re.fullmatch(r"热线-\d{6}-\d{6}", d.number) for d in many)
    assert all(d.number[3:9] == f"{d.called_at:%y%m%d}" for d in many)


def test_a_day_with_very_many_orders_still_has_unique_numbers():
    day = timedelta(days=1)

    orders = demands(random.Random(1), 30_000, start=START, end=START + day)

    assert len({d.number for d in orders}) == 30_000


def test_two_invented_exports_hardly_share_a_number():
    first, second = ({d.number for d in month(seed=seed)} for seed in (1, 2))

    assert len(first & second) <= 3


def test_moments_follow_each_other(many):
    assert [d.called_at for d in many] == sorted(d.called_at for d in many)
    assert all(START <= d.called_at < END for d in many)
    assert all(d.called_at < d.dispatched_at < d.contacted_at < d.finished_at for d in many)
    assert all(d.dispatched_at < d.due_at for d in many)


def test_order_types_have_about_their_shares(many):
    found = Counter(d.order_type for d in many)

    assert {kind: round(found[kind] / 60) for kind in ORDER_TYPES} == pytest.approx(
        ORDER_TYPES, abs=4
    )


def test_paths_repeats_companies_and_late_ones_have_about_their_shares(many):
    share = {
        "市派单": sum(d.path == "市派单" for d in many) / 60,
        "区分转": sum(d.path == "区分转" for d in many) / 60,
        "重复": sum(d.month_seq > 1 for d in many) / 60,
        "企业": sum(bool(d.company) for d in many) / 60,
        "逾期": sum(d.finished_at > d.due_at for d in many) / 60,
    }

    assert share == pytest.approx(
        {"市派单": 70, "区分转": 25, "重复": 18, "企业": 4, "逾期": 3}, abs=3
    )


def test_people_call_by_day_with_two_peaks(many):
    by_hour = Counter(d.called_at.hour for d in many)

    assert sum(by_hour[h] for h in range(6)) / 60 == pytest.approx(4, abs=2)
    assert sum(by_hour[h] for h in (9, 10, 11)) / 60 == pytest.approx(26, abs=3)
    assert sum(by_hour[h] for h in (14, 15, 16)) / 60 == pytest.approx(26, abs=3)


def test_heating_is_a_matter_of_the_cold_months():
    summer = datetime(2026, 7, 1, tzinfo=BEIJING)
    july = demands(random.Random(1), 2000, start=summer, end=summer + timedelta(days=30))

    assert sum(d.category[1] == "供暖" for d in july) == 0
    assert sum(d.category[1] == "供暖" for d in month(count=2000)) > 150


def test_the_burst_falls_on_one_community_within_a_day():
    burst = usual_burst(END)
    orders = month(bursts=[burst])

    within = [
        d
        for d in orders
        if d.community.name == "西木楼社区"
        and ">".join(d.category) == "公共服务>供暖>室温不达标"
        and burst.start <= d.called_at <= burst.start + timedelta(hours=18)
    ]
    assert len(orders) == 900
    assert len(within) >= burst.count


def test_every_category_stands_in_the_tree(many):
    tree = tomllib.loads((RULESETS / "categories.toml").read_text(encoding="utf-8"))["tree"]
    known = {
        (one, two, three)
        for one, seconds in tree.items()
        for two, thirds in seconds.items()
        for three in thirds
    }

    assert {m.category for m in matters.all_matters()} == known
    assert {d.category for d in many} <= known


def test_every_unit_named_exists(many):
    units = scene.scene().units

    assert {d.lead for d in many} | {u for d in many for u in d.assisting} <= set(units)
    assert all(d.lead not in d.assisting for d in many)
    assert {p.unit for p in people.people()} <= set(units)


def test_a_community_leads_only_what_is_on_its_list():
    duties = tomllib.loads(scene.OFFICE_FILE.read_text(encoding="utf-8"))["duties"]
    prefixes = tuple(duty["category"] for duty in duties)

    led = {">".join(m.category) for m in matters.all_matters() if m.lead == matters.COMMUNITY}

    assert {category for category in led if not category.startswith(prefixes)} == set()


def test_no_phone_is_one_somebody_has(many):
    assert all(FICTIONAL.match(d.phone) for d in many)
    written = [run for d in many for run in re.findall(r"(?:010-)?\d{7,}", d.content + d.result)]
    assert written != []
    assert all(FICTIONAL.match(run) for run in written)


def test_texts_are_chinese_whole_and_of_a_fitting_length(many):
    for d in many:
        for text in (d.title, d.content, d.location, d.result):
            assert re.search("[\u4e00-\u9fa5]{2}", text)
            assert not re.search("[{}]|None|，，|。。|，。", text), text
        assert 60 <= len(d.content) <= 400, d.content
    assert len({d.content for d in many}) > 5700


def test_every_blank_of_every_template_has_words():
    known = {*matters.words(), "社区", "小区", "点位", "issue", "ask", "ask2"}
    for m in matters.all_matters():
        texts = (*m.titles, *m.facts, *m.mores, *m.asks, *m.finds, *m.does, m.note)
        assert matters.blanks_in(texts) <= known, m.category
        assert m.lead in {*scene.scene().units, matters.COMMUNITY}


def test_the_members_cover_every_role_and_have_easy_unique_names():
    everybody = people.people()

    assert {p.role for p in everybody} == {
        "seat", "reviewer", "handler", "head", "leader", "analyst", "inspector", "system", "security",
        "auditor",
    }  # fmt: skip
    assert len({p.username for p in everybody}) == len(everybody)
    assert len({p.name for p in everybody}) == len(everybody)
    assert all(re.fullmatch(r"[a-z]+\d\d", p.username) for p in everybody)
    assert {p.role for p in people.SHOWN} == {p.role for p in everybody}
    assert 40 <= len(everybody) <= 55


def test_the_generator_is_lazy():
    endless = demands(random.Random(1), 50_000, start=START, end=END)

    assert len(list(islice(endless, 3))) == 3
