"""The virus scanner: off it is not asked; on, what it has not passed is not kept, whatever is the matter with it."""

import contextlib
import io
import socket
import threading
import time
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jiesu.core import environment, sealed_files, virus
from jiesu.evidence import storage
from jiesu.intake import receiving
from jiesu.intake.models import Batch
from tests.factories.acting import send, sentences
from tests.factories.orders import make_case

PDF = b"%PDF-1.7\n" + b"0" * 100_000


class Clamd:
    """A scanner of the test's own: hears one file as clamd does and says what it is told to say."""

    def __init__(self, answer, *, tcp=False, folder=None):
        self.answer, self.heard = answer, []
        self.door = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX)
        where = ("127.0.0.1", 0) if tcp else str(folder / "clamd.ctl")
        self.door.bind(where)
        self.door.listen(4)
        name = self.door.getsockname()
        self.address = f"{name[0]}:{name[1]}" if tcp else name
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                link, _ = self.door.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), link, link.makefile("rb") as heard:
                self._one(link, heard)

    def _one(self, link, heard):
        if self.answer == "hang up":
            return
        if heard.read(10) != b"zINSTREAM\0":
            link.sendall(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while size := int.from_bytes(heard.read(4), "big"):
            content += heard.read(size)
            if self.answer == "too large":
                link.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.heard.append(content)
        if self.answer == "hang":
            time.sleep(1.5)
        elif self.answer == "trickle":
            for _ in range(15):
                link.sendall(b"s")
                time.sleep(0.1)
        else:
            link.sendall(self.answer.encode() + b"\0")


@pytest.fixture
def clamd(monkeypatch, tmp_path):
    made = []

    def start(answer, **more):
        made.append(Clamd(answer, folder=tmp_path, **more))
        monkeypatch.setenv("JIESU_CLAMD", made[-1].address)
        return made[-1]

    yield start
    for one in made:
        one.door.close()


def test_off_nobody_is_asked(monkeypatch):
    monkeypatch.delenv("JIESU_CLAMD", raising=False)

    virus.scan("a.pdf", iter(lambda: pytest.fail("read"), b""))


@pytest.mark.parametrize("tcp", [False, True], ids=["socket", "host:port"])
def test_what_it_passes_is_heard_whole(clamd, tcp):
    scanner = clamd("stream: OK", tcp=tcp)

    virus.scan("a.pdf", [PDF, b"", b"end"])

    assert scanner.heard == [PDF + b"end"]


@pytest.mark.parametrize(
    ("answer", "refusal", "sentence"),
    [
        ("stream: Eicar-Test-Signature FOUND", virus.Found, "“a.pdf”被查出有病毒，没有保存。"),
        ("stream: Can't allocate memory ERROR", virus.NotScanned, "“a.pdf”没能通过病毒检查"),
        ("", virus.NotScanned, "“a.pdf”没能通过病毒检查"),
        ("OK", virus.NotScanned, "“a.pdf”没能通过病毒检查"),
        ("stream: OK but FOUND", virus.Found, "“a.pdf”被查出有病毒"),
        ("too large", virus.NotScanned, "“a.pdf”没能通过病毒检查"),
        ("hang up", virus.NotScanned, "“a.pdf”没"),
        ("hang", virus.NotScanned, "没有保存"),
        ("trickle", virus.NotScanned, "没有保存"),
    ],
)
def test_anything_but_a_pass_is_a_refusal(clamd, monkeypatch, answer, refusal, sentence):
    monkeypatch.setattr(virus, "PATIENCE", 0.5)
    clamd(answer)

    with pytest.raises(virus.Refused) as refused:
        virus.scan("a.pdf", [PDF] * 20)

    if refusal is virus.Found:
        assert isinstance(refused.value, virus.Found)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("where", ["/nowhere/clamd.ctl", "127.0.0.1:1"])
def test_one_that_is_not_there_is_a_refusal(monkeypatch, where):
    monkeypatch.setenv("JIESU_CLAMD", where)

    with pytest.raises(virus.NotScanned, match=r"病毒检查没有回音"):
        virus.scan("a.pdf", [PDF])


@pytest.mark.parametrize("where", ["clamd", "host:", ":3310", "host:x", "host:99999"])
def test_a_place_that_cannot_be_read_is_told(monkeypatch, where):
    monkeypatch.setenv("JIESU_CLAMD", where)

    with pytest.raises(ValueError, match="JIESU_CLAMD 写成"):
        environment.clamd()


def stored():
    return {path for path in environment.files().rglob("*") if path.is_file()}


@pytest.mark.parametrize("answer", ["stream: X FOUND", "hang up", "stream: OK"])
def test_evidence_it_has_not_passed_is_not_kept(clamd, browser_of, seat, office, answer):
    scanner = clamd(answer)
    case, before = make_case(office), stored()

    told = send(browser_of(seat), "evidence:add", case, files=SimpleUploadedFile("a.pdf", PDF))

    if answer == "stream: OK":
        assert (told.status_code, scanner.heard) == (302, [PDF])
        kept = storage.place(case.evidence.get().stored)
        assert b"".join(sealed_files.read(kept)) == PDF
    else:
        assert told.status_code == 422
        assert "没有保存" in sentences(told)[0]
        assert (case.evidence.count(), stored()) == (0, before)


@pytest.mark.parametrize("answer", ["stream: X FOUND", "hang up"])
def test_an_import_it_has_not_passed_is_not_kept(clamd, browser_of, seat, office, tmp_path, answer):
    clamd(answer)
    before = stored()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.csv", "工单编号\n1\n")

    told = browser_of(seat).post(
        reverse("intake:home"), {"files": SimpleUploadedFile("工单.zip", out.getvalue())}
    )

    assert told.status_code == 422
    assert "没有保存" in told.content.decode() or "没能通过" in told.content.decode()
    (tmp_path / "x.csv").write_bytes(b"1")
    with pytest.raises(virus.Refused):
        receiving.receive_path(office, tmp_path / "x.csv")
    assert (Batch.objects.count(), stored()) == (0, before)
