"""What the database is asked for all desks at once: one query for each kind of notice."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from psycopg import AsyncConnection

from jiesu.desk.live.audience import Audience, of_case
from jiesu.desk.live.hub import Present
from jiesu.desk.live.messages import Message, level_label, moment
from jiesu.rules.workflow import Action, Stage

HERE = timedelta(seconds=60)  # a page not heard of for so long is gone
EVENTS = """
SELECT e.id, e.case_id, c.number, c.arrival, c.office_id, e.action, e.after, e.moved, e.actor_id,
       c.unit_id, coalesce(c.next_due_at, c.due_at), c.alarm,
       ARRAY(SELECT a.unit_id FROM cases_assignment a
             WHERE a.case_id = c.id AND a.part = 'assisting' AND a.ended_at IS NULL),
       ARRAY(SELECT a.unit_id FROM cases_assignment a
             WHERE a.case_id = c.id AND a.ended_at >= e.at)
FROM cases_event e JOIN cases_case c ON c.id = e.case_id
WHERE e.id = ANY(%s) ORDER BY array_position(%s, e.id)
"""
NOTICES = """
SELECT n.id, n.member_id, c.office_id, c.id, c.number, r.level, r.due_at
FROM supervision_notice n JOIN supervision_reminder r ON r.id = n.reminder_id
     JOIN cases_case c ON c.id = r.case_id
WHERE n.id = ANY(%s) ORDER BY array_position(%s, n.id)
"""
PRESENT = """
SELECT c.id, c.office_id, c.unit_id,
       ARRAY(SELECT a.unit_id FROM cases_assignment a
             WHERE a.case_id = c.id AND a.part = 'assisting' AND a.ended_at IS NULL),
       m.id, left(m.name, 1)
FROM desk_presence p JOIN cases_case c ON c.id = p.case_id JOIN org_member m ON m.id = p.member_id
     LEFT JOIN org_contract k ON k.id = m.contract_id
WHERE p.seen_at > %s AND m.is_active
  AND (k.id IS NULL OR (now() AT TIME ZONE 'Asia/Shanghai')::date BETWEEN k.begins_on AND k.ends_on) AND (%s::bigint[] IS NULL OR c.id = ANY(%s))
ORDER BY p.since, p.id
"""
ARRIVING = {Action.ARRIVE.value}
GIVING = {Action.DISPATCH.value}
ADDING = {Action.ADD_ASSISTING.value}


async def events(link: AsyncConnection, ids: list[int]) -> list[Message]:
    """Return what is told of events, in the order given; to who has just lost the case, that it is gone."""
    told: list[Message] = []
    found = await (await link.execute(EVENTS, [ids, ids])).fetchall()
    for line in found:
        (_, case, number, arrival, office, action, after, moved, actor, lead, due, alarm, assisting,
         ended) = line  # fmt: skip
        to = of_case(office, lead, assisting)
        data = {
            "case": case, "number": number, "arrival": arrival, "action": action, "did": Action.label_of(action),
            "stage": after, "label": Stage.label_of(after), "moved": moved, "mine": False,
            "due": moment(due), "alarm": alarm,
        }  # fmt: skip
        own = {} if actor is None else {actor: {"mine": True}}
        told.append(Message("case", to, data, _fresh(action, office, lead, to), own))
        if gone := frozenset(ended) - to.units:
            told.append(Message("gone", Audience(office, units=gone), {"case": case}))
    return told


def _fresh(action: str, office: int, lead: int | None, to: Audience) -> Audience:
    """For whom the event brings new work: an arrival for the centre, a dispatch for its units."""
    if action in ARRIVING:
        return Audience(office, centre=True)
    if action in GIVING:
        return Audience(office, units=to.units)
    if action in ADDING:
        return Audience(office, units=to.units - {lead})
    return Audience(office)


async def notices(link: AsyncConnection, ids: list[int]) -> list[Message]:
    """Return what is told of reminders: the number and the clock, to the recipient alone."""
    found = await (await link.execute(NOTICES, [ids, ids])).fetchall()
    return [
        Message(
            "notice", Audience(office, member=member),
            {
                "id": pk, "case": case, "number": number, "level": level, "label": level_label(level),
                "due": moment(due),
            },
        )
        for pk, member, office, case, number, level, due in found
    ]  # fmt: skip


async def present(link: AsyncConnection, cases: Iterable[int] | None = None) -> dict[int, Present]:
    """Return who has these cases open (None: any case)."""
    ids = None if cases is None else list(cases)
    audiences: dict[int, Audience] = {}
    names: dict[int, dict[int, str]] = {}
    for case, office, lead, assisting, member, name in await (
        await link.execute(PRESENT, [datetime.now(UTC) - HERE, ids, ids])
    ).fetchall():
        audiences[case] = of_case(office, lead, assisting)
        names.setdefault(case, {}).setdefault(member, name)
    return {case: Present(audiences[case], tuple(names[case].items())) for case in names}
