"""模型告警 out of the house: a model file that is gone, spoiled or hanging is told to the system administrators.

Once for each fault, by every road that is set up. The desk goes on without suggestions meanwhile.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jiesu.core.announcements import announce
from jiesu.org.models import Member
from jiesu.org.rights import Right, roles_with
from jiesu.supervision.models import Channel
from jiesu.supervision.pushing import road
from jiesu.supervision.reminding import roads
from jiesu.triage.models import ModelFault


@transaction.atomic
def tell(fault: int) -> int:
    """Put a message in the queue for each administrator and each road. Returns how many.

    A fault that is over meanwhile is told to nobody.
    """
    if not ModelFault.objects.filter(pk=fault, over_at=None).exists():
        return 0
    messages = [(member.pk, channel) for member in whom() for channel in sorted(roads())]
    for member, channel in messages:
        announce("supervision.model_fault_told", fault=fault, member=member, channel=channel)
    return len(messages)


def whom() -> list[Member]:
    """Return who keeps the machine: its models serve every office on it."""
    working = Member.objects.working(timezone.now())
    return list(working.filter(role__in=roles_with(Right.AUTOMATE)).order_by("pk"))


def send(fault: int, member: int, channel: str, at: datetime) -> None:
    """Send one administrator the word by one road, if the fault is still open.

    :raises Unreachable: the channel does not work now; the job is tried again
    :raises Refused: the other side does not take it
    """
    found = ModelFault.objects.filter(pk=fault, over_at=None).first()
    person = Member.objects.get(pk=member)
    address = person.email if channel == Channel.MAIL else person.messenger
    if found is None or not address or not person.works_at(at):
        return
    with road(Channel(channel)) as deliver:
        deliver(address, words(found), f"jiesu-model-{fault}-{member}", at)


def words(fault: ModelFault) -> str:
    """“初核模型（承办单位）坏了，已停止建议，派转照常。请登录系统查看”. No path leaves the house."""
    return (
        f"初核模型（{fault.target_label}）{fault.kind_label}，已停止建议，派转照常。请登录系统查看"
    )
