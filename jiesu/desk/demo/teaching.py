"""The demo's models: a first version trained on its early days and agreed to, what it then suggested, a newer one.

Nothing is made up here: the versions are trained and tested on the demo's own cases, by the same code as
any office's, at the moments an office would have done so.
"""

from datetime import datetime, timedelta

from jiesu.cases.models import Case
from jiesu.org.models import Office
from jiesu.org.rights import Role
from jiesu.triage import candidates, lessons, recording, versions
from jiesu.triage.models import Target, Version, VersionState

EARLIER = timedelta(days=9)  # since when the first version has been live


def fill(office: Office, *, at: datetime) -> None:
    """Train, propose and agree as of some days ago; suggest for what came since; train anew."""
    then = at - EARLIER
    for target in Target:
        first = _trained(office, target, then)
        if first is not None and first.state == VersionState.CANDIDATE:
            analyst, leader = (
                office.members.filter(role=role, is_active=True).earliest("pk")
                for role in (Role.ANALYST, Role.LEADER)
            )
            versions.propose(first, actor=analyst, at=then + timedelta(hours=6))
            versions.agree(first, actor=leader, at=then + timedelta(hours=8))
    since = Case.objects.filter(office=office, dispatched_at__gt=then).order_by("dispatched_at")
    for case in since.defer("tokens", "tsv").iterator():
        recording.record([case], at=case.arrived_at)
    lessons.gather(office)
    for target in Target:
        _trained(office, target, at)


def _trained(office: Office, target: Target, at: datetime) -> Version | None:
    training, _ = candidates.begin(office, target, actor=None, at=at)
    return candidates.run(training, at=at)
