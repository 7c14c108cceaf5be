"""换班: asked by whoever has the post, agreed by the other, decided by whoever plans."""

from datetime import datetime

from django.db import transaction

from jiesu.core import live
from jiesu.duty import traces
from jiesu.duty.actions import hand_on, lock, release, require
from jiesu.duty.models import Post, Swap
from jiesu.duty.roster import AlreadyOn, NotPlanner, Over, Refused, turn_of
from jiesu.org.models import Member
from jiesu.org.rights import Right, may

SWAPPED = "换班"
WITHDRAWN = "提出人撤回"


class NotTheirs(Refused):
    """The post or the swap is somebody else's to speak for."""


class NotAgreed(Refused):
    """The other has not agreed yet."""


class OneIsOpen(Refused):
    """A swap of this post waits already."""


@transaction.atomic
def ask(
    post: Post, *, to_member: Member, reason: str, actor: Member, at: datetime,
    back_post: Post | None = None,
) -> Swap:  # fmt: skip
    """Ask ``to_member`` to take the post, at will for one of theirs in return.

    :raises NotTheirs: the post is not the actor's, or what comes back is not the other's
    :raises Over: a shift has begun already; :raises OneIsOpen: a swap of the post waits
    :raises Refused: either could not stand the other's shift (Away, Overlaps, TooLittleRest, …)
    """
    lock(post.shift.office_id)
    if post.member_id != actor.pk or to_member.office_id != actor.office_id:
        raise NotTheirs("只能为自己的班提出换班。")
    if to_member.pk == actor.pk:
        raise NotTheirs("请选另一位来换。")
    if back_post is not None and back_post.member_id != to_member.pk:
        raise NotTheirs(f"换回的班不是{to_member.name}的，请另选。")
    if post.swaps.filter(decided_at=None).exists():
        raise OneIsOpen("这一班已有换班申请在等答复，请先撤回。")
    _possible(post, to_member, back_post, at)
    swap = Swap.objects.create(
        post=post, to_member=to_member, back_post=back_post, reason=reason, asked_at=at
    )
    live.tell("duty", o=post.shift.office_id)
    return swap


@transaction.atomic
def answer(swap: Swap, *, agreed: bool, note: str, actor: Member, at: datetime) -> None:
    """Say whether one takes it. No ends the swap; yes leaves it to whoever plans.

    :raises NotTheirs: somebody else was asked; :raises Over: answered or settled already
    """
    if swap.to_member_id != actor.pk:
        raise NotTheirs(f"这是请{swap.to_member.name}答复的换班。")
    if agreed:
        _settle(swap, {"agreed_at": at}, agreed_at=None)
    else:
        _settle(swap, _decision(False, note, actor, at), agreed_at=None)


@transaction.atomic
def withdraw(swap: Swap, *, actor: Member, at: datetime) -> None:
    """Take the asking back, until it is decided.

    :raises NotTheirs: somebody else asked; :raises Over: settled already
    """
    if swap.post.member_id != actor.pk:
        raise NotTheirs("只有提出人可以撤回。")
    _settle(swap, _decision(False, WITHDRAWN, actor, at))


@transaction.atomic
def decide(swap: Swap, *, granted: bool, note: str, actor: Member, at: datetime) -> None:
    """Grant a swap both have agreed to, or refuse it. Granted, each stands the other's shift.

    :raises NotPlanner: the actor does not plan, or is one of the two
    :raises NotAgreed: the other has not agreed; :raises Over: settled, begun, or changed meanwhile
    :raises Refused: something has come between (absence, another shift): said in words
    """
    post, back = swap.post, swap.back_post
    if not may(actor, Right.PLAN_DUTY) or actor.office_id != post.shift.office_id:
        raise NotPlanner("换班由本街道的审核员或领导审定。")
    if actor.pk in {post.member_id, swap.to_member_id}:
        raise NotPlanner("换班的双方不能审定自己的换班，请另一位来审定。")
    if swap.agreed_at is None and granted:
        raise NotAgreed(f"{swap.to_member.name}还没有同意，不能批准。")
    lock(post.shift.office_id)
    _settle(swap, _decision(granted, note, actor, at))
    stands = {
        traces.shift(one.shift): one.member.username for one in (post, back) if one is not None
    }
    traces.changed(actor, f"swap:{swap.pk}", before=stands, after={"granted": granted})
    if not granted:
        return
    _possible(post, swap.to_member, back, at)
    gone = [back.pk] if back else []
    mine = post.member
    if back is not None:
        release(back, SWAPPED, at)
    hand_on(post, swap.to_member, why=SWAPPED, actor=actor, at=at, without=gone)
    if back is not None:
        require(back.shift, mine, at=at)
        Post.objects.create(
            shift=back.shift, member=mine, lead=back.lead, planned_by=actor, planned_at=at,
            in_place_of=back,
        )  # fmt: skip


def _possible(post: Post, other: Member, back: Post | None, at: datetime) -> None:
    for one in (post, back):
        if one is not None and one.shift.starts_at <= at:
            raise Over(f"{turn_of(one.shift)}已经开始，不能再换。")
        if one is not None and one.released_at is not None:
            raise Over(f"{turn_of(one.shift)}已改过人，请刷新后再看。")
    gone = [back.pk] if back else []
    there = post.shift.posts.filter(member=other, released_at=None).exclude(pk__in=gone)
    if there.exists():
        raise AlreadyOn(f"{other.name}也在{turn_of(post.shift)}，换了等于没换，请另选人。")
    require(post.shift, other, at=at, without=gone)
    if back is not None:
        if back.shift.posts.filter(member=post.member, released_at=None).exists():
            raise AlreadyOn(f"{post.member.name}也在{turn_of(back.shift)}，请另选一班。")
        require(back.shift, post.member, at=at, without=[post.pk])


def _decision(granted: bool, note: str, actor: Member, at: datetime) -> dict[str, object]:
    return {"granted": granted, "answer": note, "decided_by": actor, "decided_at": at}


def _settle(swap: Swap, told: dict[str, object], **seen: object) -> None:
    if not Swap.objects.filter(pk=swap.pk, decided_at=None, **seen).update(**told):
        raise Over("这个换班已经答复过了，请刷新后再看。")
    swap.refresh_from_db(fields=list(told))
    live.tell("duty", o=swap.post.shift.office_id)
