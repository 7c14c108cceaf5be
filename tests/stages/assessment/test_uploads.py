"""A file of call-back results comes by the page: kept sealed, tried, confirmed, imported once, told."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jiesu.assessment import jobs, uploads
from jiesu.assessment.cycles import almanac
from jiesu.assessment.models import Result, ResultUpload
from jiesu.core import environment, sealed_files, vault
from jiesu.evidence import storage
from jiesu.intake.models import BatchState
from jiesu.platforms.sheets import Unreadable
from jiesu.service import erasing, resealing
from tests.factories.order_files import make_workbook
from tests.factories.orders import make_case
from tests.stages.assessment.conftest import AT, BAD, GOOD, HEADS, number

ROWS = ((number(2), *GOOD), (number(9), "看不懂"), ("", *GOOD))
RESULTS = "/assessment/results/"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_KEYS", str(tmp_path / "keys.json"))
    monkeypatch.setattr(environment, "files", lambda: tmp_path)


@pytest.fixture
def reviewer(member, browser_of):
    return browser_of(member("reviewer"))


@pytest.fixture
def bring(reviewer, tmp_path):
    """Send rows as a file by the page, and return its upload as the worker left it."""

    def bring(*rows, cycle="2026-10", name="明细.xlsx"):
        file = make_workbook(tmp_path / name, [HEADS, *rows])
        with file.open("rb") as body:
            answer = reviewer.post(RESULTS, {"file": body, "cycle": cycle})
        made = ResultUpload.objects.latest("pk")
        assert (answer.status_code, answer["Location"]) == (302, f"{RESULTS}{made.pk}/")
        jobs.try_upload(made.pk)
        made.refresh_from_db()
        return made

    return bring


def page_of(client, upload):
    return client.get(f"{RESULTS}{upload.pk}/").content.decode()


def test_it_is_tried_confirmed_and_imported_once(bring, reviewer, office, tmp_path):
    case = make_case(office, number=number(2), at=AT)
    made = bring(*ROWS)

    assert (made.state, Result.objects.count()) == (BatchState.CHECKED, 0)
    tried = page_of(reviewer, made)
    assert "还没有导入" in tried
    assert "确认导入 2 件" in tried
    assert "承办单位“看不懂”不在本街道名录" in tried

    for _ in range(2):  # a press too many, a job that runs again after a crash
        reviewer.post(f"{RESULTS}{made.pk}/confirm/")
        jobs.run_upload(made.pk)

    made.refresh_from_db()
    done = page_of(reviewer, made)
    counted = {name: made.counts[name] for name in ("rows", "new", "refused", "unmatched")}
    assert (made.state, made.rows_done, made.file.results.count()) == (BatchState.DONE, 3, 2)
    assert counted == {"rows": 3, "new": 2, "refused": 1, "unmatched": 1}
    assert f"<li>{number(9)}</li>" in done
    assert "有 1 行未收" in done
    assert case.events.filter(action="upper_result").count() == 1


def test_the_original_is_kept_sealed_and_comes_back_word_for_word(bring, reviewer, tmp_path):
    made = bring(*ROWS)
    came, kept = (tmp_path / "明细.xlsx").read_bytes(), storage.place(made.stored)
    (month,) = vault.ring().newest
    number_ = vault.renew([month])[month]
    resealing.reseal()

    answer = reviewer.get(f"{RESULTS}{made.pk}/original/")

    assert b"".join(answer) == came
    assert came[:40] not in kept.read_bytes()
    assert sealed_files.key_of(kept) == number_


def test_what_was_only_tried_can_be_given_up_and_what_is_imported_cannot(bring, reviewer):
    first, second = bring(*ROWS), bring(*ROWS)
    uploads.run(second, at=AT)

    for made in (first, second):
        reviewer.post(f"{RESULTS}{made.pk}/discard/")

    assert list(ResultUpload.objects.all()) == [second]
    assert not storage.place(first.stored).exists()
    assert storage.place(second.stored).exists()


def test_a_file_nobody_can_read_says_why(reviewer):
    reviewer.post(RESULTS, {"file": SimpleUploadedFile("明细.xlsx", b"not a workbook")})
    made = ResultUpload.objects.get()

    jobs.try_upload(made.pk)

    made.refresh_from_db()
    assert made.state == BatchState.FAILED
    assert made.failure
    assert made.failure in page_of(reviewer, made)
    with pytest.raises(Unreadable):
        uploads.run(made, at=AT)


def test_a_cycle_that_is_none_is_told_at_once(reviewer, tmp_path):
    file = make_workbook(tmp_path / "明细.xlsx", [HEADS, *ROWS])

    with file.open("rb") as body:
        answer = reviewer.post(RESULTS, {"file": body, "cycle": "2026-13"})

    assert answer.status_code == 422
    assert ResultUpload.objects.count() == 0


def test_killed_on_the_way_nothing_is_kept_and_it_begins_anew(bring, monkeypatch):
    made = bring(*ROWS)
    real, calls = uploads.importing._keep, []

    def dies_the_first_time(*given):
        real(*given)
        calls.append(given)
        if len(calls) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(uploads.importing, "_keep", dies_the_first_time)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_upload(made.pk)
    made.refresh_from_db()
    assert (made.state, Result.objects.count()) == (BatchState.RUNNING, 0)

    jobs.run_upload(made.pk)

    made.refresh_from_db()
    assert (made.state, made.counts["new"], Result.objects.count()) == (BatchState.DONE, 2, 2)


def test_it_goes_with_the_last_of_its_cases(bring, office):
    case = make_case(office, number=number(2), at=AT)
    other = make_case(office, number=number(3), at=AT)
    made = bring((number(2), *GOOD), (number(3), *BAD))
    uploads.run(made, at=AT)
    path, told = storage.place(made.stored), []

    for one in (case, other):
        one.erased_at = AT
        one.save(update_fields=["erased_at"])
        told.append((erasing._result_files(office), path.exists()))

    made.refresh_from_db()
    assert (told, made.stored) == ([(0, True), (1, False)], "")


def test_the_command_keeps_the_original_too(office, tmp_path):
    file = make_workbook(tmp_path / "明细.xlsx", [HEADS, *ROWS])

    made = uploads.receive_path(office, file, cycle=almanac(office).named("2026-10"), at=AT)
    tally, came = uploads.run(made, at=AT), file.read_bytes()

    assert (tally.new, tally.unmatched, made.cycle) == (2, 2, "2026-10")
    assert b"".join(sealed_files.read(storage.place(made.stored))) == came
    assert (made.sha256, made.size) == (hashlib.sha256(came).hexdigest(), len(came))
