"""What taking a file of evidence leaves in the trail: 听录音 for a recording, 下载文件 for the rest.

A player fetches a recording piece by piece, and a page shows its pictures: neither may leave an entry for
each piece, and none may go unseen.
"""

from datetime import timedelta

from django.db.models.functions import Now

from jiesu.cases.models import Case
from jiesu.cases.pages import MemberRequest
from jiesu.core import personal
from jiesu.evidence.models import Evidence
from jiesu.org.models import Member
from jiesu.trail.actions import leave, leave_unless_lately
from jiesu.trail.models import Entry, Kind

PLAY = timedelta(minutes=30)  # pieces fetched within it belong to one play
PIECES = timedelta(minutes=10)
DAY = timedelta(days=1)


def taken(request: MemberRequest, case: Case, file: Evidence) -> None:
    """Leave one entry for a play, a download, or a picture looked at."""
    sound = file.kind.startswith(("audio/", "video/"))
    piece = "Range" in request.headers and not request.headers["Range"].startswith("bytes=0-")
    told = {
        "actor": request.user, "case": case.pk, "number": case.number,
        "subject": f"evidence:{file.pk}", "name": personal.within(file.name),
    }  # fmt: skip
    if sound:
        leave_unless_lately(Kind.LISTEN, within=PLAY, **told)
    elif piece or "preview" in request.GET:
        leave_unless_lately(Kind.DOWNLOAD, within=PIECES, **told)
    else:
        leave(Kind.DOWNLOAD, **told)


def altered(case: Case, file: Evidence, *, actor: Member | None) -> None:
    """Leave one entry a day for a file whose bytes are not those that arrived."""
    subject = f"evidence:{file.pk}"
    same = Entry.objects.filter(
        kind=Kind.SECURITY, case=case.pk, subject=subject, at__gte=Now() - DAY
    )
    if not same.exists():
        leave(
            Kind.SECURITY, actor=actor, office=case.office_id, case=case.pk, number=case.number,
            subject=subject, what="evidence_altered",
        )  # fmt: skip
