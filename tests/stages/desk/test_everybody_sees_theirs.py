"""Lists, counts, search, files and numbers give a role what ``visible_to`` gives it, in small worlds made up at random."""

import io
import random
import re
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jiesu.cases import access, filters
from jiesu.cases.filters import Group
from jiesu.cases.models import Assignment, Case, Part
from jiesu.desk import navigation, queue
from jiesu.ledger import queries
from jiesu.ledger.register import SHEETS
from jiesu.org.models import Member
from jiesu.org.rights import Role
from jiesu.supervision import board, daily
from jiesu.supervision import queries as reminders
from tests.factories.orders import make_case
from tests.factories.people import make_member

pytestmark = pytest.mark.django_db
CASES = 18
NUMBER = re.compile(r"热线-\d{6}-\d{6}")
SEE = [Role.SEAT, Role.REVIEWER, Role.HANDLER, Role.HEAD, Role.LEADER, Role.ANALYST, Role.INSPECTOR]


@pytest.fixture(params=range(2))
def chance(request):
    return random.Random(request.param)


@pytest.fixture
def world(office, chance):
    """Cases led and assisted by anybody or nobody, and a member of each role somewhere."""
    units = list(office.units.all()[:5])
    for _ in range(CASES):
        one = make_case(office)
        Case.objects.filter(pk=one.pk).update(unit=chance.choice([None, *units]))
        for unit in chance.sample(units, chance.randrange(3)):
            Assignment.objects.create(
                case=one, unit=unit, part=Part.ASSISTING, assigned_at=timezone.now(),
                ended_at=chance.choice([None, timezone.now()]),
            )  # fmt: skip
    daily.make(office, timezone.now() + timedelta(hours=6))
    return [make_member(office, role, chance.choice(units).code) for role in Role]


def expected(member: Member) -> set[str]:
    """By the contract and not by the code: the centre all, a unit what it leads or assists now."""
    if member.role not in SEE:
        return set()
    if member.role not in {Role.HANDLER, Role.HEAD}:
        return set(Case.objects.values_list("number", flat=True))
    helped = Assignment.objects.filter(unit=member.unit_id, ended_at=None).values("case")
    led = Case.objects.filter(unit=member.unit_id)
    return set((led | Case.objects.filter(pk__in=helped)).values_list("number", flat=True))


def text_of(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] != b"PK":
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def test_every_list_count_search_file_and_number(office, world):
    shown, at = 0, timezone.now()
    for member in world:
        due = expected(member)
        shown += len(due)
        browser = Client()
        browser.force_login(member)
        seen = set(access.visible_to(member).values_list("number", flat=True))
        assert seen == due, member.role

        wanted = filters.read({"stage": Group.ALL.value}, member)
        rows = queue.page(member, wanted, turn="", at=at).rows
        listed = Case.objects.filter(pk__in=[row.pk for row in rows])
        assert set(listed.values_list("number", flat=True)) == due, member.role
        counted = navigation.counts(member, at)[Group.OPEN] if due else ""
        assert counted == (str(len(due)) if due else ""), member.role
        found = {
            number for number in Case.objects.values_list("number", flat=True)
            if member.role in SEE and browser.get(reverse("desk:palette"), {"q": number}).json()["cases"]
        }  # fmt: skip
        assert found == due, member.role

        for code, sheet in SHEETS.items():
            lines = queries.lines(sheet, member, queries.read_filter({}, member), at)
            if sheet.key[1] == "dispatched_at":  # one line a case
                assert queries.count(lines).number == len(due), (member.role, code)
        page = browser.get(reverse("ledger:sheet", args=["cases"]))
        assert set(NUMBER.findall(text_of(page))) == due, member.role
        file = browser.get(reverse("ledger:export", args=["cases"]))
        if file.status_code == 200:
            assert set(NUMBER.findall(text_of(file))) == due, member.role

        if member.role in SEE:
            whole = board.counts(member, board.units_of(member), at).whole
            assert whole.open == len(due), member.role
            for address in ("supervision:board", "supervision:daily"):
                told = set(NUMBER.findall(text_of(browser.get(reverse(address)))))
                assert told <= due, (member.role, address)
        assert reminders.unseen(member) == 0
    assert shown > CASES * 5
