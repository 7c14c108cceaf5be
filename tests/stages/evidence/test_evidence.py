"""佐证: told by content, kept with its hash, given only to who may see the case."""

import hashlib
import io
import stat
import zipfile
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from jiesu.core import sealed_files
from jiesu.evidence import actions, storage
from jiesu.evidence.checks import Unacceptable, inspect
from jiesu.evidence.forms import plain_name
from jiesu.org.models import Unit
from jiesu.rules.attachments import MB
from jiesu.rules.workflow import Action
from tests.factories.acting import open_form, send, send_htmx, sentences
from tests.factories.orders import dispatched, make_case

PDF = b"%PDF-1.7\n" + b"0" * 100
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 100
MP3 = b"ID3\x04" + bytes(range(256)) * 8
EXE = b"MZ\x90\x00" + b"0" * 100
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def archive(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for part in ("[Content_Types].xml", *parts):
            made.writestr(part, "<x/>")
    return out.getvalue()


def old_office(stream: str) -> bytes:
    return COMPOUND + b"\0" * 130_000 + stream.encode("utf-16-le")


def upload(name, content, kind="application/octet-stream"):
    return SimpleUploadedFile(name, content, kind)


def look(name, content):
    return inspect(name, len(content), io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "content", "mime"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("微信图片.jpg", PNG, "image/png"),
        ("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 40, "image/heic"),
        ("录音.mp3", MP3, "audio/mpeg"),
        ("录音.amr", b"#!AMR\n" + b"0" * 50, "audio/amr"),
        ("录音.wav", b"RIFF\x24\0\0\0WAVEfmt " + b"0" * 50, "audio/wav"),
        ("录音.m4a", b"\0\0\0\x18ftypM4A " + b"\0" * 40, "audio/mp4"),
        ("视频.mp4", b"\0\0\0\x18ftypisom" + b"\0" * 40, "video/mp4"),
        ("视频.mov", b"\0\0\0\x14ftypqt  " + b"\0" * 40, "video/quicktime"),
        ("a.doc", old_office("WordDocument"), "application/msword"),
        ("a.xls", old_office("Book"), "application/vnd.ms-excel"),
        ("a.xlsx", archive("xl/workbook.xml"), None),
        ("a.docx", archive("word/document.xml"), None),
        ("a.pptx", archive("ppt/presentation.xml"), None),
    ],
)
def test_what_may_be_evidence_is_known_by_its_content(name, content, mime):
    kind = look(name, content)

    assert mime is None or kind.mime == mime
    assert name.lower().rpartition(".")[2] in kind.endings


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("回单.pdf", EXE, "“回单.pdf”的内容不是 .pdf 文件，可能已损坏或改过扩展名，请重新导出后再传。", id="改名的程序"),
        pytest.param("工具.exe", EXE, "“工具.exe”不能作佐证。可传 Word、Excel、PPT、PDF、图片、录音和视频。", id="程序"),
        pytest.param("页.html", b"<html><script>1</script>", "“页.html”不能作佐证。可传 Word、Excel、PPT、PDF、图片、录音和视频。", id="网页"),
        pytest.param("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "“图.svg”不能作佐证。可传 Word、Excel、PPT、PDF、图片、录音和视频。", id="矢量图"),
        pytest.param("说明.pdf", archive("word/document.xml"), "“说明.pdf”的内容是Word 文档，与扩展名不符，请改成 .docx 再传。", id="扩展名不符"),
        pytest.param("没有扩展名", PDF, "“没有扩展名”的内容是PDF，与扩展名不符，请改成 .pdf 再传。", id="没有扩展名"),
        pytest.param("空.pdf", b"", "“空.pdf”是空文件，请核对后再传。", id="空文件"),
        pytest.param("宏.docx", archive("word/document.xml", "word/vbaProject.bin"), "“宏.docx”含有宏，请另存为不含宏的文件再传。", id="宏"),
        pytest.param("包.docx", archive("run.exe"), "“包.docx”的内容不是 .docx 文件，可能已损坏或改过扩展名，请重新导出后再传。", id="改名的压缩包"),
        pytest.param("装.doc", COMPOUND, "“装.doc”的内容不是 .doc 文件，可能已损坏或改过扩展名，请重新导出后再传。", id="改名的安装包"),
    ],
)  # fmt: skip
def test_what_may_not_is_told_what_to_do(name, content, sentence):
    with pytest.raises(Unacceptable) as refusal:
        look(name, content)

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("name", "head", "limit"),
    [
        ("图.png", PNG, 10),
        ("文.pdf", PDF, 20),
        ("音.mp3", MP3, 20),
        ("片.avi", b"RIFF\0\0\0\0AVI LIST", 20),
    ],
)
def test_each_kind_has_its_limit(name, head, limit):
    inspect(name, limit * MB, io.BytesIO(head))

    with pytest.raises(Unacceptable, match=f"每个不超过 {limit} MB，请压缩或分段后再传"):
        inspect(name, limit * MB + 1, io.BytesIO(head))


