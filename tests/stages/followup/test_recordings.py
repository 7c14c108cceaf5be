"""Recordings: kept as they came and sealed, matched, listened to with a trace, looked at by the machine."""

import os
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from jiesu.core import sealed_files
from jiesu.followup import actions, jobs, queries, recordings
from jiesu.followup.models import FolderFile, Match, Recording, RecordingState
from jiesu.trail.models import Entry, Kind
from tests.factories import sounds
from tests.stages.followup.test_calling import GOOD

WAV = sounds.wav(sounds.tones((1, 2), (3.5, 5), length=6))


@pytest.fixture
def take(office, seat):
    def make(name, content=WAV, **more):
        file = SimpleUploadedFile(name, content)
        given = {"actor": seat, "at": timezone.now()} | more
        return recordings.take(office, name, file.file, len(content), **given)

    return make


def test_one_is_matched_by_its_number_and_the_same_again_changes_nothing(waiting, take):
    case = waiting()

    first, again = take(f"{case.number}_回访.wav"), take("别的名字.wav")

    assert (first.recording.case, first.recording.match, first.known) == (case, Match.NUMBER, False)
    assert (again.recording, again.known) == (first.recording, True)


def test_one_is_matched_by_phone_where_one_case_has_it_and_by_the_call_where_more_do(waiting, take):
    phone = "12900001234"
    only = waiting(requester_phone="12900005678")
    near = waiting(requester_phone=phone)
    waiting(requester_phone=phone, ago=timedelta(hours=5))
    called = timezone.localtime(near.responded_at).strftime("%Y%m%d%H%M%S")

    alone = take("12900005678.wav").recording
    by_call = take(f"{phone}_{called}.wav", WAV + b"\0\0").recording
    undecided = take(f"{phone}_20200101000000.wav", WAV + b"\0" * 4).recording
    nobody = take("12900009999.wav", WAV + b"\0" * 6).recording

    found = [(one.case, one.match) for one in (alone, by_call, undecided, nobody)]
    assert found == [(only, Match.PHONE), (near, Match.PHONE), (None, ""), (None, "")]


def test_it_lies_sealed_and_any_range_of_it_comes_out_whole(waiting, take, seat, browser_of):
    long = sounds.wav(sounds.tones((1, 70), length=150))  # more than two pieces
    case = waiting()
    made = take(f"{case.number}.wav", long).recording
    browser = browser_of(seat)
    url = reverse("followup:audio", args=[made.pk])

    whole = browser.get(url)
    edge = sealed_files.PIECE
    part = browser.get(url, headers={"Range": f"bytes={edge - 10}-{edge + 9}"})
    beyond = browser.get(url, headers={"Range": f"bytes={len(long)}-"})

    assert long[44:4044] not in recordings.place(made.stored).read_bytes()
    assert b"".join(whole.streaming_content) == long
    assert (part.status_code, b"".join(part.streaming_content)) == (
        206,
        long[edge - 10 : edge + 10],
    )
    assert part.headers["Content-Range"] == f"bytes {edge - 10}-{edge + 9}/{len(long)}"
    assert beyond.status_code == 416
    listened = Entry.objects.filter(kind=Kind.LISTEN, member=seat.pk, case=case.pk)
    assert listened.count() == 1  # its pieces belong to one play


def test_only_who_follows_up_hears_it(waiting, take, member, browser_of):
    made = take(f"{waiting().number}.wav").recording
    url = reverse("followup:audio", args=[made.pk])

    codes = {role: browser_of(member(role)).get(url).status_code for role in ("handler", "leader", "analyst", "reviewer")}  # fmt: skip

    assert codes == {"handler": 403, "leader": 403, "analyst": 403, "reviewer": 200}


def test_the_machine_looks_and_the_sheet_shows_the_player(waiting, take, seat, browser_of):
    case = waiting()
    made = take(f"{case.number}.wav").recording

    jobs.prepare(made.pk)
    page = browser_of(seat).get(reverse("calling:sheet", args=[case.number])).content.decode()

    made.refresh_from_db()
    assert (made.state, made.ms, made.sentences.count()) == (RecordingState.READY, 6000, 2)
    assert page.count('class="line-at') == 2
    assert "没有装语音模型" in page
    assert reverse("followup:audio", args=[made.pk]) in page


