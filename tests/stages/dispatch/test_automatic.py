"""自动派转: off until it is set, only what is sure, on the record as the product's own, taken back by one press."""

from datetime import timedelta

import pytest
from django.urls import reverse

from jiesu.cases.models import Case, Clock
from jiesu.dispatch import automatic
from jiesu.dispatch.models import AutoDispatch
from jiesu.handling import actions as handling
from jiesu.rules.clocks import ClockKind
from jiesu.rules.workflow import Action, Stage
from jiesu.triage import places, serving
from jiesu.triage.learning import files
from jiesu.triage.learning.learnt import learn
from jiesu.triage.learning.orders import OWN, UNIT, Order, lessons
from tests.factories.acting import send
from tests.factories.orders import make_case, signed
from tests.factories.people import make_member

LIGHT = "社区建设办公室"


@pytest.fixture(scope="module")
def unit_model():
    """Lights are one office's, heating another's, quarrels the community's."""
    said = [
        ("楼道灯不亮，公共照明坏了", LIGHT, ("住房", "物业管理", "公共设施维修")),
        ("暖气不热，锅炉房没有烧", "民生保障办公室", ("公共服务", "供暖", "室温不达标")),
        ("邻居吵架，家长里短", "永红社区", ("社会秩序", "邻里关系", "邻里纠纷")),
    ]
    taught = [
        Order(f"{text}{n}", f"居民{n}号反映{text}", category, "永红社区", unit, unit == "永红社区")
        for n in range(80) for text, unit, category in said
    ]  # fmt: skip
    return learn(lessons(taught, UNIT))


@pytest.fixture(autouse=True)
def served(tmp_path, monkeypatch, unit_model):
    assert OWN in unit_model.labels
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))
    monkeypatch.setattr(serving, "DEADLINE", 20.0)
    files.keep(unit_model, places.model(UNIT))


@pytest.fixture
def on(office, now):
    administrator = make_member(office, "system")
    return automatic.set_policy(office, on=True, threshold=0.9, actor=administrator, at=now)


def test_nothing_happens_until_an_administrator_wishes_it(office, seat, now, browser_of):
    case = signed(make_case(office), seat)
    before = automatic.run(office, now)

    administrator = browser_of(make_member(office, "system"))
    too_low = administrator.post(reverse("automatic:policy"), {"on": "on", "percent": "50"})
    told = administrator.post(reverse("automatic:policy"), {"on": "on", "percent": "90"})
    after = automatic.run(office, now)
    administrator.post(reverse("automatic:policy"), {"percent": "90"})

    case.refresh_from_db()
    assert (before, too_low.status_code, told.status_code, after) == (0, 422, 302, 1)
    assert (case.stage, case.unit.name) == (Stage.HANDLING, LIGHT)
    assert automatic.run(office, now) == 0
    assert not automatic.policy(office).on


def test_each_is_the_products_own_step_with_how_sure_it_was(office, seat, now, on, browser_of):
    case = signed(make_case(office), seat)

    automatic.run(office, now)

    event = case.events.get(action=Action.DISPATCH)
    made = AutoDispatch.objects.get()
    assert event.actor is None
    assert (event.facts["auto"], event.facts["threshold"]) == (True, 0.9)
    assert event.facts["probability"] == pytest.approx(made.probability, abs=1e-4)
    assert event.facts["probability"] >= 0.9
    assert event.facts["model"] == made.model == event.facts["suggested"]["model"]
    page = browser_of(seat).get(reverse("desk:case", args=[case.number])).content.decode()
    assert f"自动派给 {LIGHT}（把握 {event.facts['probability']:.0%}" in page
    listed = browser_of(seat).get(reverse("automatic:look_back")).content.decode()
    assert case.title in listed
    assert reverse("dispatch:take_back", args=[case.number]) in listed


def test_what_is_doubtful_taken_alarming_unsigned_or_a_communitys_outside_its_list_waits(
    office, seat, now, on
):
    make_case(office)  # nobody has signed it
    doubtful = signed(make_case(office, title="有事", content="请联系我", category=""), seat)
    taken = signed(make_case(office), seat)
    Case.objects.filter(pk=taken.pk).update(taken_by=seat, taken_until=now + timedelta(hours=1))
    alarming = signed(make_case(office), seat)
    Case.objects.filter(pk=alarming.pk).update(alarm="threat")
    community = office.units.get(name="永红社区")
    told = {"title": "邻居吵架", "content": "邻居吵架，家长里短", "community": community}
    outside = signed(make_case(office, **told, category="社会秩序>经济纠纷>合同纠纷"), seat)

    done = automatic.run(office, now)

    waiting = Case.objects.filter(pk__in=[c.pk for c in (doubtful, taken, alarming, outside)])
    assert done == 0
    assert {case.stage for case in waiting} == {Stage.SIGNED}


def test_one_press_brings_it_back_with_its_clocks_as_they_were(office, seat, now, on, browser_of):
    case = signed(make_case(office), seat)
    kinds = (ClockKind.DISPATCH, ClockKind.OBJECT)
    before = {
        c.kind: c.due_at for c in Clock.objects.filter(case=case, kind__in=kinds, stopped_at=None)
    }
    automatic.run(office, now)
    case.refresh_from_db()

    answer = send(browser_of(seat), "dispatch:take_back", case)
    again = automatic.run(office, now + timedelta(minutes=1))

    case.refresh_from_db()
    running = {c.kind: c.due_at for c in case.clocks.filter(stopped_at=None)}
    made = AutoDispatch.objects.get()
    assert (answer.status_code, case.stage, case.unit, again) == (302, Stage.TO_DISPATCH, None, 0)
    assert before
    assert {kind: running.get(kind) for kind in before} == before
    assert not {ClockKind.INTERNAL, ClockKind.CONTACT} & set(running)
    assert (made.undone_by, case.events.last().action) == (seat, Action.TAKE_BACK)


def test_what_the_unit_has_begun_is_not_taken_back(office, seat, now, on, browser_of):
    case = signed(make_case(office), seat)
    automatic.run(office, now)
    case.refresh_from_db()
    handling.accept(case, actor=make_member(office, "handler", LIGHT), at=now)

    answer = send(browser_of(seat), "dispatch:take_back", case)

    case.refresh_from_db()
    assert answer.status_code == 302
    assert case.stage == Stage.HANDLING
    assert AutoDispatch.objects.get().undone_at is None
