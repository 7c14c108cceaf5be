"""A file goes out whole or in the part asked for, only as it came in, and a picture only drawn anew."""

import hashlib
import io
import os
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from jiesu.evidence import actions, jobs, previews, serving, storage
from jiesu.evidence.checks import Unacceptable, inspect
from jiesu.evidence.forms import FilesField, help_of, plain_name
from jiesu.evidence.serving import Span
from jiesu.rules.attachments import MB, FileLimits, file_limits
from jiesu.trail.models import Entry, Kind
from tests.factories.acting import send, sentences
from tests.factories.orders import make_case

PDF = b"%PDF-1.7\n" + b"0" * 100
WHOLE = None


def picture(mode="RGB", size=(64, 32), kind="JPEG", **more):
    out = io.BytesIO()
    Image.new(mode, size, 200).save(out, kind, **more)
    return out.getvalue()


@pytest.fixture
def case(office):
    return make_case(office)


@pytest.fixture
def kept(case, seat):
    def keep(name, content):
        upload = SimpleUploadedFile(name, content)
        kind = inspect(name, len(content), io.BytesIO(content))
        checked = [actions.Checked(name, kind, upload)]
        return actions.add(case, checked, actor=seat, at=timezone.now())[0]

    return keep


@pytest.fixture
def desk(browser_of, seat):
    return browser_of(seat)


def fetch(browser, file, query="", **headers):
    url = reverse("evidence:file", args=[file.case.number, file.pk])
    return browser.get(url + query, **headers)


@pytest.mark.parametrize(
    ("told", "span"),
    [
        pytest.param("", WHOLE, id="没问"),
        pytest.param("bytes=0-9", Span(0, 10), id="前十个"),
        pytest.param("BYTES = 0 - 9", Span(0, 10), id="空格和大小写"),
        pytest.param("bytes=10-", Span(10, 100), id="从十到尾"),
        pytest.param("bytes=-10", Span(90, 100), id="最后十个"),
        pytest.param("bytes=-500", Span(0, 100), id="最后的比全部还多"),
        pytest.param("bytes=99-99", Span(99, 100), id="最后一个"),
        pytest.param("bytes=0-999999", Span(0, 100), id="末尾超出"),
        pytest.param("bytes=100-", Span(100, 100), id="超出"),
        pytest.param("bytes=-0", Span(0, 0), id="最后零个"),
        pytest.param("bytes=9-0", WHOLE, id="倒着的不算"),
        pytest.param("bytes=-", WHOLE, id="空的不算"),
        pytest.param("bytes=0-1,5-6", WHOLE, id="几段的给全部"),
        pytest.param("bytes=" + "0-0," * 5000, WHOLE, id="几千段的给全部"),
        pytest.param("items=0-9", WHOLE, id="别的单位"),
        pytest.param("bytes=²-", WHOLE, id="不是数字"),
        pytest.param("bytes=０-９", WHOLE, id="全角数字"),
        pytest.param("bytes=0-" + "9" * 5000, WHOLE, id="长得读不出"),
        pytest.param("bytes=1.5-2", WHOLE, id="小数"),
    ],
)
def test_a_range_is_read_as_the_standard_says(told, span):
    assert serving.asked_for(told, "", '"x"', 100) == span


@pytest.mark.parametrize(
    ("if_range", "span"), [('"x"', Span(0, 10)), ('"y"', WHOLE), ('W/"x"', WHOLE), ("Thu, 01 Jan 2026 00:00:00 GMT", WHOLE)]
)  # fmt: skip
def test_a_range_of_another_state_of_the_file_is_not_given(if_range, span):
    assert serving.asked_for("bytes=0-9", if_range, '"x"', 100) == span


