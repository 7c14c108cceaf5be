"""并案: grouped and never merged; every step on every record, and undone at any time."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.groups import actions, likes, proposing
from jiesu.groups.models import Earlier, Group, Vocabulary
from jiesu.handling import actions as handling
from jiesu.rules.grouping import GroupKind, GroupState
from jiesu.rules.workflow import Action
from jiesu.supervision.models import Reminder
from tests.factories.acting import open_form, send, sentences
from tests.factories.orders import dispatched, make_case

TITLE = "翠微路十二号院五号楼电梯又困人了"
TOLD = "市民反映翠微路十二号院五号楼电梯一周内第三次困人，老人被困半小时，物业不修。"
OTHER_WORDS = "五号楼居民来电，翠微路十二号院的电梯老是困人，孩子不敢坐，要求更换。"


@pytest.fixture
def counted(office):
    """An office whose words have been counted over enough cases; none of them is common."""
    Vocabulary.objects.create(office=office, cases=5000, counted_at=timezone.now())


def minutes(number):
    return timezone.now() + timedelta(minutes=number)


@pytest.fixture
def three(office, seat, counted):
    """Three people about one lift, with two units; and one about something else."""
    units = {code: office.units.get(role_code=code) for code in ("LIVELIHOOD", "URBAN")}
    cases = []
    for place, (text, unit) in enumerate(
        [(TOLD, "LIVELIHOOD"), (OTHER_WORDS, "LIVELIHOOD"), (TOLD + "请速办。", "URBAN")]
    ):
        case = make_case(office, at=minutes(place - 300), title=TITLE, content=text)
        cases.append(dispatched(case, seat, units[unit], at=minutes(place - 290)))
    make_case(
        office, title="窗口咨询老年证怎么办", content="市民咨询老年证办理所需材料和办理时间。"
    )
    return cases


def said(case):
    case = Case.objects.get(pk=case.pk)
    return list(case.events.filter(action__in=["group", "leave_group", "plan", "progress"]).values_list("action", flat=True))  # fmt: skip


def judge(*cases):
    for case in cases:
        proposing.judge(Case.objects.select_related("office").get(pk=case.pk), timezone.now())


def test_the_like_of_a_case_is_found_by_those_who_may_see_it(three, member, seat):
    found = likes.find(three[0], viewer=seat)
    narrow = likes.find(three[0], viewer=member("handler", "LIVELIHOOD"))

    assert {like.case.pk for like in found} == {three[1].pk, three[2].pk}
    assert {like.case.pk for like in narrow} == {three[1].pk}


def test_what_arrives_is_proposed_once_and_confirmed_by_a_person(three, seat):
    judge(*three, *three)
    group = Group.objects.get()

    assert (group.state, group.kind, group.made_by) == (GroupState.PROPOSED, "matter", None)
    assert {case.pk for case in actions.members(group)} == {case.pk for case in three}
    assert set(Case.objects.filter(alike__gt=0).values_list("alike", "alike_sure")) == {(3, False)}

    actions.confirm(group, actor=seat, at=timezone.now())

    assert set(Case.objects.filter(alike__gt=0).values_list("alike", "alike_sure")) == {(3, True)}
    assert [said(case) for case in three] == [["group", "group"]] * 3
    with pytest.raises(actions.Ungrouped, match="已经确认"):
        actions.confirm(group, actor=seat, at=timezone.now())


def test_progress_is_written_once_and_stands_on_what_the_writer_handles(three, seat, member):
    handler = member("handler", "LIVELIHOOD")
    group = actions.found(
        three, kind=GroupKind.MATTER, why="人工并案", actor=seat, at=timezone.now()
    )

    actions.plan(
        group,
        plan="本周内更换主板，更换前停用。",
        owner=three[0].unit,
        actor=handler,
        at=timezone.now(),
    )
    written = actions.progress(group, note="维保单位已到场。", actor=handler, at=timezone.now())

    assert [case.pk for case in written.on] == [three[0].pk, three[1].pk]
    assert [said(case)[1:] for case in three] == [["plan", "progress"]] * 2 + [["plan"]]
    clocks = {case.pk: case.clocks.count() for case in three}
    assert set(clocks.values()) == {clocks[three[0].pk]}  # nobody's clock was touched


def test_split_and_dissolve_leave_every_case_as_it_was(three, seat, office):
    before = list(Case.objects.order_by("pk").values_list("stage", "unit", "due_at", "next_due_at"))
    fourth = make_case(office, title=TITLE, content=TOLD)
    group = actions.found(
        [*three, fourth], kind=GroupKind.MATTER, why="", actor=seat, at=timezone.now()
    )

    other = actions.take_out(
        group, three[1:], reason="是六号楼的", actor=seat, at=timezone.now(), together=True
    )
    actions.dissolve(other, reason="各办各的", actor=seat, at=timezone.now())

    assert {case.pk for case in actions.members(group)} == {three[0].pk, fourth.pk}
    assert said(three[1]) == ["group", "leave_group", "group", "leave_group"]
    assert set(
        Case.objects.filter(pk__in=[three[1].pk, three[2].pk]).values_list("alike", flat=True)
    ) == {0}
    now = Case.objects.exclude(pk=fourth.pk).order_by("pk")
    assert list(now.values_list("stage", "unit", "due_at", "next_due_at")) == before
    judge(three[1])  # a person has spoken: it is not proposed again
    assert said(three[1])[-1] == "leave_group"


def test_who_comes_back_is_shown_what_was_answered_and_may_be_told_instead(office, seat, member, counted, browser_of):  # fmt: skip
    handler, unit = member("handler"), office.units.get(role_code="LIVELIHOOD")
    phone = "12000000001"
    first = dispatched(
        make_case(office, at=minutes(-5000), title=TITLE, content=TOLD, requester_phone=phone), seat, unit,
        at=minutes(-4990),
    )  # fmt: skip
    handling.contact(
        first,
        contacted_at=minutes(-4900),
        channel="phone",
        outcome="reached",
        actor=handler,
        at=minutes(-4900),
    )
    again = make_case(office, title=TITLE, content=OTHER_WORDS, requester_phone=phone)
    judge(first, again)
    desk = browser_of(seat)

    page = desk.get(reverse("desk:case", args=[again.number])).content.decode()
    form = open_form(desk, "grouping:tell", again)
    refused = send(desk, "grouping:tell", again, words="")
    send(desk, "grouping:tell", again, words="已告知本周内换主板。")

    again.refresh_from_db()
    assert (again.month_seq, again.year_seq, again.stage) == (2, 2, "to_sign")
    assert first.number in page
    assert "可作催办告知" in page
    assert "2025年" in form.content.decode()
    assert sentences(refused) == ["请写明向诉求人告知了什么。"]
    assert Earlier.objects.get().told_by == seat
    assert Reminder.objects.get().case_id == first.pk
    assert again.events.filter(action=Action.TELL_PROGRESS).count() == 1


def test_the_page_of_a_group_and_the_marks_of_its_cases(three, seat, member, browser_of):
    judge(*three)
    group = Group.objects.get()
    desk = browser_of(seat)

    queue = desk.get(reverse("desk:cases") + "?stage=all").content.decode()
    desk.post(reverse("groups:confirm", args=[group.pk]))
    page = desk.get(reverse("groups:group", args=[group.pk])).content.decode()
    narrow = browser_of(member("handler", "URBAN")).get(reverse("groups:group", args=[group.pk]))
    foreign = browser_of(member("handler", "SAFETY")).get(reverse("groups:group", args=[group.pk]))
    split = desk.post(
        reverse("groups:split", args=[group.pk]), {"cases": [three[2].pk], "reason": "另一部电梯"}
    )

    assert queue.count("疑似同类 3 件") == 3
    assert [case.number in page for case in three] == [True] * 3
    assert [case.number in narrow.content.decode() for case in three] == [False, False, True]
    assert foreign.status_code == 404
    assert split.status_code == 302
    assert {case.pk for case in actions.members(group)} == {three[0].pk, three[1].pk}
