"""What happens to evidence by the clock: each night every file is looked at, whether it is still what arrived."""

import logging

from jiesu.core import vault
from jiesu.evidence import storage, traces
from jiesu.evidence.models import Evidence

log = logging.getLogger("jiesu.evidence")


def look_over() -> int:
    """Compare every file with its hash of arrival. Returns how many are altered or gone, or can no longer be opened.

    Each is told in the log and, once a day, in the trail; nothing is changed.
    """
    wrong = 0
    for file in Evidence.objects.select_related("case").order_by("id").iterator(chunk_size=500):
        try:
            storage.verify(file.stored, file.sha256, anew=True)
        except (storage.Altered, vault.Gone, FileNotFoundError) as fault:
            wrong += 1
            log.error("evidence %s of %s: %s", file.pk, file.case.number, type(fault).__name__)
            traces.altered(file.case, file, actor=None)
    log.info("evidence looked over, %s altered or gone", wrong)
    return wrong
