"""A case whose result was reviewed and waits to be called back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jiesu.handling import actions as handling
from jiesu.org.models import Unit
from tests.factories.orders import dispatched, make_case

RESULT = "10时电话联系诉求人，现场核实灯泡损坏，已更换，诉求人表示满意。"


@pytest.fixture
def reviewer(member):
    return member("reviewer")


@pytest.fixture
def waiting(office, seat, member, reviewer):
    """Make one: ``waiting(closed=True, result=…)``."""
    handler = member("handler", "livelihood")

    def make(*, closed=False, result=RESULT, ago=timedelta(minutes=40), **fields):
        at = timezone.now() - ago
        case = make_case(office, at=at, **fields)
        dispatched(case, seat, Unit.objects.get(office=office, code="livelihood"), at=at)
        handling.contact(
            case, contacted_at=at, channel="phone", outcome="reached", actor=handler, at=at
        )
        handling.submit(case, result=result, actor=handler, at=at + timedelta(minutes=5))
        handling.review(case, passed=True, actor=reviewer, at=at + timedelta(minutes=9))
        if closed:
            handling.close(case, actor=reviewer, at=at + timedelta(minutes=12))
        case.refresh_from_db()
        return case

    return make
