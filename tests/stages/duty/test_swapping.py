"""换班 and 请假: who asks, who answers, who decides, and what stands against it."""

from datetime import timedelta

import pytest

from jiesu.duty import absences, roster, swapping
from jiesu.duty.models import Post, Swap
from tests.stages.duty.making import (
    LATE,
    MONDAY,
    NIGHT,
    hour,
    make_absence,
    make_pattern,
    make_shift,
)

NOW = hour(7)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def post(office, people):
    """甲 stands Tuesday's 早班."""
    return make_shift(make_pattern(office), people[0], day=TUESDAY).posts.get()


def ask(post, other, **more):
    values = {"reason": "家中有事", "actor": post.member, "at": NOW} | more
    return swapping.ask(post, to_member=other, **values)


def test_a_swap_is_asked_agreed_and_granted(post, people, planner):
    swap = ask(post, people[1])
    swapping.answer(swap, agreed=True, note="", actor=people[1], at=hour(8))
    swapping.decide(swap, granted=True, note="同意", actor=planner, at=hour(9))

    made = Post.objects.get(shift=post.shift, released_at=None)
    assert (made.member, made.lead, made.in_place_of) == (people[1], True, post)
    post.refresh_from_db()
    assert (post.released_at, post.released_why) == (hour(9), "换班")
    swap.refresh_from_db()
    assert (swap.granted, swap.agreed_at, swap.decided_by) == (True, hour(8), planner)


def test_a_swap_for_a_shift_in_return_changes_both(office, post, people, planner):
    back = make_shift(make_pattern(office, "夜班", NIGHT), people[1], day=TUESDAY).posts.get()
    swap = ask(post, people[1], back_post=back)
    swapping.answer(swap, agreed=True, note="", actor=people[1], at=NOW)
    swapping.decide(swap, granted=True, note="", actor=planner, at=NOW)

    stands = Post.objects.filter(released_at=None).values_list(
        "shift__pattern__name", "member__name"
    )
    assert set(stands) == {("早班", "乙"), ("夜班", "甲")}


def test_no_from_the_other_or_the_planner_leaves_the_rota(post, people, planner):
    swap = ask(post, people[1])
    swapping.answer(swap, agreed=False, note="我也有事", actor=people[1], at=NOW)
    again = ask(post, people[2])
    swapping.answer(again, agreed=True, note="", actor=people[2], at=NOW)
    swapping.decide(again, granted=False, note="人手不够", actor=planner, at=NOW)

    assert [(s.granted, s.answer) for s in Swap.objects.order_by("id")] == [
        (False, "我也有事"), (False, "人手不够"),
    ]  # fmt: skip
    assert Post.objects.get().released_at is None


def test_each_says_only_what_is_theirs_to_say(post, people, planner, member):
    with pytest.raises(swapping.NotTheirs):
        ask(post, people[2], actor=people[1])
    with pytest.raises(swapping.NotTheirs):
        ask(post, people[0])
    swap = ask(post, people[1])
    with pytest.raises(swapping.OneIsOpen):
        ask(post, people[2])
    with pytest.raises(swapping.NotTheirs):
        swapping.answer(swap, agreed=True, note="", actor=people[2], at=NOW)
    with pytest.raises(swapping.NotTheirs):
        swapping.withdraw(swap, actor=people[1], at=NOW)
    with pytest.raises(swapping.NotAgreed):
        swapping.decide(swap, granted=True, note="", actor=planner, at=NOW)
    swapping.answer(swap, agreed=True, note="", actor=people[1], at=NOW)
    with pytest.raises(roster.NotPlanner):
        swapping.decide(swap, granted=True, note="", actor=people[3], at=NOW)
    swapping.withdraw(swap, actor=people[0], at=NOW)
    with pytest.raises(roster.Over):
        swapping.decide(swap, granted=True, note="", actor=planner, at=NOW)


def test_who_plans_does_not_decide_a_swap_of_their_own(post, planner):
    swap = ask(post, planner)
    swapping.answer(swap, agreed=True, note="", actor=planner, at=NOW)

    with pytest.raises(roster.NotPlanner, match="双方不能审定"):
        swapping.decide(swap, granted=True, note="", actor=planner, at=NOW)


def test_a_swap_that_cannot_be_is_refused_when_asked_and_when_decided(
    office, post, people, planner
):
    monday_late = make_pattern(office, "中班", LATE)
    make_shift(monday_late, people[1])  # ends when Tuesday's 早班 is 8 h away: enough
    make_shift(make_pattern(office, "夜班", NIGHT), people[2], day=TUESDAY)
    make_absence(people[3], hour(24), hour(40))

    ask_of = {person.name: person for person in people}
    with pytest.raises(roster.TooLittleRest):
        ask(post, ask_of["丙"])
    with pytest.raises(roster.Away):
        ask(post, ask_of["丁"])
    with pytest.raises(roster.Over):
        ask(post, ask_of["乙"], at=hour(32.5))

    swap = ask(post, ask_of["乙"])
    swapping.answer(swap, agreed=True, note="", actor=ask_of["乙"], at=NOW)
    make_absence(ask_of["乙"], hour(24), hour(48))
    with pytest.raises(roster.Away):
        swapping.decide(swap, granted=True, note="", actor=planner, at=NOW)
    swap.refresh_from_db()
    assert swap.decided_at is None  # it may be decided otherwise


# absences


def register(who, deputy=None, **more):
    values = {
        "from_at": hour(24), "to_at": hour(48), "reason": "年假", "actor": who, "at": NOW,
    } | more  # fmt: skip
    return absences.register(who, deputy=deputy, **values)


def test_an_absence_tells_which_planned_posts_it_touches(post, people):
    told = register(people[0], people[1])

    assert [one.pk for one in told.posts] == [post.pk]
    assert told.absence.deputy == people[1]
    assert register(people[2]).posts == ()


def test_a_deputy_who_goes_away_is_told_for_whom_they_stand_in(people):
    first = register(people[0], people[1]).absence

    assert register(people[1]).deputising == (first,)


def test_a_deputy_who_is_away_or_unfit_is_refused(people, member):
    register(people[1])
    with pytest.raises(absences.UnfitDeputy, match="自己也请假"):
        register(people[0], people[1])
    with pytest.raises(absences.UnfitDeputy, match="不能值班"):
        register(people[0], member("handler", name="办"))
    off = member("seat", is_active=False)
    with pytest.raises(absences.UnfitDeputy):
        register(people[0], off)
    with pytest.raises(absences.UnfitDeputy):
        register(people[0], people[0])


def test_a_head_may_have_a_handler_as_deputy(member):
    head, handler = member("head"), member("handler")

    assert register(head, handler).absence.deputy == handler


def test_an_absence_is_one_s_own_or_the_planner_s_to_register(people, planner):
    with pytest.raises(roster.NotPlanner):
        register(people[0], actor=people[1])
    register(people[0], actor=planner)
    with pytest.raises(absences.TwiceAway):
        register(people[0])
    with pytest.raises(absences.NotForward):
        register(people[1], to_at=hour(24))
    with pytest.raises(absences.NotForward):
        register(people[1], from_at=hour(0), to_at=hour(6))


def test_an_absence_ends_early_once(people):
    absence = register(people[0]).absence
    with pytest.raises(roster.NotPlanner):
        absences.end_early(absence, actor=people[1], at=hour(25))
    absences.end_early(absence, actor=people[0], at=hour(25))

    assert absence.ended_at == hour(25)
    with pytest.raises(roster.Over):
        absences.end_early(absence, actor=people[0], at=hour(26))
