"""A model file that is gone, spoiled or hanging: the desk works on, and the administrators hear of it once."""

import os
import threading
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.supervision import jobs as supervision
from jiesu.triage import faults, places, queries, serving
from jiesu.triage.learning import files
from jiesu.triage.learning.learnt import learn
from jiesu.triage.learning.orders import UNIT, Order, lessons
from jiesu.triage.models import ModelFault
from tests.factories.orders import make_case, signed
from tests.factories.people import make_member
from tests.stages.supervision.sinks import Messenger

HEAT, LIGHT = "民生保障办公室", "社区建设办公室"


@pytest.fixture(scope="module")
def unit_model():
    """A model by which heating is one office's and light another's."""
    said = [("暖气不热，锅炉房没有烧", HEAT), ("楼道灯不亮，公共照明坏了", LIGHT)]
    taught = [
        Order(f"{text}{n}", f"居民{n}号反映{text}", unit=unit)
        for n in range(60)
        for text, unit in said
    ]
    return learn(lessons(taught, UNIT))


@pytest.fixture
def place(tmp_path, monkeypatch, unit_model):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))
    monkeypatch.setattr(serving, "DEADLINE", 20.0)  # the machine of a test may be busy
    faults._told.clear()
    files.keep(unit_model, places.model(UNIT))
    return places.model(UNIT)


@pytest.fixture
def case(office, seat):
    return signed(make_case(office), seat)


@pytest.fixture
def page(browser_of, seat, case):
    def get() -> str:
        answer = browser_of(seat).get(reverse("desk:case", args=[case.number]))
        assert answer.status_code == 200
        return answer.content.decode()

    return get


@pytest.fixture
def hang(monkeypatch):
    """Let the reading of a file not come back until the test is over."""
    over = threading.Event()

    def load(path):
        over.wait(60)
        raise files.Spoiled("late")

    yield lambda: monkeypatch.setattr(files, "load", load)
    over.set()


def remove(place, hang):
    place.unlink()


def spoil(place, hang):
    place.write_bytes(place.read_bytes()[:-9])


def let_hang(place, hang):
    hang()
    place.touch()


def never_end(place, hang):
    place.unlink()
    os.mkfifo(place)


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        pytest.param(remove, "missing", id="删掉"),
        pytest.param(spoil, "spoiled", id="损坏"),
        pytest.param(let_hang, "hanging", id="读不回来"),
        pytest.param(never_end, "spoiled", id="管道"),
    ],
)
def test_the_desk_works_on_and_the_administrators_hear_of_it_once(
    place, hang, page, office, case, now, monkeypatch, harm, kind
):
    administrator = make_member(office, "system", messenger="wx-1")
    sink = Messenger()
    monkeypatch.setenv("JIESU_WEBHOOK_URL", sink.url)
    before = page()
    faults.look_over(now)
    monkeypatch.setattr(serving, "DEADLINE", 0.3)
    monkeypatch.setattr(serving, "STUCK", 0.2)
    harm(place, hang)

    began = time.monotonic()
    after = [page() for _ in range(3)]
    took = time.monotonic() - began
    faults._told.clear()  # as another process sees it
    for minute in (1, 2):
        faults.look_over(now + timedelta(minutes=minute))
    page()
    for name in ("triage.fault_found", "supervision.model_fault_told"):
        for job in ProcrastinateJob.objects.order_by("id"):
            if job.args["name"] == name:
                told = {"triage.fault_found": supervision.model_fault, "supervision.model_fault_told": supervision.send_model_fault}  # fmt: skip
                told[name](**job.args["facts"])
    sink.close()

    assert f'aria-label="{LIGHT} ' in before
    assert [f'aria-label="{LIGHT} ' in one for one in after] == [False] * 3
    assert "请照常派转" in after[-1]
    assert took < 15
    assert [(fault.kind, fault.over_at) for fault in ModelFault.objects.all()] == [(kind, None)]
    assert len(sink.texts) == 1
    assert sink.texts[0].startswith("初核模型（主办单位）")
    assert administrator.name not in sink.texts[0]


def test_a_fault_is_withdrawn_when_the_file_answers_and_renewed_by_another_broken_one(
    place, unit_model, now, db
):
    faults.look_over(now)
    place.write_bytes(b"one")
    faults.look_over(now + timedelta(minutes=1))
    place.write_bytes(b"another")
    faults.look_over(now + timedelta(minutes=2))
    files.keep(unit_model, place)
    faults.look_over(now + timedelta(minutes=3))
    place.unlink()
    faults.look_over(now + timedelta(minutes=4))

    told = [
        (fault.kind, (fault.over_at - now) // timedelta(minutes=1) if fault.over_at else None)
        for fault in ModelFault.objects.order_by("id")
    ]
    assert told == [("spoiled", 2), ("spoiled", 3), ("missing", None)]
    assert queries.suggest("暖气不热", UNIT) is None


def test_a_model_never_made_is_no_fault(tmp_path, monkeypatch, now, db):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))

    faults.look_over(now)

    assert not ModelFault.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_whoever_asks_a_stuck_one_again_does_not_wait(place, hang, monkeypatch):
    monkeypatch.setattr(serving, "DEADLINE", 0.2)
    hang()
    queries.suggest("暖气", UNIT)

    began = time.monotonic()
    told = [queries.suggest("暖气", UNIT) for _ in range(50)]

    assert told == [None] * 50
    assert time.monotonic() - began < 0.2