def test_what_a_browser_cannot_play_gets_a_copy_and_stays_as_it_is(waiting, take, seat, browser_of):
    made = take(f"{waiting().number}.amr", sounds.amr()).recording

    jobs.prepare(made.pk)
    made.refresh_from_db()
    browser = browser_of(seat)
    played = b"".join(browser.get(reverse("followup:audio", args=[made.pk])).streaming_content)
    came = browser.get(reverse("followup:audio", args=[made.pk]), {"original": ""})

    assert played.startswith(b"RIFF")
    assert b"".join(came.streaming_content) == sounds.amr()


def test_a_damaged_one_says_so_and_can_still_be_taken_out(waiting, take):
    made = take(f"{waiting().number}.wav", b"RIFF\0\0\0\0WAVEfmt " + bytes(40)).recording

    jobs.prepare(made.pk)

    made.refresh_from_db()
    assert made.state == RecordingState.FAILED
    assert "打不开" in made.trouble


def test_what_is_no_recording_is_refused_and_the_rest_is_taken(seat, browser_of):
    files = [SimpleUploadedFile("a.wav", WAV), SimpleUploadedFile("b.mp3", b"<html>")]

    page = browser_of(seat).post(reverse("followup:recordings"), {"files": files})

    assert page.status_code == 422
    assert "“b.mp3”的内容不是 .mp3 文件" in page.content.decode()
    assert Recording.objects.count() == 1


def test_a_person_matches_what_the_name_did_not_tell(waiting, take, seat, browser_of):
    case, made = waiting(), take("新录音 7.wav").recording
    browser = browser_of(seat)
    url = reverse("followup:recording", args=[made.pk])
    before = sealed_files.key_of(recordings.place(made.stored))

    wrong = browser.post(url, {"number": "热线-000000-000000"})
    browser.post(url, {"number": case.number})

    made.refresh_from_db()
    assert wrong.status_code == 422
    assert (made.case, made.match, made.matched_by) == (case, Match.HAND, seat)
    assert b"".join(recordings.read(made)) == WAV
    assert sealed_files.key_of(recordings.place(made.stored)) == before  # the same month's key


def test_the_watched_folder_is_read_once_and_left_as_it_is(waiting, office, tmp_path):
    case = waiting()
    old = timezone.now().timestamp() - 300
    for name, content in ((f"{case.number}.wav", WAV), ("坏的.mp3", b"<html>"), ("说明.txt", b"x")):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (old, old))
    (tmp_path / "还在写.wav").write_bytes(WAV)

    first = recordings.watch(office, tmp_path, at=timezone.now())
    again = recordings.watch(office, tmp_path, at=timezone.now())

    assert (first, again) == (1, 0)
    assert Recording.objects.get().case == case
    assert FolderFile.objects.exclude(refused="").get().name == "坏的.mp3"
    assert (tmp_path / f"{case.number}.wav").read_bytes() == WAV


def test_machine_and_person_are_compared(waiting, take, seat, office):
    case = waiting()
    made = take(f"{case.number}.wav").recording
    told = {"ms": 6000, "peaks": [0] * 600, "spans": [(0, 1000, 0), (2000, 3000, 0)], "texts": ["已经修好了", "不满意"]}  # fmt: skip
    recordings.store(made, told | {"engine": "试", "seconds": 1.5})
    at = timezone.now()

    actions.call_back(
        case,
        verdict="passed",
        called_at=at,
        actor=seat,
        at=at,
        recording=made,
        **GOOD,
    )

    assert [(a.label, a.agreed, a.decided) for a in queries.agreement(office)] == [
        ("解决", 1, 1),
        ("满意", 0, 1),
    ]
    assert case.call_backs.get().recording == made
    assert case.events.get(action="call_back").facts["sha256"] == made.sha256
