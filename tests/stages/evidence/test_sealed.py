"""A file of evidence lies sealed: nothing of it stands on the disk, and it goes where its case goes."""

import io
import os
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from jiesu.cases.models import Case
from jiesu.core import environment, sealed_files, vault
from jiesu.evidence import actions, jobs, previews, storage
from jiesu.evidence.checks import inspect
from jiesu.evidence.models import Evidence
from jiesu.service import erasing, resealing
from tests.factories.orders import make_case

MARK = b"four corners road 9, door 302"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_KEYS", str(tmp_path / "keys.json"))
    monkeypatch.setattr(environment, "files", lambda: tmp_path)


def picture():
    out = io.BytesIO()
    Image.new("RGB", (64, 32), 200).save(out, "JPEG", comment=MARK)
    return out.getvalue() + MARK


@pytest.fixture
def keep(office, seat, now):
    case = make_case(office)

    def keep(name, content):
        upload = SimpleUploadedFile(name, content)
        checked = actions.Checked(name, inspect(name, len(content), io.BytesIO(content)), upload)
        return actions.add(case, [checked], actor=seat, at=now)[0]

    return keep


@pytest.fixture
def fetch(seat):
    browser = Client(raise_request_exception=False)
    browser.force_login(seat)

    def fetch(file, query="", **headers):
        url = reverse("evidence:file", args=[file.case.number, file.pk])
        answer = browser.get(url + query, **headers)
        return answer, b"".join(answer) if answer.status_code < 300 else answer.content.decode()

    return fetch


def paths(file):
    return storage.place(file.stored), previews.place(file.stored)


def test_nothing_of_a_file_stands_in_the_clear(keep, fetch, tmp_path):
    content = picture()
    file = keep("现场.jpg", content)
    _, seen = fetch(file, "?preview")

    assert fetch(file)[1] == content
    assert seen[:3] == b"\xff\xd8\xff"
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 4  # the keys and their lock, the file, its preview
    assert not [one for one in kept if MARK in one or seen[:20] in one or content[:20] in one]


def test_a_range_over_the_edge_of_a_piece_is_that_part(keep, fetch):
    content = b"ID3\x04" + os.urandom(2 * sealed_files.PIECE)
    file, edge = keep("录音.mp3", content), sealed_files.PIECE

    answer, body = fetch(file, HTTP_RANGE=f"bytes={edge - 5}-{2 * edge + 1}")

    assert (answer.status_code, body) == (206, content[edge - 5 : 2 * edge + 2])


def _cut(path):
    path.write_bytes(path.read_bytes()[: sealed_files._RECORD + 4])


def _turned(path):
    body = bytearray(path.read_bytes())
    body[-20] ^= 1
    path.write_bytes(body)


def _swapped(path):
    other = path.with_name("other")
    sealed_files.write(other, [MARK], month="2026-11")
    os.replace(other, path)


def _opened(path):
    path.write_bytes(MARK)


@pytest.mark.parametrize("harm", [_cut, _turned, _swapped, _opened])
def test_whatever_is_done_to_it_is_found(keep, fetch, harm):
    file = keep("录音.mp3", b"ID3\x04" + os.urandom(sealed_files.PIECE))
    harm(storage.place(file.stored))

    answer, words = fetch(file)

    assert answer.status_code == 409
    assert "这个文件和上传时不一样了" in words
    assert jobs.look_over() == 1


def test_under_a_new_key_it_says_the_same(keep, fetch):
    content = picture()
    file = keep("现场.jpg", content)
    seen = fetch(file, "?preview")[1]
    (month,) = vault.ring().newest

    number = vault.renew([month])[month]

    assert resealing.reseal() >= 2
    assert [sealed_files.key_of(path) for path in paths(file)] == [number, number]
    assert (fetch(file)[1], fetch(file, "?preview")[1]) == (content, seen)
    assert (resealing.reseal(), jobs.look_over()) == (0, 0)


def test_what_was_kept_before_is_sealed_once(keep, fetch):
    content = picture()
    file = keep("现场.jpg", content)
    fetch(file, "?preview")
    kept, drawn = paths(file)
    left = kept.with_name("left")
    for path in (kept, drawn, left):
        path.write_bytes(content)
    Evidence.objects.update(is_sealed=False)

    assert (resealing.in_the_clear(), resealing.seal_old()) == (True, 1)

    assert (resealing.in_the_clear(), resealing.seal_old()) == (False, 0)
    assert (sealed_files.is_sealed(kept), sealed_files.is_sealed(left)) == (True, True)
    assert not drawn.exists()
    assert (fetch(file)[1], b"".join(sealed_files.read(left))) == (content, content)
    assert fetch(file, "?preview")[1][:3] == b"\xff\xd8\xff"


def test_without_its_key_it_is_told_in_words(keep, fetch):
    file = keep("现场.jpg", picture())
    vault.destroy(list(vault.ring().data))

    for query in ("", "?preview"):
        answer, words = fetch(file, query)
        assert answer.status_code == 410
        assert "密钥已销毁或不在密钥文件里，原文打不开" in words
    assert jobs.look_over() == 1
    assert resealing.reseal() == 0


def test_erased_it_takes_its_preview_along(
    keep, fetch, office, member, now, django_capture_on_commit_callbacks
):
    file = keep("现场.jpg", picture())
    fetch(file, "?preview")
    Case.objects.update(stage="closed", closed_at=now - timedelta(days=1200))
    erasure = erasing.propose(office, actor=member("security"), at=now)
    erasing.decide(erasure, agreed=True, actor=member("leader"), at=now)

    with django_capture_on_commit_callbacks(execute=True):
        erasing.run(erasure, at=now)

    assert [path.exists() for path in paths(file)] == [False, False]
