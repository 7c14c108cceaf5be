"""The models' page: what is live and how good it is, what could follow, and who may do it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.triage import lessons, places, recording, versions, watching
from jiesu.triage.learning import candidate as learning
from jiesu.triage.learning import files
from jiesu.triage.learning.candidate import Task
from jiesu.triage.learning.orders import Order
from jiesu.triage.models import Suggested, Target, Training, VersionState
from tests.factories.orders import dispatched, make_case
from tests.stages.triage import made_up
from tests.stages.triage.office_cases import finished

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))


@pytest.fixture(scope="module")
def examined(tmp_path_factory):
    """A candidate of made-up messages and what its tests said, as the worker's child tells it."""
    folder = tmp_path_factory.mktemp("versions")
    rows = [
        Order(made_up.message(r["label"], made_up.random.Random(n)), "", unit=r["label"])
        for n, r in enumerate(made_up.rows(200))
    ]
    task = Task("unit", rows[:100], rows[100:160], rows[160:], folder / "none", folder / "made")
    return folder / "made", json.loads(json.dumps(learning.examine(task).told()))


@pytest.fixture
def candidate(office, examined):
    made, told = examined
    copy = places.versions() / "copy"
    copy.write_bytes(made.read_bytes())
    at = timezone.now()
    return versions.keep(
        copy, office=office, target=Target.UNIT, told=told, made_by=None, at=at,
        from_at=at - timedelta(days=60), until_at=at - timedelta(days=14),
    )  # fmt: skip


def page(browser, target="unit"):
    return browser.get(reverse("models:home"), {"target": target}).content.decode()


def test_without_a_model_the_page_says_what_will_come(browser_of, member):
    told = page(browser_of(member("analyst")))

    assert ("还没有模型" in told, "还没有版本" in told, '<svg class="plot"' in told) == (
        True,
        True,
        False,
    )
    assert Training.objects.count() == 0


def test_the_road_of_a_version_from_candidate_to_back(browser_of, member, candidate, model):
    old = files.keep(replace(model, about={"rows": 1}), places.model("unit"))
    analyst, leader = browser_of(member("analyst")), browser_of(member("leader"))
    seen = []
    for browser, address, sent in [
        (analyst, reverse("models:propose", args=[candidate.pk]), {}),
        (leader, reverse("models:decide", args=[candidate.pk]), {"granted": "1"}),
        (leader, reverse("models:back"), {"target": "unit"}),
    ]:
        browser.post(address, sent)
        candidate.refresh_from_db()
        seen.append((candidate.state, files.load(places.model("unit")).version == old.version))

    assert seen == [
        (VersionState.PROPOSED, True), (VersionState.LIVE, False), (VersionState.RETIRED, True),
    ]  # fmt: skip


def test_what_is_drawn_is_what_was_measured(browser_of, member, candidate):
    leader = member("leader")
    versions.propose(candidate, actor=member("analyst"), at=timezone.now())
    versions.agree(candidate, actor=leader, at=timezone.now())
    later = candidate.measures["later"]

    told = page(browser_of(leader))

    assert told.count('<svg class="plot"') == 2
    for said, true, rows in later["bins"]:
        assert f"说 {said * 100:.1f}%，实 {true * 100:.1f}%（{rows} 件）" in told
    assert f"{later['measures']['accuracy'] * 100:.1f}%" in told
    assert sum(rows for _, _, rows in later["bins"]) == later["compared"]["rows"] == 60
    assert [round(accuracy, 6) for _, accuracy in later["curve"]][-1] == round(
        later["measures"]["accuracy"], 6
    )


def test_a_training_by_hand_is_asked_once_and_shows_how_far_it_is(browser_of, member):
    browser = browser_of(member("analyst"))
    for _ in range(2):
        browser.post(reverse("models:train"), {"target": "unit"})
    Training.objects.update(state="running", percent=35)

    told = page(browser)

    assert Training.objects.count() == 1
    assert ('value="35"' in told, "现在训练" in told) == (True, False)


@pytest.fixture
def confused(office, seat, candidate, monkeypatch):
    """Three cases on which the live model named a unit that did not get them, and one that did."""
    units = list(office.units.filter(active=True, kind="office").order_by("pk")[:2])
    cases = [make_case(office) for _ in range(4)]
    for place, case in enumerate(cases):
        Suggested.objects.create(
            case=case, target=Target.UNIT, label=units[0].name, probability=0.9 - place / 10, version="0" * 12,
            at=timezone.now(),
        )  # fmt: skip
        dispatched(case, seat, units[1 if place < 3 else 0])
    lessons.gather(office)
    return units, cases


def test_the_worst_pairs_open_their_cases_to_who_may_see_them(browser_of, member, confused):
    (one, other), cases = confused
    asked = {"target": "unit", "said": one.name, "was": other.name}

    told = page(browser_of(member("analyst")))
    listed = browser_of(member("analyst")).get(reverse("models:confusion"), asked).content.decode()
    hidden = browser_of(member("system")).get(reverse("models:confusion"), asked).content.decode()

    assert 'aria-label="看这 3 件"' in told
    assert [case.number in listed for case in cases] == [True, True, True, False]
    assert [case.number in hidden for case in cases] == [False] * 4


def test_lessons_are_filtered_and_only_of_visible_cases(browser_of, member, confused):
    _, cases = confused

    def seen(role, kind):
        return (
            browser_of(member(role)).get(reverse("models:lessons"), {"kind": kind}).content.decode()
        )

    assert [seen("leader", "other_unit").count(case.title) for case in cases] == [1, 1, 1, 0]
    assert "没有这样的纠正" in seen("leader", "decline")
    assert cases[0].title not in seen("system", "other_unit")


def test_the_record_is_counted_as_it_is(office, confused):
    found = watching.answered(office, Target.UNIT, at=timezone.now())

    told = watching.on_record(found)
    (week,) = watching.weeks(office, Target.UNIT, at=timezone.now(), learnt={})

    assert (told.cases, told.accuracy, told.sure_accuracy) == (4, 0.25, 0.25)
    assert (week.cases, week.doubtful, round(week.sure, 3), week.shift) == (4, 0.0, 0.75, None)


def test_a_community_is_counted_as_the_one_of_the_place(office):
    communities = list(office.units.filter(kind="community")[:2])
    for unit in communities:
        Suggested.objects.create(
            case=make_case(office), target=Target.UNIT, label=unit.name, probability=0.9, version="0" * 12,
            at=timezone.now(),
        )  # fmt: skip

    (week,) = watching.weeks(
        office, Target.UNIT, at=timezone.now(), learnt={"本社区": 10, "其他社区": 90}
    )

    assert week.shift == 0.0


def test_a_suggestion_is_written_once_and_stays(office, model):
    files.keep(model, places.model("category"))
    (case,) = finished(office, 1, until=timezone.now())

    first = recording.record(Case.objects.all(), at=timezone.now())
    files.keep(replace(model, threshold=2.0), places.model("category"))
    recording.record(Case.objects.all(), at=timezone.now())

    (told,) = Suggested.objects.all()
    assert (first, told.target, told.label == case.category.removeprefix("事>")) == (
        1,
        Target.CATEGORY,
        True,
    )
