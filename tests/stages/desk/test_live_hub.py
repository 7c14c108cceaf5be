"""The hub: who is told what, exactly once, also after having been away."""

import asyncio
import json
import random

import pytest

from jiesu.desk.live.audience import Audience, Everyone, Seat, Who, of_case
from jiesu.desk.live.hub import Desk, Hub, Present
from jiesu.desk.live.messages import Message, encode, level_label

STREET, ELSEWHERE = 1, 2
CENTRE, LIVELIHOOD, PLANNING = 10, 11, 12
CLERK = Who(1, Seat(STREET, "seat", CENTRE))
OTHER_CLERK = Who(2, Seat(STREET, "seat", CENTRE))
HANDLER = Who(3, Seat(STREET, "handler", LIVELIHOOD))
PLANNER = Who(4, Seat(STREET, "head", PLANNING))
FOREIGNER = Who(5, Seat(ELSEWHERE, "seat", 20))


def case(number=1, *, lead=LIVELIHOOD, assisting=(), **more):
    return Message("case", of_case(STREET, lead, assisting), {"case": number}, **more)


def read(pieces):
    """Return (id, kind, data) of everything in a piece of the stream."""
    found = []
    for block in b"".join(pieces).decode().strip().split("\n\n"):
        if block:
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            found.append((fields.get("id"), fields["event"], json.loads(fields["data"])))
    return found


def got(desk: Desk):
    """Take what waits for a desk, but for the snapshot every stream begins with."""
    pieces, desk.waiting = desk.waiting, []
    return [one for one in read(pieces) if one[1] != "here"]


def kinds(desk):
    return [kind for _, kind, _ in got(desk)]


@pytest.fixture
def hub():
    made = Hub(epoch="e", kept=100)
    made.complete_since = 0.0
    return made


def test_a_case_is_told_to_those_who_may_see_it_and_to_nobody_else(hub):
    desks = {who: hub.open(who) for who in (CLERK, HANDLER, PLANNER, FOREIGNER)}

    hub.tell(case(7))
    hub.tell(case(8, lead=None, assisting=[PLANNING]))

    seen = {who: [data["case"] for _, _, data in got(desk)] for who, desk in desks.items()}
    assert seen == {CLERK: [7, 8], HANDLER: [7], PLANNER: [8], FOREIGNER: []}


def test_a_notice_is_told_to_its_recipient_alone(hub):
    desks = [hub.open(who) for who in (CLERK, OTHER_CLERK, HANDLER)]

    hub.tell(Message("notice", Audience(STREET, member=HANDLER.member), {"id": 1}))

    assert [kinds(desk) for desk in desks] == [[], [], ["notice"]]


def test_what_somebody_did_is_told_to_them_as_their_own(hub):
    mine, theirs = hub.open(CLERK), hub.open(OTHER_CLERK)

    message = case()
    message.data["mine"] = False
    message.own = {CLERK.member: {"mine": True}}
    hub.tell(message)

    assert [data["mine"] for _, _, data in got(mine)] == [True]
    assert [data["mine"] for _, _, data in got(theirs)] == [False]


def test_new_is_what_is_new_to_a_desk(hub):
    clerk, handler = hub.open(CLERK), hub.open(HANDLER)

    hub.tell(case(fresh=Audience(STREET, units=frozenset({LIVELIHOOD}))))

    assert [data["new"] for _, _, data in got(clerk)] == [False]
    assert [data["new"] for _, _, data in got(handler)] == [True]


def test_all_desks_of_a_kind_share_the_same_bytes(hub):
    desks = [hub.open(Who(n, CLERK.seat)) for n in range(50)]

    hub.tell(case())

    assert len({id(desk.waiting[-1]) for desk in desks}) == 1


def test_who_comes_back_gets_exactly_what_was_missed(hub):
    for number in range(1, 5):
        hub.tell(case(number))
    last = hub.mark
    for number in range(5, 11):
        hub.tell(case(number, lead=LIVELIHOOD if number % 2 else PLANNING))

    assert [data["case"] for _, _, data in got(hub.open(CLERK, last=last))] == [5, 6, 7, 8, 9, 10]
    assert [data["case"] for _, _, data in got(hub.open(HANDLER, last=last))] == [5, 7, 9]
    assert got(hub.open(CLERK, last=hub.mark)) == []


@pytest.mark.parametrize("seed", range(20))
def test_none_is_lost_and_none_doubled_however_often_the_stream_breaks(hub, seed):
    chance = random.Random(seed)
    last, desk, read_cases = "e-0", None, []

    for number in range(1, 80):
        if desk is None and chance.random() < 0.5:
            desk = hub.open(HANDLER, last=last)
        hub.tell(case(number, lead=chance.choice([LIVELIHOOD, PLANNING])))
        if desk is not None and chance.random() < 0.3:
            for mark, kind, data in read(desk.waiting):
                last = mark
                read_cases += [data["case"]] if kind == "case" else []
            hub.close(desk)
            desk = None
    for _, kind, data in (
        read(hub.open(HANDLER, last=last).waiting) if desk is None else read(desk.waiting)
    ):
        read_cases += [data["case"]] if kind == "case" else []  # fmt: skip

    wanted = [m.data["case"] for m in hub.ring if m.to.reaches(HANDLER.seat)]
    assert read_cases == wanted