def test_a_list_too_long_to_be_a_documents_is_not_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "x")
        for number in range(9000):
            made.writestr(f"{number:080d}", "")

    with pytest.raises(Unacceptable):
        look("长.docx", out.getvalue())


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\x\\现场.jpg", "现场.jpg"),
        ("../../etc/现场.jpg", "现场.jpg"),
        ("回单\u202efdp.exe", "回单fdp.exe"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(sent, kept):
    assert plain_name(sent) == kept


@pytest.fixture
def case(office, seat):
    return dispatched(make_case(office), seat, Unit.objects.get(office=office, code="livelihood"))


@pytest.fixture
def lead(browser_of, member):
    return browser_of(member("handler", "livelihood"))


def test_files_are_kept_under_random_names_with_their_hash(lead, case):
    answer = send(
        lead,
        "evidence:add",
        case,
        files=[upload("现场.jpg", JPEG), upload("回单.pdf", PDF)],
        note="整改后",
    )

    first, second = case.evidence.all()
    path = storage.place(first.stored)
    assert answer.status_code == 302
    assert (first.name, first.kind, first.size, first.note) == (
        "现场.jpg",
        "image/jpeg",
        len(JPEG),
        "整改后",
    )
    assert first.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert b"".join(sealed_files.read(path)) == JPEG
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "现场" not in first.stored
    events = case.events.filter(action=Action.ADD_EVIDENCE)
    assert [(e.facts["name"], e.facts["size"], e.facts["sha256"]) for e in events] == [
        (first.name, first.size, first.sha256), (second.name, second.size, second.sha256),
    ]  # fmt: skip


def test_one_wrong_file_and_none_is_kept(lead, case):
    before = (
        set(storage.place("evidence").rglob("*")) if storage.place("evidence").exists() else set()
    )

    answer = send_htmx(
        lead, "evidence:add", case, files=[upload("现场.jpg", JPEG), upload("回单.pdf", EXE)]
    )

    after = (
        set(storage.place("evidence").rglob("*")) if storage.place("evidence").exists() else set()
    )
    assert answer.status_code == 422
    assert sentences(answer) == [
        "“回单.pdf”的内容不是 .pdf 文件，可能已损坏或改过扩展名，请重新导出后再传。",
        "其余文件没有问题，但都还没有保存，请去掉上面的再选一次。",
    ]
    assert (case.evidence.count(), after) == (0, before)


def test_no_file_chosen_is_told(lead, case):
    answer = send(lead, "evidence:add", case)

    assert (answer.status_code, sentences(answer)) == (422, ["请选择要上传的文件。"])


def test_the_same_form_sent_twice_keeps_one_copy(lead, case):
    once = str(uuid4())
    send(lead, "evidence:add", case, files=upload("a.jpg", JPEG), once=once)
    there = {path for path in storage.place("evidence").rglob("*") if path.is_file()}

    again = send_htmx(lead, "evidence:add", case, files=upload("a.jpg", JPEG), once=once)

    assert (again.status_code, case.evidence.count()) == (409, 1)
    assert {path for path in storage.place("evidence").rglob("*") if path.is_file()} == there


@pytest.fixture
def recording(case, seat):
    kind = look("录音.mp3", MP3)
    file = actions.Checked("录音.mp3", kind, upload("录音.mp3", MP3))
    return actions.add(case, [file], actor=seat, at=timezone.now())[0]


def fetch(browser, case, pk, query="", **headers):
    return browser.get(reverse("evidence:file", args=[case.number, pk]) + query, **headers)


def body(answer):
    return b"".join(answer.streaming_content)


def test_a_file_comes_back_as_a_download_word_for_word(lead, case, recording):
    answer = fetch(lead, case, recording.pk)

    assert body(answer) == MP3
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E5%BD%95%E9%9F%B3.mp3"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("audio/mpeg", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, len(MP3)), ("bytes=-50", len(MP3) - 50, len(MP3))],
)
def test_a_player_may_ask_for_a_part(lead, case, recording, asked, start, end):
    answer = fetch(lead, case, recording.pk, HTTP_RANGE=asked)

    assert (answer.status_code, body(answer)) == (206, MP3[start:end])
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{len(MP3)}"


@pytest.mark.parametrize(
    "asked", ["bytes=999999-", f"bytes={len(MP3)}-", "bytes=-0", "bytes=999999999999999999-"]
)
def test_a_part_that_is_not_there_is_refused(lead, case, recording, asked):
    assert fetch(lead, case, recording.pk, HTTP_RANGE=asked).status_code == 416


def test_a_file_of_a_case_one_may_not_see_is_not_there(browser_of, member, office, case, recording):
    foreign = browser_of(member("handler", "urban"))
    other = make_case(office)
    desk = browser_of(member("seat"))

    assert fetch(foreign, case, recording.pk).status_code == 404
    assert open_form(foreign, "evidence:add", case).status_code == 404
    assert fetch(desk, other, recording.pk).status_code == 404  # another case's number beside it
    assert fetch(desk, case, recording.pk + 1).status_code == 404


def test_an_administrator_has_no_business_with_evidence(browser_of, member, case, recording):
    browser = browser_of(member("system"))

    assert (
        fetch(browser, case, recording.pk).status_code,
        open_form(browser, "evidence:add", case).status_code,
    ) == (403, 403)


def test_bytes_that_are_gone_are_told_as_missing(lead, case, recording):
    storage.drop(recording.stored)

    assert fetch(lead, case, recording.pk).status_code == 404