def test_every_range_is_that_part_of_the_file(desk, kept):
    content = os.urandom(5000)
    file = kept("录音.mp3", b"ID3\x04" + content)
    told = [("bytes=7-4000", 7, 4001), ("bytes=-3", 5001, 5004), ("bytes=5003-", 5003, 5004)]

    for asked, start, end in told:
        answer = fetch(desk, file, HTTP_RANGE=asked)
        assert answer.status_code == 206
        assert b"".join(answer) == (b"ID3\x04" + content)[start:end]
        assert answer["Content-Length"] == str(end - start)
        assert answer["Content-Range"] == f"bytes {start}-{end - 1}/5004"

    beyond = fetch(desk, file, HTTP_RANGE="bytes=9999-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */5004")


def test_a_file_is_always_a_download_in_a_sandbox(desk, kept):
    file = kept("回单.pdf", PDF)
    answer = fetch(desk, file)

    assert answer["Content-Disposition"].startswith("attachment")
    assert (
        answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] == f'"{hashlib.sha256(PDF).hexdigest()}"'
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("query", ["", "?preview"])
def test_bytes_that_were_altered_are_not_given_out(desk, kept, caplog, query):
    file = kept("图.jpg", picture())
    assert fetch(desk, file, query).status_code == 200
    path = storage.place(file.stored)
    path.write_bytes(path.read_bytes()[:-1] + b"!")

    answer = fetch(desk, file, query)

    assert answer.status_code == 409
    assert "这个文件和上传时不一样了，可能被改动或损坏，已停止提供。" in answer.content.decode()
    assert f"evidence {file.pk} of {file.case.number} is not what was uploaded" in caplog.text


def test_a_preview_is_drawn_anew_without_what_the_camera_wrote(desk, kept):
    exif = Image.Exif()
    exif[0x010E], exif[0x0110] = "四道口路9号院", "相机"
    content = picture(size=(3000, 1500), exif=exif) + b"<script>1</script>"
    file = kept("现场.jpg", content)

    answer = fetch(desk, file, "?preview")
    body = b"".join(answer)

    assert (answer["Content-Type"], answer["Content-Disposition"]) == ("image/jpeg", "inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    shown = Image.open(io.BytesIO(body))
    assert shown.size == (1600, 800)
    assert dict(shown.getexif()) == {}
    assert b"<script>" not in body
    assert b"".join(fetch(desk, file)) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", picture("RGBA", kind="PNG")), ("a.png", picture("P", kind="PNG")), ("a.png", picture("I;16", kind="PNG")),
     ("a.gif", picture("P", kind="GIF")), ("a.webp", picture(kind="WEBP")), ("a.bmp", picture(kind="BMP")), ("a.jpg", picture("CMYK"))],
    ids=["透明", "调色板", "十六位", "GIF", "WebP", "BMP", "CMYK"],
)  # fmt: skip
def test_every_usual_picture_has_a_preview(desk, kept, name, content):
    assert b"".join(fetch(desk, kept(name, content), "?preview"))[:3] == b"\xff\xd8\xff"


def png(width, height):
    """A picture of a few bytes that says it is enormous."""

    def part(name, data):
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")  # fmt: skip

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0" * 2**20)) + part(b"IEND", b"")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [("炸弹.png", png(60_000, 60_000)), ("大.png", png(9000, 9000)), ("坏.jpg", b"\xff\xd8\xff\xe0" + b"0" * 500),
     ("改名.png", picture()[:200]), ("录.mp3", b"ID3\x04" + b"0" * 300), ("回单.pdf", PDF)],
    ids=["炸弹", "太大", "损坏", "截断", "不是图片", "文档"],
)  # fmt: skip
def test_what_cannot_be_drawn_is_told_and_leaves_nothing(desk, kept, name, content):
    if name == "改名.png":
        name = "改名.jpg"
    file = kept(name, content)

    answer = fetch(desk, file, "?preview")

    assert answer.status_code == 415
    assert "这个文件看不了缩略图，请下载后打开。" in answer.content.decode()
    folder = previews.place(file.stored).parent
    assert not folder.exists() or list(folder.glob(f"*{file.stored[-32:]}*")) == []


