"""交接班: the sheet of a shift that ends, its words, both seats' confirmation, and the notes of a shift.

Who makes the sheet gathers its body; here it is kept, confirmed and, taken over, final.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from jiesu.cases import access
from jiesu.core import live
from jiesu.core.announcements import announce
from jiesu.duty import attendance, queries
from jiesu.duty.models import DutyNote, Handover, NoteKind, Post, Shift
from jiesu.duty.roster import Refused, turn_of
from jiesu.duty.settings import rules_of
from jiesu.org.models import Member, Office
from jiesu.org.rights import Right, may


class Final(Refused):
    """The sheet is taken over; nothing of it changes any more."""


class Given(Refused):
    """The sheet is confirmed by the giving seat, who must take that back before it changes."""


class NotGiven(Refused):
    """The giving seat has not confirmed yet."""


class NotOnShift(Refused):
    """The member is not on the shift that must confirm."""


class TooEarly(Refused):
    """The next shift begins too far from now."""


class Changed(Refused):
    """Somebody else has saved other words meanwhile: ``theirs``, at ``version``, by nobody lost."""

    def __init__(self, theirs: str, version: int) -> None:
        self.theirs, self.version = theirs, version
        super().__init__("您编辑期间，别人已保存了另一份交接说明，请看两份后选择。")


class NoSuchCase(Refused):
    """No case of that number that the member may see."""


def following(shift: Shift) -> Shift | None:
    """Return the shift that takes over from ``shift``: the first to begin about when it ends."""
    later = Shift.objects.filter(
        office=shift.office_id, starts_at__gte=shift.ends_at - timedelta(minutes=60)
    ).exclude(pk=shift.pk)  # fmt: skip
    return later.select_related("pattern").order_by("starts_at", "id").first()


@transaction.atomic
def make_handover(shift: Shift, body: dict[str, Any], *, actor: Member, at: datetime) -> Handover:
    """Keep the sheet of a shift, or renew it from the live state until it is given.

    :raises NotOnShift: the actor does not stand duty here; :raises Given, Final: confirmed already
    """
    if actor.office_id != shift.office_id or not may(actor, Right.STAND_DUTY):
        raise NotOnShift("交接单由值班座席生成。")
    Shift.objects.select_for_update(no_key=True).get(pk=shift.pk)
    found = Handover.objects.filter(shift=shift).first()
    if found is not None:
        _changeable(found)
        found.body, found.made_at, found.to_shift = body, at, following(shift)
        found.save(update_fields=["body", "made_at", "to_shift"])
    else:
        found = Handover.objects.create(
            office_id=shift.office_id, shift=shift, to_shift=following(shift), made_at=at, body=body
        )
    live.tell("duty", o=shift.office_id)
    return found


@transaction.atomic
def change_words(sheet: Handover, *, words: str, version: int, actor: Member) -> None:
    """Save the words of a sheet over the ``version`` that was seen.

    :raises Changed: somebody saved other words since, which it carries
    :raises Given, Final: confirmed already; :raises NotOnShift: the actor does not stand duty
    """
    if actor.office_id != sheet.office_id or not may(actor, Right.STAND_DUTY):
        raise NotOnShift("交接说明由值班座席填写。")
    still = Handover.objects.filter(pk=sheet.pk, version=version, given_at=None)
    if not still.update(words=words, version=version + 1):
        now = Handover.objects.get(pk=sheet.pk)
        _changeable(now)
        raise Changed(now.words, now.version)
    sheet.words, sheet.version = words, version + 1


@transaction.atomic
def give(sheet: Handover, *, actor: Member, at: datetime) -> None:
    """交班: the giving seat confirms.

    :raises NotOnShift: the actor is not on the shift that ends; :raises Given, Final: done already
    """
    if not _fills(sheet.shift, actor, at):
        raise NotOnShift(f"您不在{turn_of(sheet.shift)}，不能为这一班交班。")
    still = Handover.objects.filter(pk=sheet.pk, given_at=None)
    if not still.update(given_by=actor, given_at=at):
        _changeable(Handover.objects.get(pk=sheet.pk))
    sheet.given_by, sheet.given_at = actor, at
    live.tell("duty", o=sheet.office_id)


@transaction.atomic
def take_back(sheet: Handover, *, actor: Member) -> None:
    """收回交班, until it is taken over: the words may change again.

    :raises Final: taken over already; :raises NotOnShift: somebody else gave it
    """
    still = Handover.objects.filter(pk=sheet.pk, taken_at=None, given_by=actor)
    if not still.update(given_by=None, given_at=None):
        if Handover.objects.filter(pk=sheet.pk, taken_at__isnull=False).exists():
            raise Final("已经接班，交接单不能再改。")
        raise NotOnShift("只有交班人可以收回。")
    sheet.given_by = sheet.given_at = None
    live.tell("duty", o=sheet.office_id)


@transaction.atomic
def take(sheet: Handover, *, actor: Member, at: datetime) -> None:
    """接班: another person, of the next shift, confirms. The sheet is final; who gave has left.

    :raises NotGiven: the giving seat has not confirmed; :raises Final: taken over already
    :raises NotOnShift: not another person of the next shift; :raises TooEarly: long before it
    """
    if sheet.taken_at is not None:
        raise Final("已经接班，交接单不能再改。")
    if sheet.given_at is None:
        raise NotGiven("交班人还没有确认交班，请先请对方确认。")
    if sheet.given_by_id == actor.pk:
        raise NotOnShift("交班和接班要由两个人确认。")
    following_shift = sheet.to_shift
    if following_shift is None:
        if actor.office_id != sheet.office_id or not may(actor, Right.STAND_DUTY):
            raise NotOnShift("接班由值班座席确认。")
    else:
        if not _fills(following_shift, actor, at):
            raise NotOnShift(f"您不在{turn_of(following_shift)}，不能接这一班。")
        early = rules_of(following_shift.office, at).early
        if at < following_shift.starts_at - early:
            minutes = int(early.total_seconds()) // 60
            raise TooEarly(f"离{turn_of(following_shift)}开始还早，最早提前 {minutes} 分钟接班。")
    still = Handover.objects.filter(pk=sheet.pk, taken_at=None, given_at__isnull=False)
    if not still.update(taken_by=actor, taken_at=at):
        raise Final("交接单刚被他人改过，请刷新后再看。")
    sheet.taken_by, sheet.taken_at = actor, at
    came = Post.objects.filter(shift=sheet.shift, arrived_at__isnull=False, left_at=None)
    came.update(left_at=at)
    attendance.arrive(actor, at=at)
    attendance.settle(sheet.shift, at=at, opening=False)
    announce("duty.handed_over", handover=sheet.pk)
    live.tell("duty", o=sheet.office_id)


def _fills(shift: Shift, member: Member, at: datetime) -> bool:
    """True when the member has a post of the shift, or acts for somebody away who has one."""
    posts = shift.posts.filter(released_at=None).select_related("member")
    filled = queries.filled_posts(posts, queries.away(shift.office_id, at), at)
    return any(post.member == member for post in filled)


def _changeable(sheet: Handover) -> None:
    if sheet.taken_at is not None:
        raise Final("已经接班，交接单不能再改。")
    if sheet.given_at is not None:
        raise Given("交班人已确认交班，要改请先由交班人收回。")


@transaction.atomic
def add_note(
    office: Office, *, kind: NoteKind, text: str, case_number: str, member: Member, at: datetime
) -> DutyNote:
    """记一笔 for the shift that runs, at will about a case.

    :raises NotOnShift: neither a seat nor a planner; :raises NoSuchCase: not one they may see
    """
    if member.office_id != office.pk or not (
        may(member, Right.STAND_DUTY) or may(member, Right.PLAN_DUTY)
    ):
        raise NotOnShift("值班记事由值班座席、审核员或领导填写。")
    if case_number and not access.visible_to(member).filter(number=case_number).exists():
        raise NoSuchCase(f"没有编号为“{case_number}”的案件，请核对，或留空。")
    note = DutyNote.objects.create(
        office=office, shift=queries.current_shift(office, at), kind=kind, text=text,
        case_number=case_number, member=member, at=at,
    )  # fmt: skip
    live.tell("duty", o=office.pk)
    return note


@transaction.atomic
def finish_note(note: DutyNote, *, member: Member, at: datetime) -> None:
    """办结 a note: it is no longer handed over.

    :raises NotOnShift: neither a seat nor a planner of the office; :raises Final: done already
    """
    if member.office_id != note.office_id or not (
        may(member, Right.STAND_DUTY) or may(member, Right.PLAN_DUTY)
    ):
        raise NotOnShift("值班记事由值班座席、审核员或领导办结。")
    if not DutyNote.objects.filter(pk=note.pk, done_at=None).update(done_at=at, done_by=member):
        raise Final("这一条已由他人办结。")
    live.tell("duty", o=note.office_id)
