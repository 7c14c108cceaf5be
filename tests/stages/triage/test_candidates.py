"""A candidate goes live only when it is better and two agree; and goes back with one word."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from jiesu.cases import transitions
from jiesu.cases.models import Case
from jiesu.org.models import Office
from jiesu.rules.workflow import Action
from jiesu.trail.models import Entry
from jiesu.triage import candidates, lessons, places, queries, versions
from jiesu.triage.learning import candidate as learning
from jiesu.triage.learning import files
from jiesu.triage.learning.candidate import Task
from jiesu.triage.models import FixedSet, Switch, SwitchKind, Target, TrainingState, VersionState
from jiesu.triage.versions import NotSo
from tests.stages.triage.office_cases import finished

pytestmark = pytest.mark.django_db
HEAT = "居民反映暖气不热，热力公司的锅炉房今年没有解决"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))
    return tmp_path


def trained(office: Office, *, actor=None, at=None):
    return candidates.run(
        candidates.ask(office, Target.UNIT, actor=actor, at=at or timezone.now()),
        at=at or timezone.now(),
    )


def quick(office: Office, at):
    """The same without a process of its own."""
    given = candidates.task(office, Target.UNIT, at=at)
    part = places.versions() / "part"
    told = learning.examine(Task("unit", **given.rows, live=places.model("unit"), out=part))
    return versions.keep(
        part, office=office, target=Target.UNIT, told=told.told(), made_by=None, at=at,
        from_at=given.from_at, until_at=given.until_at,
    )  # fmt: skip


def test_a_candidate_is_made_by_night_and_lives_by_two(office, member):
    finished(office, 240, until=timezone.now(), days=40)
    analyst, leader, at = member("analyst"), member("leader"), timezone.now()

    version = trained(office)
    suggested_before = queries.suggest(HEAT, "unit")
    versions.propose(version, actor=analyst, at=at)
    with pytest.raises(NotSo, match="不能是同一个人"):
        versions.agree(version, actor=analyst, at=at)
    versions.agree(version, actor=leader, at=at)

    heating = Case.objects.filter(category="事>供暖").first()
    later = version.measures["later"]
    assert suggested_before is None
    assert queries.suggest(HEAT, "unit").label == heating.unit.name
    assert queries.suggest(HEAT, "unit").model == version.short
    assert (version.against, later["compared"]["wins"] > later["compared"]["losses"]) == ("", True)
    assert (
        later["compared"]["rows"]
        == Case.objects.filter(dispatched_at__gt=at - candidates.HELD).count()
    )
    assert sum(version.classes.values()) == version.rows
    assert [
        one.facts["did"] for one in Entry.objects.filter(subject="model:主办单位").order_by("pk")
    ] == ["提出上线", "同意上线"]


def test_what_teaches_never_tests(office):
    finished(office, 400, until=timezone.now())
    at = timezone.now()

    first, again = (candidates.task(office, Target.UNIT, at=at) for _ in range(2))
    fixed = FixedSet.objects.get()

    taught = {order.text for order in first.rows["learn"]}
    assert taught.isdisjoint(order.text for order in first.rows["later"] + first.rows["fixed"])
    assert (len(first.rows["fixed"]), fixed.digest) == (
        len(fixed.rows),
        candidates.digest(fixed.rows),
    )
    assert again.rows == first.rows


def test_the_fixed_set_stays_and_an_altered_one_tests_nothing(office):
    finished(office, 400, until=timezone.now() - timedelta(days=20))
    before = candidates.task(office, Target.UNIT, at=timezone.now()).rows["fixed"]
    finished(office, 100, until=timezone.now(), seed=2)
    after = candidates.task(office, Target.UNIT, at=timezone.now()).rows["fixed"]
    held = FixedSet.objects.get()
    FixedSet.objects.update(rows=[[case, "别的单位", mark] for case, _, mark in held.rows])
    altered = candidates.task(office, Target.UNIT, at=timezone.now())

    assert before == after
    assert altered.rows["fixed"] == []
    assert {one.text for one in before}.isdisjoint(one.text for one in altered.rows["learn"])


def test_one_that_is_not_better_cannot_be_proposed(office, member):
    finished(office, 160, until=timezone.now(), days=30)
    at = timezone.now()
    first = quick(office, at)
    versions.propose(first, actor=member("analyst"), at=at)
    versions.agree(first, actor=member("leader"), at=at)
    finished(office, 40, until=timezone.now(), days=30, seed=3)

    second = quick(office, timezone.now())

    assert (second.state, second.against) == (VersionState.WORSE, first.short)
    with pytest.raises(NotSo, match="未胜出"):
        versions.propose(second, actor=member("analyst"), at=at)


def test_nothing_to_learn_is_no_version(office):
    finished(office, 160, until=timezone.now(), days=30, plain=True)

    assert quick(office, timezone.now()).state == VersionState.WORSE


def test_too_little_says_so(office):
    finished(office, 30, until=timezone.now())
    training = candidates.ask(office, Target.UNIT, actor=None, at=timezone.now())

    assert candidates.run(training, at=timezone.now()) is None
    training.refresh_from_db()
    assert (training.state, "至少要 50 件" in training.told) == (TrainingState.FAILED, True)


def test_a_training_on_its_way_is_the_answer_and_a_lost_one_is_not(office):
    at = timezone.now()
    first = candidates.ask(office, Target.UNIT, actor=None, at=at)

    assert candidates.ask(office, Target.UNIT, actor=None, at=at) == first
    assert candidates.ask(office, Target.UNIT, actor=None, at=at + timedelta(hours=3)) != first


@pytest.fixture
def two(office, member, model):
    """A live version, and one before it."""
    made, at = [], timezone.now()
    for number in (1, 2):
        part = places.versions() / "part"
        files.keep(replace(model, about={"number": number}), part)
        told = {
            "digest": part.open("rb").readline().split()[-1].decode(), "better": True, "rows": 400, "classes": {},
            "threshold": 0.5, "honest": True, "against": "", "later": {}, "fixed": None,
        }  # fmt: skip
        version = versions.keep(
            part,
            office=office,
            target=Target.UNIT,
            told=told,
            made_by=None,
            at=at,
            from_at=at,
            until_at=at,
        )
        versions.propose(version, actor=member("analyst"), at=at)
        versions.agree(version, actor=member("leader"), at=at)
        made.append(version)
    return made


def live():
    return queries.suggest(HEAT, "unit").model


def test_back_with_one_word_and_forth_again(office, member, two):
    first, second = two
    seen = [live()]
    for _ in range(2):
        versions.go_back(office, Target.UNIT, actor=member("leader"), at=timezone.now())
        seen.append(live())

    assert seen == [second.short, first.short, second.short]
    states = dict(type(first).objects.values_list("pk", "state"))
    assert states == {first.pk: VersionState.RETIRED, second.pk: VersionState.LIVE}
    assert [s.kind for s in Switch.objects.all()[:2]] == [SwitchKind.BACK] * 2


def test_a_file_that_was_changed_does_not_go_live(office, member, two):
    first, second = two
    kept = places.version("unit", first.digest)
    kept.write_bytes(kept.read_bytes()[:-1])

    with pytest.raises(NotSo, match="没有换"):
        versions.go_back(office, Target.UNIT, actor=member("leader"), at=timezone.now())

    assert (live(), Switch.objects.count()) == (second.short, 2)


def test_a_model_put_there_by_hand_is_written_down_and_can_be_left(office, member, two, model):
    files.keep(model, places.model("unit"))

    found = versions.live(office, Target.UNIT, at=timezone.now())
    versions.go_back(office, Target.UNIT, actor=member("leader"), at=timezone.now())

    assert (found.state, found.classes["供暖"] > 0) == (VersionState.LIVE, True)
    assert live() == two[1].short


def test_probabilities_that_do_not_hold_do_not_go_live(office, monkeypatch):
    finished(office, 160, until=timezone.now(), days=30)
    monkeypatch.setattr(learning, "HONEST", 0.0)

    assert quick(office, timezone.now()).state == VersionState.WORSE


def test_a_class_is_learnt_as_it_is_known_and_helps_a_unit_as_it_came(office):
    case, *_ = finished(office, 60, until=timezone.now() - candidates.HELD - timedelta(days=1))
    before = case.category
    case.category = "事>别的"
    case.save(update_fields=["category"])
    transitions.record(
        case,
        Action.CORRECT,
        actor=None,
        at=timezone.now(),
        changes={"category": [before, "事>别的"]},
    )

    def told(target, at):
        (found,) = [one for one in lessons.known(office, target, at=at) if one.case == case.pk]
        return ">".join(found.order.category)

    now, then = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1)
    assert [told(Target.CATEGORY, now), told(Target.CATEGORY, then)] == ["事>别的", before]
    assert told(Target.UNIT, now) == before
