"""Who sees which case, and who may do what: a table an inspector could check."""

from uuid import uuid4

import pytest
from django.http import Http404
from django.utils import timezone

from jiesu.cases import access, transitions
from jiesu.cases.access import Look
from jiesu.cases.models import Event
from jiesu.catalogue.actions import DEFAULT_OFFICE, establish
from jiesu.dispatch import actions as dispatching
from jiesu.intake import actions as signing
from jiesu.org.models import Office
from jiesu.rules.workflow import Action, NotAllowed, Stage
from tests.factories.orders import dispatched, make_case, signed
from tests.factories.people import make_member


@pytest.fixture
def units(office):
    return {unit.role_code: unit for unit in office.units.exclude(kind="community")}


@pytest.mark.parametrize(
    ("role", "unit", "sees"),
    [
        ("seat", None, True),
        ("reviewer", None, True),
        ("leader", None, True),
        ("analyst", None, True),
        ("handler", "LIVELIHOOD", True),
        ("head", "LIVELIHOOD", True),
        ("handler", "URBAN", True),
        ("handler", "SAFETY", False),
        ("head", "SAFETY", False),
        ("system", None, False),
    ],
)
def test_a_unit_sees_its_own_and_what_it_assists(office, seat, units, member, role, unit, sees):
    case = dispatched(make_case(office), seat, units["LIVELIHOOD"], assisting=(units["URBAN"],))
    who = member(role, unit)

    assert access.visible_to(who).filter(pk=case.pk).exists() is sees


def test_a_foreign_case_looks_like_a_missing_one(office, member, seat):
    case = make_case(office)
    stranger = member("handler", "SAFETY")

    with pytest.raises(Http404) as foreign:
        access.get_case(stranger, case.number)
    with pytest.raises(Http404) as missing:
        access.get_case(stranger, "热线-000000-000000")

    assert str(foreign.value) == str(missing.value)


def test_another_office_sees_nothing_of_it(office, member):
    case = make_case(office)
    other = Office.objects.create(code="110108999", name="别处街道", district="海淀区")
    unit = other.units.create(
        code="request", name="诉求处置中心", kind="centre", role_code="REQUEST"
    )
    stranger = make_member(other, "seat", unit.code)

    assert not access.visible_to(stranger).exists()
    with pytest.raises(access.NotYours):
        signing.sign(case, actor=stranger, at=timezone.now())


def test_a_disabled_member_sees_nothing(office, seat):
    make_case(office)
    seat.is_active = False

    assert not access.visible_to(seat).exists()


def test_declining_takes_the_case_out_of_the_units_sight(office, seat, units, member):
    case = dispatched(make_case(office), seat, units["LIVELIHOOD"])
    head = member("head", "LIVELIHOOD")

    dispatching.decline(case, reason="属城管职责", actor=head, at=timezone.now())

    assert not access.visible_to(head).exists()
    assert case.stage == Stage.TO_DISPATCH


def test_a_unit_may_not_sign(office, member):
    case = make_case(office)

    with pytest.raises(access.NotYours):
        transitions.apply(case, Action.SIGN, actor=member("handler"), at=timezone.now())

    assert Event.objects.filter(case=case).count() == 1


def test_what_does_not_follow_is_refused_in_words(office, seat):
    case = signed(make_case(office), seat)

    with pytest.raises(NotAllowed, match="案件现为“已签收”，不能“签收”"):
        signing.sign(case, actor=seat, at=timezone.now())


def test_a_form_sent_twice_leaves_one_event(office, seat):
    case, once = make_case(office), uuid4()
    transitions.record(case, Action.NOTE, actor=seat, at=timezone.now(), note="一", once=once)

    with pytest.raises(transitions.SentTwice):
        transitions.record(case, Action.NOTE, actor=seat, at=timezone.now(), note="一", once=once)

    assert Event.objects.filter(action=Action.NOTE).count() == 1


def test_the_default_office_can_be_established_twice(office):
    again = establish(DEFAULT_OFFICE)

    assert (again.office.pk, again.communities, again.made) == (office.pk, 31, False)


@pytest.mark.parametrize(
    ("role", "told", "expected"),
    [
        ("seat", {}, Look.REVEAL),
        ("reviewer", {}, Look.REVEAL),
        ("handler", {}, Look.REVEAL),
        ("leader", {}, Look.REVEAL),
        ("analyst", {}, Look.MASKED),
        ("inspector", {}, Look.MASKED),
        ("system", {}, Look.MASKED),
        ("seat", {"confidential": True}, Look.NOTHING),
        ("leader", {"confidential": True}, Look.NOTHING),
        ("seat", {"erased": True}, Look.MASKED),
    ],
)
def test_how_each_role_gets_to_see_personal_fields(office, member, now, role, told, expected):
    case = make_case(office, at=now)
    looker = member(role)
    case.unit = looker.unit
    case.confidential = told.get("confidential", False)
    case.erased_at = now if told.get("erased") else None

    assert access.look(looker, case) is expected
