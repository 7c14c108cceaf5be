"""What a dispatch is chosen from: units, the default internal due time, and what a community may lead."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from jiesu.cases.models import Case
from jiesu.catalogue.queries import community_duties, rules_at
from jiesu.org.models import Member, Office, Unit, UnitKind
from jiesu.rules.clocks import URGENT, Due, internal_due
from jiesu.rules.duties import on_community_list
from jiesu.triage import panel
from jiesu.triage.advice import Adviser


def units_of(member: Member, *, communities_only: bool = False) -> list[Unit]:
    """Return the units in use of the member's office, in their order."""
    units = Unit.objects.filter(office=member.office_id, active=True)
    return list(units.filter(kind=UnitKind.COMMUNITY) if communities_only else units)


def default_due(member: Member, case: Case, at: datetime) -> Due:
    """Return the internal due time to start from, as the member's office counts."""
    return due_for(case, member.office, at)


def due_for(case: Case, office: Office, at: datetime) -> Due:
    """Return the internal due time to start from, to the minute, and in words why then.

    An order already late gets two hours (推定): whoever dispatches it decides anew.
    """
    limits = rules_at(office, at).limits
    order = case.due_at or at + limits.normal
    if order - at < timedelta(minutes=2):
        due = Due(at + URGENT, "工单时限已过，先给 2 小时")
    else:
        due = internal_due(at, order, limits)
    return Due(due.at.replace(second=0, microsecond=0) if due.at else None, due.source)


def suggested(request: HttpRequest, case: Case, at: datetime) -> dict[str, str]:
    """Return what a dispatch form begins with: the unit named in the address, and what is suggested."""
    if request.method == "POST":
        return {}
    said = Adviser(case.office, at).unit(case)
    return {"unit": request.GET.get("unit", ""), "shown": panel.seal_shown(said)}


def duty_words(member: Member, case: Case, at: datetime) -> str:
    """Say whether a community may lead this case (条例第17条)."""
    matter = on_community_list(case.category, community_duties(member.office, at))
    if matter:
        return f"属社区职责清单“{matter}”，社区可以主办。"
    category = case.category.replace(">", " › ") or "未分类"
    return f"“{category}”不在社区职责清单内，社区只宜协办（条例第17条）。"
