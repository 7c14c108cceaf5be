"""What a file name of a recording tells."""

from datetime import datetime

import pytest

from jiesu.rules.moments import BEIJING
from jiesu.rules.recording_names import Named, read

AT = datetime(2026, 11, 26, 15, 30, 5, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("热线-261126-000123_回访.mp3", Named("热线-261126-000123")),
        ("261126-000123.wav", Named("热线-261126-000123")),
        ("12900001234_20261126153005.amr", Named(phone="12900001234", at=AT)),
        ("20261126-153005_out_12900001234.wav", Named(phone="12900001234", at=AT)),
        ("2026-11-26 15-30-05 010-00001234.m4a", Named(phone="01000001234", at=AT)),
        ("录音 2026年11月26日15时30分05秒.flac", Named(at=AT)),
        ("20261399126153.wav", Named()),
        ("新录音 7.m4a", Named()),
    ],
)
def test_a_name_tells(name, expected):
    assert read(name) == expected
