"""An office established from its file, and again."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiesu.catalogue.actions import DEFAULT_OFFICE, establish
from jiesu.catalogue.models import Category, CommunityDuty, RuleSet
from jiesu.org.models import Unit, UnitKind


def counts() -> list[int]:
    return [one.objects.count() for one in (Unit, CommunityDuty, Category, RuleSet)]


def test_the_second_time_changes_nothing_and_keeps_every_unit_its_number(db):
    first = establish(DEFAULT_OFFICE)
    before, numbers = counts(), dict(Unit.objects.values_list("code", "pk"))
    with CaptureQueriesContext(connection) as asked:
        again = establish(DEFAULT_OFFICE)
    assert (first.made, again.made) == (True, False)
    assert (again.communities, again.units) == (first.communities, first.units)
    assert first.communities == 31
    assert counts() == before
    assert dict(Unit.objects.values_list("code", "pk")) == numbers
    assert len(asked) < 30


def test_what_the_file_says_of_a_unit_is_brought_up_to_date(db):
    office = establish(DEFAULT_OFFICE).office
    told = Unit.objects.filter(office=office, kind=UnitKind.COMMUNITY).first()
    Unit.objects.filter(pk=told.pk).update(name="旧名社区", aliases=[])
    establish(DEFAULT_OFFICE)
    now = Unit.objects.get(pk=told.pk)
    assert (now.name, now.aliases, now.code) == (told.name, told.aliases, told.code)
