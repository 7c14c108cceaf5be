"""Hearing by the office's own service: only stretches of speech leave, and that they did is on record."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from jiesu.core import environment
from jiesu.followup import jobs, recordings, speech
from jiesu.trail.models import Entry, Kind
from tests.factories import sounds

WAV = sounds.wav(sounds.tones((1, 2), (3.5, 5), length=6))


@pytest.fixture
def service(monkeypatch):
    """A speech service that says one sentence after another, and keeps what it was sent."""
    got, says = [], ["有人联系过我了", "修好了，很满意"]

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.headers["Authorization"], self.rfile.read(int(self.headers["Content-Length"]))))  # fmt: skip
            body = json.dumps({"text": says[len(got) - 1]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("JIESU_SPEECH_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("JIESU_SPEECH_NAME", "paraformer")
    monkeypatch.setenv("JIESU_SPEECH_KEY", "k")
    yield got
    server.shutdown()
    server.server_close()


def test_stretches_are_heard_and_become_suggestions(waiting, office, service):
    case = waiting()
    name = f"{case.number}.wav"
    made = recordings.take(
        office, name, SimpleUploadedFile(name, WAV).file, len(WAV), actor=None, at=timezone.now()
    ).recording

    jobs.prepare(made.pk)

    made.refresh_from_db()
    assert [path for path, _, _ in service] == ["/v1/audio/transcriptions"] * 2
    assert {key for _, key, _ in service} == {"Bearer k"}
    assert all(len(body) < 2 * 16_000 * 2 for _, _, body in service)  # the stretch, not the call
    assert made.engine == "paraformer"
    assert [(s.statement, s.value) for s in made.suggestions.all()] == [
        ("contacted", "yes"), ("solved", "solved"), ("satisfied", "satisfied"),
    ]  # fmt: skip
    assert Entry.objects.filter(kind=Kind.EXPORT, subject=f"recording:{made.pk}").count() == 1


def test_a_service_that_is_gone_leaves_the_recording_to_people(waiting, office, monkeypatch):
    monkeypatch.setenv("JIESU_SPEECH_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("JIESU_SPEECH_NAME", "x")
    name = f"{waiting().number}.wav"
    made = recordings.take(
        office, name, SimpleUploadedFile(name, WAV).file, len(WAV), actor=None, at=timezone.now()
    ).recording

    jobs.prepare(made.pk)

    made.refresh_from_db()
    assert (made.state, made.engine, made.sentences.count()) == ("ready", "", 2)


def test_the_settings_are_read_strictly(monkeypatch, tmp_path):
    monkeypatch.setenv("JIESU_SPEECH_URL", "http://speech.example/v1")
    with pytest.raises(ValueError, match="JIESU_SPEECH_URL"):
        environment.speech_service()
    monkeypatch.setenv("JIESU_SPEECH_URL", "https://speech.example/v1")
    with pytest.raises(ValueError, match="JIESU_SPEECH_NAME"):
        environment.speech_service()
    monkeypatch.setenv("JIESU_SPEECH_MODEL", str(tmp_path))
    assert "没有认得的语音模型" in speech.available()
