"""Recordings go where the rest of a case goes: under a new key, and away for good."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.core import sealed_files, vault
from jiesu.followup import actions, recordings
from jiesu.followup.models import CallBack, Matter, Recording
from jiesu.service import erasing, resealing
from tests.factories import sounds
from tests.stages.followup.test_calling import GOOD

WAV = sounds.wav(sounds.tones((1, 2), length=3))


@pytest.fixture
def told(waiting, office, seat):
    """A case that was called back, with its recording, ended long ago."""
    case, at = waiting(closed=True), timezone.now()
    name = f"{case.number}.wav"
    made = recordings.take(
        office, name, SimpleUploadedFile(name, WAV).file, len(WAV), actor=seat, at=at
    ).recording
    recordings.store(
        made, {"ms": 3000, "peaks": [], "spans": [(1000, 2000, 0)], "texts": ["修好了"]}
    )
    actions.call_back(
        case, verdict="passed", called_at=at, actor=seat, at=at, recording=made, words="修好了",
        demand="路灯也不亮", **GOOD,
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(closed_at=at - timedelta(days=1200))
    return made


def test_what_is_erased_takes_its_recordings_along(
    told, office, member, django_capture_on_commit_callbacks
):
    path, now = recordings.place(told.stored), timezone.now()
    erasure = erasing.propose(office, actor=member("security"), at=now)
    erasing.decide(erasure, agreed=True, actor=member("leader"), at=now)

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        erasing.run(erasure, at=now)

    erasure.refresh_from_db()
    assert not path.exists()
    assert (Recording.objects.count(), erasure.counts["recordings"]) == (0, 1)
    kept = CallBack.objects.get()
    assert (kept.words, kept.demand, kept.recording, kept.solved) == ("", "", None, "solved")
    assert Matter.objects.get().words == "***"


def test_under_a_new_key_it_says_the_same(told):
    path = recordings.place(told.stored)
    month = vault.ring().data[sealed_files.key_of(path)].month
    number = vault.renew([month])[month]

    resealing.reseal()

    assert sealed_files.key_of(path) == number
    assert b"".join(recordings.read(told)) == WAV
