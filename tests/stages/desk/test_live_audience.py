"""The rule the hub decides by in memory is the one the database decides by."""

import random

import pytest
from django.utils import timezone

from jiesu.cases import access
from jiesu.cases.models import Assignment, Case, Part
from jiesu.desk.live import door
from jiesu.desk.live.audience import of_case
from jiesu.org.models import Member, Office, Unit
from jiesu.org.rights import Role
from tests.factories.orders import make_case

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(3))
def test_the_hub_and_the_database_say_the_same_of_everybody_and_every_case(office, seed):
    chance = random.Random(seed)
    units = list(office.units.all()[:6])
    foreign = Office.objects.create(code=f"99{seed}", name="别街道", district="别区")
    theirs = Unit.objects.create(office=foreign, code="X", name="别处", kind="office")
    members = [
        Member.objects.create(
            office=foreign if far else office, unit=theirs if far else chance.choice(units), role=role,
            username=f"m{n}", name=f"测{n}", is_active=chance.random() > 0.15,
        )
        for n, (role, far) in enumerate((role, chance.random() < 0.2) for role in [*Role] * 6)
    ]  # fmt: skip
    for _ in range(25):
        one = make_case(office)
        Case.objects.filter(pk=one.pk).update(unit=chance.choice([None, *units]))
        for unit in chance.sample(units, chance.randrange(3)):
            Assignment.objects.create(
                case=one, unit=unit, part=chance.choice([Part.ASSISTING, Part.LEAD]) if unit == units[0] else Part.ASSISTING,
                assigned_at=timezone.now(), ended_at=chance.choice([None, timezone.now()]),
            )  # fmt: skip

    audiences = {}
    for one in Case.objects.all():
        helping = one.assignments.filter(ended_at=None, part=Part.ASSISTING)
        audiences[one.pk] = of_case(
            one.office_id, one.unit_id, helping.values_list("unit", flat=True)
        )
    pairs = 0
    for member in members:
        who = door._who(member)
        told = {pk for pk, to in audiences.items() if who is not None and to.reaches(who.seat)}
        assert told == set(access.visible_to(member).values_list("pk", flat=True)), member.role
        pairs += len(told)
    assert pairs > 100  # the comparison was about something
