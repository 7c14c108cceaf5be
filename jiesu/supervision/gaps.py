"""缺岗告警 out of the house: a shift that runs without its people is told by every road, at once.

On the page the strip of the duty shows it; but nobody may be at the page. So whoever can fill the gap is
told by mail and messenger: who should have come, whoever is there, those who plan, and the leaders.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jiesu.core.announcements import announce
from jiesu.duty.models import CoverGap
from jiesu.org.models import Member
from jiesu.org.rights import Right, roles_with
from jiesu.rules.moments import BEIJING
from jiesu.supervision.models import Channel
from jiesu.supervision.pushing import road
from jiesu.supervision.reminding import roads


@transaction.atomic
def tell(gap: int) -> int:
    """Put a message in the queue for each person and each road. Returns how many.

    A gap that has been filled meanwhile is told to nobody.
    """
    found = CoverGap.objects.select_related("shift").filter(pk=gap, closed_at=None).first()
    if found is None:
        return 0
    messages = [(member.pk, channel) for member in whom(found) for channel in sorted(roads())]
    for member, channel in messages:
        announce("supervision.gap_told", gap=gap, member=member, channel=channel)
    return len(messages)


def whom(gap: CoverGap) -> list[Member]:
    """Return whom a gap concerns: everybody on the shift's list, and whoever may plan the duty."""
    posted = gap.shift.posts.filter(released_at=None).values("member")
    active = Member.objects.working(timezone.now()).filter(office=gap.shift.office_id)
    planning = active.filter(role__in=roles_with(Right.PLAN_DUTY))
    return list((planning | active.filter(pk__in=posted)).distinct().order_by("pk"))


def send(gap: int, member: int, channel: str, at: datetime) -> None:
    """Send one person the word of a gap by one road, if it is still open.

    :raises Unreachable: the channel does not work now; the job is tried again
    :raises Refused: the other side does not take it
    """
    found = CoverGap.objects.select_related("shift__pattern").filter(pk=gap, closed_at=None).first()
    person = Member.objects.get(pk=member)
    address = person.email if channel == Channel.MAIL else person.messenger
    if found is None or not address or not person.works_at(at):
        return
    with road(Channel(channel)) as deliver:
        deliver(address, words(found), f"jiesu-gap-{gap}-{member}", at)


def words(gap: CoverGap) -> str:
    """“缺岗：11月24日 夜班 00:00–08:00，应到 2 人，在岗 1 人，请尽快补位”. Names stay in the house."""
    since, until = (
        moment.astimezone(BEIJING) for moment in (gap.shift.starts_at, gap.shift.ends_at)
    )
    return (
        f"缺岗：{since.month}月{since.day}日 {gap.shift.pattern.name} {since:%H:%M}–{until:%H:%M}，"
        f"应到 {gap.minimum} 人，在岗 {gap.present} 人，请尽快补位"
    )
