"""What is done when orders arrive: their 月次 and 年次, 复诉, and the groups that are proposed.

Nothing here moves a case or confirms anything, unless the rule set says from which chance on a proposal
counts as confirmed; what the product did is marked as its own doing on every record.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from jiesu.cases.models import Case
from jiesu.catalogue.queries import rules_at
from jiesu.groups import actions, likes
from jiesu.groups.likes import Like
from jiesu.groups.models import Belonging, Group
from jiesu.org.models import Office
from jiesu.rules.grouping import Grouping, GroupKind, GroupState, burst, grouping, kind_of, kinds
from jiesu.rules.moments import BEIJING

_SEQUENCE = """
SELECT count(*) FILTER (WHERE dispatched_at >= %(month)s), count(*)
FROM cases_case
WHERE phone_keys && %(phones)s::uuid[] AND office_id = %(office)s AND requester_phone = %(phone)s
    AND dispatched_at >= %(year)s AND (dispatched_at, id) <= (%(at)s, %(case)s)
"""
NEAREST = 20
AROUND = 3000  # orders of the office looked at around one for a burst


def rules_of(office: Office, at: datetime) -> Grouping:
    """Return what the rule set in force says of grouping."""
    whole = rules_at(office, at).whole
    return grouping(whole.get("groups", {}), whole.get("hot", {}))


def judge(case: Case, at: datetime) -> None:
    """Do for one arrival all that is done. Called again it does nothing twice."""
    count_sequence(case)
    if not case.is_open:
        return
    rules = rules_of(case.office, at)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('groups'), %s)", [case.office_id])
        near = [like for like in likes.find(case, viewer=None, limit=NEAREST, least=rules.propose)
                if abs(like.case.dispatched_at - case.dispatched_at) <= rules.within]  # fmt: skip
        _link_back(case, near, at)
        if not _grouped(case):
            _propose_burst(case, rules, at) or _propose_matter(case, near, rules, at)


def count_sequence(case: Case) -> None:
    """月次, 年次: which order of the same phone it is this month and this year, where the order does not say."""
    if not case.phone_keys or None not in (case.month_seq, case.year_seq):
        return
    local = case.dispatched_at.astimezone(BEIJING)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            _SEQUENCE,
            {"phones": list(case.phone_keys), "office": case.office_id, "phone": case.requester_phone,
             "month": month, "year": month.replace(month=1), "at": case.dispatched_at, "case": case.pk},
        )  # fmt: skip
        this_month, this_year = cursor.fetchone()
    case.month_seq = case.month_seq or this_month or 1
    case.year_seq = case.year_seq or this_year or 1
    case.save(update_fields=["month_seq", "year_seq"])


def _link_back(case: Case, near: Sequence[Like], at: datetime) -> None:
    """复诉: the newest earlier order of the same requester about the same matter."""
    before = [
        like for like in near
        if _same_person(case, like) and like.case.dispatched_at < case.dispatched_at
    ]  # fmt: skip
    if before:
        newest = max(before, key=lambda like: (like.case.dispatched_at, like.case.pk))
        actions.comes_back(case, newest.case, chance=newest.percent, at=at)


def _propose_matter(case: Case, near: Sequence[Like], rules: Grouping, at: datetime) -> None:
    """Orders still open about one matter, or a group that stands already."""
    open_ones = [like for like in near if like.case.is_open]
    if not open_ones:
        return
    best = open_ones[0]
    why = f"{'同一诉求人，' if _same_person(case, best) else ''}相似 {best.percent}%"
    sure = rules.confirm is not None and best.chance >= rules.confirm
    if standing := _group_of(open_ones):
        actions.add(standing, case, actor=None, at=at, why=why)
        return
    whole = Case.objects.select_related("office").defer("tokens", "tsv").get(pk=best.case.pk)
    kind = kind_of([frozenset(one.phone_keys) for one in (case, whole)])
    if kind is GroupKind.REQUESTER and not _same_person(case, best):
        kind = GroupKind.MATTER
    actions.found([whole, case], kind=kind, why=why, actor=None, at=at, sure=sure)


def _propose_burst(case: Case, rules: Grouping, at: datetime) -> bool:
    """同点位同类: many orders of one community and one kind within a window of the rule set."""
    if case.community_id is None or not rules.windows:
        return False
    kind = kinds(case.category, case.title, case.content, rules.words)
    if not kind:
        return False
    longest = max(length for length, _ in rules.windows)
    around = Case.objects.filter(
        office=case.office_id, community=case.community_id,
        dispatched_at__range=(case.dispatched_at - longest, case.dispatched_at + longest),
    ).open().select_related("office").defer("tokens", "tsv").order_by("dispatched_at", "id")  # fmt: skip
    same = [
        one for one in around[:AROUND]
        if kinds(one.category, one.title, one.content, rules.words) & kind
    ]  # fmt: skip
    places = burst([one.dispatched_at for one in same], rules.windows)
    together = [same[place] for place in places]
    if case.pk not in {one.pk for one in together}:
        return False
    why = f"{case.community or '同一社区'}同类 {len(together)} 件"
    taken = {
        belonging.case_id: belonging.group
        for belonging in Belonging.objects.filter(case__in=together, left_at=None).select_related("group")
    }  # fmt: skip
    standing = next((g for g in taken.values() if g.kind == GroupKind.PLACE), None)
    ids = {one.pk for one in together}
    for group in {g.pk: g for g in taken.values() if g.proposed and g != standing}.values():
        if {one.pk for one in actions.members(group)} <= ids:
            actions.absorb(group, into="同点位同类", at=at)
            taken = {pk: g for pk, g in taken.items() if g.pk != group.pk}
    free = [one for one in together if one.pk not in taken]
    if standing is not None:
        for one in free:
            actions.add(standing, one, actor=None, at=at, why=why)
        return True
    if len(free) < 2:
        return False
    actions.found(free, kind=GroupKind.PLACE, why=why, actor=None, at=at)
    return True


def _same_person(case: Case, like: Like) -> bool:
    """One phone, and it is the requester's own: others may name the same number in their text."""
    masked = case.requester_phone
    return like.same_requester and bool(masked) and masked == like.case.requester_phone


def _grouped(case: Case) -> bool:
    """True when it is in a group, or a person has taken it out of one: nobody is asked twice."""
    return Belonging.objects.filter(case=case).exists()


def _group_of(near: Sequence[Like]) -> Group | None:
    ids = [like.case.pk for like in near]
    found = dict(
        Belonging.objects.filter(case__in=ids, left_at=None).values_list("case_id", "group_id")
    )
    for pk in ids:
        if pk in found:
            return Group.objects.exclude(state=GroupState.ENDED).get(pk=found[pk])
    return None
