"""What the assessment does later: trying a file of call-back results, and importing it once confirmed."""

from django.utils import timezone

from jiesu.assessment import uploads
from jiesu.assessment.models import ResultUpload
from jiesu.intake.models import BatchState
from jiesu.platforms.sheets import Unreadable


def try_upload(upload: int) -> None:
    """Try one received file. Does nothing for one that was discarded meanwhile, or tried before a crash."""
    found = ResultUpload.objects.filter(pk=upload, state=BatchState.RECEIVED).first()
    if found is not None:
        uploads.try_reading(found, at=timezone.now())


def run_upload(upload: int) -> None:
    """Import one file. Called again after a crash it begins anew: nothing of it was kept."""
    try:
        uploads.run(ResultUpload.objects.get(pk=upload), at=timezone.now())
    except Unreadable:
        return  # said on the upload itself; trying again would not help
