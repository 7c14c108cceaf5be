"""交接班: made, its words, both confirmations, and nothing after."""

import pytest
from django.db import IntegrityError, transaction

from jiesu.duty import attendance, handing_over
from jiesu.duty.models import DutyNote, Handover, NoteKind
from tests.factories.orders import make_case
from tests.stages.duty.making import EARLY, LATE, hour, make_absence, make_pattern, make_shift


@pytest.fixture
def shifts(office, people):
    """甲 and 乙 until 16:00, then 丙."""
    early = make_shift(make_pattern(office, "早班", EARLY), people[0], people[1])
    late = make_shift(make_pattern(office, "中班", LATE), people[2])
    attendance.arrive(people[0], at=hour(8))
    return early, late


@pytest.fixture
def sheet(shifts, people):
    return handing_over.make_handover(shifts[0], {"made": 1}, actor=people[0], at=hour(15.5))


def test_two_people_of_two_shifts_confirm_and_the_giving_shift_has_left(sheet, shifts, people):
    early, late = shifts
    handing_over.give(sheet, actor=people[0], at=hour(15.8))
    handing_over.take(sheet, actor=people[2], at=hour(16))

    kept = Handover.objects.get()
    assert (kept.given_by, kept.taken_by, kept.to_shift) == (people[0], people[2], late)
    assert early.posts.get(member=people[0]).left_at == hour(16)
    assert early.posts.get(member=people[1]).left_at is None  # never came
    assert late.posts.get().arrived_at == hour(16)


def test_the_sheet_is_renewed_until_it_is_given(sheet, shifts, people):
    again = handing_over.make_handover(shifts[0], {"made": 2}, actor=people[1], at=hour(15.6))
    assert (again.pk, again.body) == (sheet.pk, {"made": 2})

    handing_over.give(sheet, actor=people[0], at=hour(15.7))
    with pytest.raises(handing_over.Given):
        handing_over.make_handover(shifts[0], {}, actor=people[1], at=hour(15.8))


def test_saving_over_somebody_else_s_words_brings_theirs(sheet, people):
    handing_over.change_words(sheet, words="电梯案盯紧", version=0, actor=people[0])

    with pytest.raises(handing_over.Changed) as clash:
        handing_over.change_words(sheet, words="供暖案盯紧", version=0, actor=people[1])

    assert (clash.value.theirs, clash.value.version) == ("电梯案盯紧", 1)
    handing_over.change_words(sheet, words="两件都盯紧", version=1, actor=people[1])
    assert Handover.objects.get().words == "两件都盯紧"


def test_taken_over_it_is_final(sheet, shifts, people):
    handing_over.give(sheet, actor=people[0], at=hour(15.8))
    with pytest.raises(handing_over.Given):
        handing_over.change_words(sheet, words="改", version=0, actor=people[1])
    handing_over.take(sheet, actor=people[2], at=hour(16))

    for attempt in (
        lambda: handing_over.change_words(sheet, words="改", version=0, actor=people[1]),
        lambda: handing_over.take_back(sheet, actor=people[0]),
        lambda: handing_over.give(sheet, actor=people[1], at=hour(16)),
        lambda: handing_over.take(sheet, actor=people[2], at=hour(16)),
        lambda: handing_over.make_handover(shifts[0], {}, actor=people[0], at=hour(16)),
    ):
        with pytest.raises(handing_over.Final):
            attempt()
    assert Handover.objects.get().words == ""


def test_the_giver_may_take_it_back_and_change_it(sheet, people):
    handing_over.give(sheet, actor=people[0], at=hour(15.8))
    with pytest.raises(handing_over.NotOnShift):
        handing_over.take_back(sheet, actor=people[1])
    handing_over.take_back(sheet, actor=people[0])

    handing_over.change_words(sheet, words="补一句", version=0, actor=people[0])
    assert Handover.objects.get().given_at is None


def test_who_confirms_must_be_on_the_shift_and_another_person(sheet, people, member):
    with pytest.raises(handing_over.NotOnShift):
        handing_over.give(sheet, actor=people[2], at=hour(15.8))
    with pytest.raises(handing_over.NotGiven):
        handing_over.take(sheet, actor=people[2], at=hour(16))
    handing_over.give(sheet, actor=people[0], at=hour(15.8))
    with pytest.raises(handing_over.NotOnShift):
        handing_over.take(sheet, actor=people[3], at=hour(16))
    with pytest.raises(handing_over.NotOnShift, match="两个人"):
        handing_over.take(sheet, actor=people[0], at=hour(16))
    with pytest.raises(handing_over.TooEarly, match="最早提前 30 分钟"):
        handing_over.take(sheet, actor=people[2], at=hour(15))
    with pytest.raises(handing_over.NotOnShift):
        handing_over.make_handover(sheet.shift, {}, actor=member("handler"), at=hour(15))


def test_a_deputy_gives_for_who_is_away(sheet, people):
    make_absence(people[0], hour(10), hour(24), people[3])

    handing_over.give(sheet, actor=people[3], at=hour(15.8))

    assert sheet.given_by == people[3]


def test_the_table_itself_refuses_one_person_for_both(sheet, people):
    sheet.given_by = sheet.taken_by = people[0]
    sheet.given_at = sheet.taken_at = hour(16)
    with pytest.raises(IntegrityError), transaction.atomic():
        sheet.save()


def test_notes_are_for_the_running_shift_and_done_once(office, shifts, people, member):
    case = make_case(office)
    note = handing_over.add_note(
        office, kind=NoteKind.MATTER, text="请晚上再打一次", case_number=case.number,
        member=people[0], at=hour(10),
    )  # fmt: skip
    assert note.shift == shifts[0]

    handing_over.finish_note(note, member=people[2], at=hour(17))
    with pytest.raises(handing_over.Final):
        handing_over.finish_note(note, member=people[1], at=hour(18))
    assert DutyNote.objects.get().done_by == people[2]

    with pytest.raises(handing_over.NoSuchCase):
        handing_over.add_note(
            office,
            kind=NoteKind.MATTER,
            text="无",
            case_number="没有",
            member=people[0],
            at=hour(10),
        )
    with pytest.raises(handing_over.NotOnShift):
        handing_over.add_note(
            office,
            kind=NoteKind.MATTER,
            text="无",
            case_number="",
            member=member("handler"),
            at=hour(10),
        )
    leader = member("leader")
    told = handing_over.add_note(
        office,
        kind=NoteKind.INSTRUCTION,
        text="加强供暖值守",
        case_number="",
        member=leader,
        at=hour(11),
    )
    assert told.kind == NoteKind.INSTRUCTION
