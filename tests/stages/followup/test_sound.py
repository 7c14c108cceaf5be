"""The audio path: what comes is decoded whatever its format, and where somebody speaks is found."""

import io
from itertools import pairwise

import numpy as np
import pytest

from jiesu.followup.sound import asking
from jiesu.followup.sound.activity import spans
from jiesu.followup.sound.decode import RATE, Unreadable, decode
from jiesu.followup.sound.picture import peaks
from tests.factories import sounds

SPOKEN = ((1.0, 2.0), (3.5, 5.0))
WIDE = sounds.tones(*SPOKEN, length=6, rate=16000)
FILES = {
    "wav": lambda: sounds.wav(sounds.tones(*SPOKEN, length=6)),
    "mp3": lambda: sounds.encoded(WIDE, "mp3", "libmp3lame"),
    "m4a": lambda: sounds.encoded(WIDE, "ipod", "aac"),
    "flac": lambda: sounds.encoded(WIDE, "flac", "flac"),
}


def near(found, expected, within=260):
    pairs = [
        (a, b)
        for one, other in zip(found, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    ]
    return all(abs(a - b) <= within for a, b in pairs)


@pytest.mark.parametrize("kind", FILES)
def test_speech_is_found_in_every_format(kind):
    samples = decode(io.BytesIO(FILES[kind]()))

    found = [(one.start, one.end) for one in spans(samples)]

    assert abs(samples.shape[1] / RATE - 6) < 0.2
    assert near(found, [(1000, 2000), (3500, 5000)]), found


def test_amr_is_decoded_and_its_silence_costs_nothing():
    samples = decode(io.BytesIO(sounds.amr(2)))

    assert abs(samples.shape[1] / RATE - 2) < 0.1
    assert spans(samples) == []


def test_each_side_of_a_call_is_told_apart():
    here, there = sounds.tones((0.5, 2), length=5), sounds.tones((3, 4.5), length=5)

    found = spans(decode(io.BytesIO(sounds.wav(here, there))))

    assert [one.side for one in found] == [1, 2]


def test_what_is_too_long_for_an_engine_is_cut_and_nothing_is_lost():
    found = spans(decode(io.BytesIO(sounds.wav(sounds.tones((0.5, 39), length=40)))))

    assert len(found) >= 3
    assert max(one.end - one.start for one in found) <= 15_500
    assert (found[0].start, found[-1].end) == (
        pytest.approx(500, abs=200),
        pytest.approx(39_000, abs=250),
    )
    assert all(b.start <= a.end for a, b in pairwise(found))


def test_the_picture_shows_where_it_is_loud():
    seen = peaks(decode(io.BytesIO(FILES["wav"]())))

    assert len(seen) == 600
    assert max(seen) == 100
    assert max(seen[:95]) < 5 < min(np.array(seen[360:490]))


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVEfmt ", b"ID3" + bytes(500), b"<html>"])
def test_what_is_no_sound_is_refused_in_words(content):
    with pytest.raises(Unreadable):
        decode(io.BytesIO(content))


def test_the_child_tells_what_the_house_needs():
    told = asking.look(FILES["wav"]())

    assert (told["ms"], told["channels"], len(told["peaks"])) == (6000, 1, 600)
    assert near([span[:2] for span in told["spans"]], [(1000, 2000), (3500, 5000)])
    with pytest.raises(asking.Failed, match="打不开"):
        asking.look(b"RIFF....WAVEfmt ")
    with pytest.raises(asking.Failed, match="没有这个语音模型目录"):
        asking.hear(FILES["wav"](), "/nowhere", ms=6000)