def test_no_more_than_two_are_drawn_at_once(desk, kept, monkeypatch):
    file = kept("图.jpg", picture())
    monkeypatch.setattr(previews, "WAIT", 0.01)
    with previews._AT_ONCE, previews._AT_ONCE:
        assert fetch(desk, file, "?preview").status_code == 415

    assert fetch(desk, file, "?preview").status_code == 200


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\照片\\图.jpg", "图.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\0b\nc\u200b\ufeff\ud800.pdf", "abc.pdf"),
        ("  .. 图 片 .jpg. ", "图 片 .jpg"),
        ("con<>:|?*\".pdf", "con_______.pdf"),
        ("", "未命名"),
        ("\u202e\u200b", "未命名"),
        ("...", "未命名"),
        ("长" * 300 + ".jpeg", "长" * 195 + ".jpeg"),
        ("é.pdf", "é.pdf"),
    ],
)  # fmt: skip
def test_a_name_is_a_name_and_nothing_else(given, name):
    assert plain_name(given) == name


def test_the_limits_are_those_of_the_rule_set(office):
    assert file_limits({}) == FileLimits()
    assert file_limits({"picture_mb": 3, "case_mb": 7, "at_once": 2}) == FileLimits(
        picture=3 * MB, case=7 * MB, at_once=2
    )
    assert help_of(FileLimits(picture=3 * MB, video=50 * MB)) == (
        "Word、Excel、PPT、PDF、录音每个不超过 20 MB，视频每个不超过 50 MB，图片每个不超过 3 MB。"
    )


@pytest.mark.parametrize("wrong", [0, -1, "20", 1.5, True, None])
def test_a_limit_that_is_none_is_told(wrong):
    with pytest.raises(ValueError, match=r"规则集的 evidence\.picture_mb 应为正整数"):
        file_limits({"picture_mb": wrong})


def test_a_larger_file_of_another_rule_set_is_taken():
    content = io.BytesIO(PDF)
    inspect("a.pdf", 25 * MB, content, FileLimits(document=30 * MB))

    with pytest.raises(Unacceptable, match="文档每个不超过 20 MB"):
        inspect("a.pdf", 25 * MB, content)


def adding(desk, case, content):
    return send(desk, "evidence:add", case, files=SimpleUploadedFile("回单.pdf", content))


def test_a_case_and_a_day_have_their_fill(desk, case, kept, monkeypatch):
    kept("回单.pdf", PDF)
    small = FileLimits(case=len(PDF) * 2, member_day=len(PDF) * 2)
    monkeypatch.setattr(FilesField, "suit", _suit(FilesField.suit, small))

    assert adding(desk, case, PDF).status_code == 302
    full = adding(desk, case, PDF)

    assert full.status_code == 422
    assert sentences(full)[0].startswith("一件案件的佐证合计不超过 0 MB，这件已有 0 MB，")

    other = adding(desk, make_case(case.office), PDF)
    assert sentences(other)[0].startswith("一人一天上传合计不超过 0 MB，")


def _suit(real, limits):
    def suit(field, case, member):
        real(field, case, member)
        field.limits = limits

    return suit


def test_each_night_every_file_is_compared_with_its_hash(kept, caplog):
    whole, altered, gone = (kept(f"{n}.pdf", PDF + n.encode()) for n in "abc")
    storage.verify(altered.stored, altered.sha256)
    path = storage.place(altered.stored)
    state = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # as whoever hides it would
    storage.drop(gone.stored)

    wrong = jobs.look_over()
    jobs.look_over()

    assert wrong == 2
    told = Entry.objects.filter(kind=Kind.SECURITY).values_list("subject", "number")
    assert set(told) == {(f"evidence:{one.pk}", one.case.number) for one in (altered, gone)}
    assert len(told) == 2
    assert f"evidence {whole.pk} " not in caplog.text
