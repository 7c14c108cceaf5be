"""An announcement lives and dies with its transaction."""

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.core.announcements import announce


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_announcement_leaves_no_job():
    with transaction.atomic():
        announce("case.moved", case=1, event=1)
        transaction.set_rollback(True)

    assert ProcrastinateJob.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_committed_announcement_leaves_one():
    with transaction.atomic():
        announce("case.moved", case=1, event=1)

    assert [job.args for job in ProcrastinateJob.objects.all()] == [
        {"name": "case.moved", "facts": {"case": 1, "event": 1}}
    ]
