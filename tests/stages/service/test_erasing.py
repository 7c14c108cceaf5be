"""到期清除: proposed by one, agreed by another, nothing of anybody left, and a certificate of it."""

from datetime import timedelta

import pytest

from jiesu.cases import sealing
from jiesu.cases.models import Case
from jiesu.core import environment, vault
from jiesu.intake import importing, receiving
from jiesu.intake.models import Arrival
from jiesu.service import erasing
from jiesu.service.models import Erasure, ErasureState
from tests.factories.files import row, workbook

YEARS = timedelta(days=1200)
NAME, PHONE = "欧阳晓帆", "12900001234"


@pytest.fixture(autouse=True)
def own_ring(tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_KEYS", str(tmp_path / "keys.json"))


@pytest.fixture
def old(office, tmp_path, now):
    """Two cases that came and ended long ago."""
    rows = [
        row(n, 主要内容=f"业主{NAME}反映漏水，电话{PHONE}。", 来电人=NAME, 联系方式=PHONE)
        for n in (1, 2)
    ]
    batch = receiving.receive_path(office, workbook(tmp_path / "a.xlsx", rows))
    importing.run(batch, at=now - YEARS)
    Case.objects.update(stage="closed", closed_at=now - YEARS + timedelta(days=3))
    return batch


def agreed(office, member, now):
    erasure = erasing.propose(office, actor=member("security"), at=now)
    erasing.decide(erasure, agreed=True, actor=member("leader"), at=now)
    return erasure


def test_what_is_due_goes_and_the_certificate_says_what(office, member, now, old):
    keys = {vault.key_of(case.sealed) for case in Case.objects.all()}
    erasure = agreed(office, member, now)

    erasing.run(erasure, at=now)
    erasing.run(erasure, at=now)

    erasure.refresh_from_db()
    case = Case.objects.first()
    assert (erasure.state, erasure.counts["cases"], erasure.counts["rows"]) == (
        ErasureState.DONE,
        2,
        2,
    )
    assert set(erasure.keys) == keys
    assert len(erasure.digest) == 64
    assert (case.requester_name, case.requester_phone, bytes(case.sealed), case.phone_keys) == (
        "已清除",
        "",
        b"",
        [],
    )
    assert case.content == "业主***反映漏水，电话***。"
    assert sealing.originals(case) == {}
    assert Arrival.objects.exclude(values=None).count() == 0
    assert not (environment.files() / old.stored).exists()


def test_an_older_copy_of_the_row_cannot_be_opened_any_more(office, member, now, old):
    case = Case.objects.first()  # as an older backup has it
    assert sealing.originals(case)["requester_phone"] == PHONE

    erasing.run(agreed(office, member, now), at=now)

    with pytest.raises(vault.Gone):
        sealing.originals(case)


def test_held_and_open_cases_and_those_in_time_stay(office, member, now, old):
    held, still = Case.objects.order_by("pk")
    erasing.hold(held, reason="行政复议未了", actor=member("security"), at=now)
    Case.objects.filter(pk=still.pk).update(stage="handling")

    with pytest.raises(erasing.Refused, match="没有到期"):
        erasing.propose(office, actor=member("security"), at=now)

    Case.objects.filter(pk=still.pk).update(stage="closed")
    erasing.run(agreed(office, member, now), at=now)
    held.refresh_from_db()
    assert held.erased_at is None
    assert (
        sealing.whole(held)["requester_phone"] == PHONE
    )  # the month's key lives as long as one needs it
    assert Erasure.objects.get().keys == []


def test_nobody_agrees_to_their_own(office, member, now, old):
    security = member("security")
    erasure = erasing.propose(office, actor=security, at=now)

    with pytest.raises(erasing.Refused, match="自己"):
        erasing.decide(erasure, agreed=True, actor=security, at=now)
    erasing.run(erasure, at=now)

    assert Case.objects.filter(erased_at=None).count() == 2


def test_killed_on_the_way_it_goes_on(office, member, now, old, monkeypatch):
    erasure = agreed(office, member, now)
    monkeypatch.setattr(erasing, "STEP", 1)
    real, calls = erasing._erase, []

    def dies_at_the_second(*given):
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*given)

    monkeypatch.setattr(erasing, "_erase", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        erasing.run(erasure, at=now)
    erasing.run(erasure, at=now)

    erasure.refresh_from_db()
    assert (erasure.state, erasure.counts["cases"]) == (ErasureState.DONE, 2)


def test_the_schedule_proposes_what_is_due_once_and_waits_after_a_refusal(office, member, now, old):

    (made,) = erasing.propose_due(now)
    again = erasing.propose_due(now)
    erasing.decide(made, agreed=False, actor=member("leader"), at=now)
    soon = erasing.propose_due(now + timedelta(days=29))
    later = erasing.propose_due(now + timedelta(days=31))

    assert (made.proposer, made.cases) == ("系统按期", 2)
    assert (again, soon, len(later)) == ([], [], 1)
