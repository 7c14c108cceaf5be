"""合同 of contractors, kept by the 系统管理员. Their accounts begin and end with the dates, by the clock."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, QuerySet

from jiesu.org import sittings
from jiesu.org.actions import NotAdministrator, require
from jiesu.org.models import Contract, Member
from jiesu.org.rights import Right
from jiesu.rules.moments import BEIJING
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

SOON = timedelta(days=30)


class EndsBeforeItBegins(ValueError):
    """The dates are the wrong way round."""


def of_office(office: int) -> QuerySet[Contract]:
    """Return the office's contracts, the last to end first, each with ``people``: how many accounts."""
    return Contract.objects.filter(office=office).annotate(people=Count("members"))


def ending_soon(office: int, at: datetime) -> QuerySet[Contract]:
    """Return the contracts with people that end within thirty days, the next one first."""
    day = at.astimezone(BEIJING).date()
    found = of_office(office).filter(ends_on__gte=day, ends_on__lte=day + SOON, people__gt=0)
    return found.order_by("ends_on", "pk")


@transaction.atomic
def add(*, party: str, begins_on: date, ends_on: date, actor: Member) -> Contract:
    """Enter a contract.

    :raises EndsBeforeItBegins: the dates are the wrong way round
    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.MEMBERS)
    _right_way(begins_on, ends_on)
    made = Contract.objects.create(
        office_id=actor.office_id, party=party, begins_on=begins_on, ends_on=ends_on
    )
    leave(
        Kind.ACCOUNT, actor=actor, subject=f"contract:{made.pk}", what="contract_added",
        after=_dates(made),
    )  # fmt: skip
    return made


@transaction.atomic
def change(
    contract: Contract, *, party: str, begins_on: date, ends_on: date, actor: Member
) -> None:
    """Change a contract: its accounts work by the new dates at once.

    :raises EndsBeforeItBegins: the dates are the wrong way round
    :raises NotAdministrator: the actor may not
    """
    if contract.office_id != actor.office_id:
        raise NotAdministrator("没有这份合同。")
    require(actor, Right.MEMBERS)
    _right_way(begins_on, ends_on)
    before = _dates(contract)
    contract.party, contract.begins_on, contract.ends_on = party, begins_on, ends_on
    contract.save()
    leave(
        Kind.ACCOUNT, actor=actor, subject=f"contract:{contract.pk}", what="contract_changed",
        before=before, after=_dates(contract),
    )  # fmt: skip
    sittings.look_again(contract.office_id)


def _right_way(begins_on: date, ends_on: date) -> None:
    if ends_on < begins_on:
        raise EndsBeforeItBegins("合同止日早于起日，请核对。")


def _dates(contract: Contract) -> dict[str, str]:
    return {
        "party": contract.party, "from": contract.begins_on.isoformat(),
        "to": contract.ends_on.isoformat(),
    }  # fmt: skip
