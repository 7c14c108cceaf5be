"""An announcement lives and dies with its transaction."""

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.core.announcements import announce


@pytest.fixture(autouse=True)
def nothing_left(transactional_db):
    """No jobs of earlier tests that really committed."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events; DELETE FROM procrastinate_jobs")


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