@pytest.mark.parametrize(
    "last", ["other-3", "e-0", "e-99999", "e-", "e", "-", "e-x", "e-١"], ids=str
)
def test_an_id_that_says_nothing_for_certain_makes_the_desk_look_anew(hub, last):
    for number in range(150):  # more than are kept
        hub.tell(case(number))

    assert kinds(hub.open(CLERK, last=last)) == ["resync"]


def test_a_page_gets_what_came_while_it_was_on_its_way(hub):
    hub.tell(case(1))
    hub.tell(case(2))
    for message, at in zip(hub.ring, (1000.0, 1010.0), strict=True):
        message.at = at

    assert [data["case"] for _, _, data in got(hub.open(CLERK, since=1011.0))] == [2]
    assert got(hub.open(CLERK, since=1020.0)) == []
    hub.complete_since = 1015.0
    assert kinds(hub.open(CLERK, since=1011.0)) == ["resync"]


def test_a_desk_that_cannot_keep_up_looks_anew_and_then_goes_on(hub):
    slow, quick = hub.open(CLERK, bound=5), hub.open(OTHER_CLERK, bound=50)

    for number in range(1, 13):
        hub.tell(case(number))
        assert len(slow.waiting) <= 5

    told = got(slow)
    assert told[0][1] == "resync"
    assert [data["case"] for _, kind, data in told if kind == "case"] == list(range(6 + 5, 13))
    assert told[0][0] == f"e-{told[1][2]['case'] - 1}"  # its id says from where it goes on
    assert [data["case"] for _, _, data in got(quick)] == list(range(1, 13))


def test_after_a_gap_of_the_wire_everybody_looks_anew_and_old_ids_hold_no_more(hub):
    desk = hub.open(CLERK)
    hub.tell(case())
    before = hub.mark

    hub.resync()

    assert kinds(desk) == ["resync"]
    assert kinds(hub.open(CLERK, last=before)) == ["resync"]


def test_a_sign_of_life_goes_to_idle_desks_and_carries_the_newest_id(hub):
    idle, behind = hub.open(PLANNER), hub.open(CLERK)
    got(idle), got(behind)
    hub.tell(case())

    hub.ping()

    assert [(mark, kind) for mark, kind, _ in got(idle)] == [("e-1", "ping")]
    assert kinds(behind) == ["case"]


def test_another_unit_sees_other_things_from_then_on(hub):
    desk = hub.open(HANDLER)
    got(desk)

    hub.move(desk, Who(HANDLER.member, PLANNER.seat))
    hub.tell(case(1, lead=LIVELIHOOD))
    hub.tell(case(2, lead=PLANNING))

    assert [(kind, data) for _, kind, data in got(desk)] == [("resync", {}), ("case", {"case": 2, })]  # fmt: skip
    assert set(hub.seats) == {PLANNER.seat}


def test_who_else_looks_is_told_without_oneself_to_those_who_may_see_the_case(hub):
    clerk, other, planner = (hub.open(who) for who in (CLERK, OTHER_CLERK, PLANNER))
    for desk in (clerk, other, planner):
        got(desk)
    present = Present(of_case(STREET, LIVELIHOOD, ()), ((1, "刘"), (3, "陈")))

    hub.tell_present([7], {7: present})
    hub.tell_present([7], {7: present})  # nothing new

    assert [data for _, _, data in got(clerk)] == [{"case": 7, "who": ["陈"]}]
    assert [data for _, _, data in got(other)] == [{"case": 7, "who": ["刘", "陈"]}]
    assert got(planner) == []
    assert hub.snapshot(CLERK) == {"cases": {"7": ["陈"]}}
    assert hub.snapshot(PLANNER) == {"cases": {}}


def test_a_case_nobody_looks_at_any_more_is_told_too(hub):
    hub.tell_present([7], {7: Present(of_case(STREET, None, ()), ((2, "刘"),))})
    desk = hub.open(CLERK)
    got(desk)

    hub.tell_present(None, {})

    assert [data for _, _, data in got(desk)] == [{"case": 7, "who": []}]
    assert hub.present == {}


def test_a_unit_that_lost_the_case_no_longer_hears_who_looks(hub):
    first = Present(of_case(STREET, LIVELIHOOD, ()), ((2, "刘"),))
    second = Present(of_case(STREET, PLANNING, ()), ((2, "刘"), (4, "陈")))
    hub.tell_present([7], {7: first})
    desk = hub.open(HANDLER)
    got(desk)

    hub.tell_present([7], {7: second})

    assert [data for _, _, data in got(desk)] == [{"case": 7, "who": []}]


def test_an_office_hears_of_its_own_rota_only(hub):
    here, there = hub.open(HANDLER), hub.open(FOREIGNER)

    hub.tell(Message("duty", Everyone(STREET), {}))

    assert (kinds(here), kinds(there)) == (["duty"], [])


def test_the_end_of_the_server_ends_every_stream_at_once(hub):
    async def story():
        desk = hub.open(CLERK)
        await desk.take()
        waiting = asyncio.create_task(desk.take())
        await asyncio.sleep(0)
        hub.end()
        return await asyncio.wait_for(waiting, 1), desk.ended

    assert asyncio.run(story()) == (b"", True)


def test_a_message_cannot_be_broken_out_of():
    assert encode("case", {"did": "a\n\nevent: bye\r"}, "e-1").count(b"\n") == 4


@pytest.mark.parametrize(
    ("level", "words"),
    [("24h", "到期前 24 小时"), ("30m", "到期前 30 分钟"), ("short", "即将到期"), ("overdue", "已逾期"), ("", "催办")],
)  # fmt: skip
def test_levels_in_words(level, words):
    assert level_label(level) == words
