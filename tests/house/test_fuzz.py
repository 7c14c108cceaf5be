"""Every address, asked in every way, by several roles, with what pages offer and with what nobody would send.

The schema is the house's own: the addresses, and the forms as the pages show them. Seeded and bounded.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jiesu.cases.models import Case, Event
from jiesu.desk.checks import addresses
from jiesu.desk.demo import loader
from jiesu.org.models import Member, Office
from jiesu.org.rights import may
from tests.conftest import Undone
from tests.factories.offices import Kept
from tests.house.walking import HOSTILE, MARK, Atlas, filled, hostile_url

WHO = ("zuoxi01", "shenhe01", "minsheng01", "minsheng00", "lingdao01", "jiancha01", "guanli01", "anquan01", "shenji01", "")  # fmt: skip
SEED = int(os.environ.get("FUZZ_SEED", "20261126"))
CASES = 300  # every stage and every kind of page; more cases only make the same pages longer
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "1"))
OTHERS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
SAFE = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options",
        "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy", "Cache-Control")  # fmt: skip
pytestmark = pytest.mark.django_db


class Round:
    """One round of requests by one member, each in a transaction of its own, with what went wrong."""

    def __init__(self, username: str) -> None:
        self.who = username or "nobody"
        self.member = Member.objects.get(username=username) if username else None
        self.faults: list[str] = []
        self.came: Counter[int] = Counter()
        self.client = Client(raise_request_exception=False)

    def ask(self, method: str, url: str, data: object = None, **more: object) -> None:
        if self.member is not None and not self.client.session.get("_auth_user_id"):
            self.client.force_login(self.member)
        what = f"{self.who} {method} {url[:120]} {str(data)[:300] if data else ''}"
        try:
            with transaction.atomic():
                send = getattr(self.client, method.lower())
                answer = send(url, data, **more) if data is not None else send(url, **more)
                body = b"" if answer.streaming else answer.content
                if answer.streaming:
                    b"".join(answer)
                broken = connection.needs_rollback
                if answer.status_code >= 500:
                    transaction.set_rollback(True)
        except Exception as error:
            self.faults.append(f"{what}: {type(error).__name__}: {error}"[:600])
            return
        self.came[answer.status_code // 100] += 1
        not_here = answer.status_code == 503 and url.startswith("/live/")  # streams want the front
        if (answer.status_code >= 500 and not not_here) or broken:
            self.faults.append(
                f"{what}: {answer.status_code} {getattr(answer, 'exc_info', None)}"[:900]
            )
        self.faults += [f"{what}: no {name}" for name in SAFE if not answer.headers.get(name)]
        if answer.headers.get("Content-Type", "").startswith("text/html") and (
            MARK.encode() in body or b"Traceback (most recent" in body
        ):
            self.faults.append(f"{what}: {answer.status_code} markup came through")
        goes = answer.headers.get("Location", "/")
        if not goes.startswith("/") or goes.startswith("//"):
            self.faults.append(f"{what}: leads to {goes}")


def record() -> tuple[int, str]:
    """Return how many lines the record has, and one mark over all that stands in them."""
    rows = list(Event.objects.order_by("id").values_list("id", "case_id", "step", "action", "before", "after", "note"))  # fmt: skip
    return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()


def kept(before: tuple[int, str]) -> bool:
    rows = list(Event.objects.order_by("id").values_list("id", "case_id", "step", "action", "before", "after", "note")[: before[0]])  # fmt: skip
    return hashlib.sha256(repr(rows).encode()).hexdigest() == before[1]


def broken_cases() -> list[str]:
    """Cases whose stage is not where their record says they are, or whose moves do not join."""
    found = []
    for case in Case.objects.prefetch_related("events"):
        moves = [e for e in case.events.all() if e.moved]
        joined = all(b.before == a.after for a, b in pairwise(moves))
        if not joined or moves[-1].after != case.stage or len(moves) != case.steps:
            found.append(case.number)
    return found


@pytest.fixture(scope="module")
def street(street_kept: Kept, undone: Undone) -> Iterator[Office]:
    """A month of cases, loaded once; what one test does to it is undone before the next."""
    with undone():
        office = street_kept.again()
        loader.load(office, at=timezone.now(), count=CASES)
        yield office


def test_the_fuzz_would_see_a_broken_page(street, monkeypatch):
    one = Round("zuoxi01")
    monkeypatch.setattr("jiesu.cases.access.get_case", lambda *given: 1 / 0)
    case = Case.objects.first()

    one.ask("GET", reverse("desk:case", args=[case.number]))

    assert [("500" in fault, "ZeroDivisionError" in fault) for fault in one.faults] == [
        (True, True)
    ]


def test_no_address_breaks_whatever_it_is_asked(street, capsys, settings):
    settings.RATES = 1000
    atlas, walked = Atlas(), 0
    for username in WHO[:-1]:
        client = Client()
        client.force_login(Member.objects.get(username=username))
        walked += atlas.walk(client, each=2, most=120)
    before, everything = record(), list(addresses())
    people = [Round(username) for username in WHO]
    dice = Random(SEED)
    for address in everything:
        entitled = [one for one in people if may(one.member, address.right)]
        inside = dice.sample(entitled, min(2, len(entitled)))
        for one in people:
            _fuzz(one, address.name, atlas, dice, rounds=ROUNDS if one in inside else 0)

    faults = [fault for one in people for fault in one.faults]
    came = sum((one.came for one in people), Counter())
    with capsys.disabled():
        print(f"\n{len(everything)} addresses, {len(people)} people, {walked} pages read, {came.total()} requests: {dict(came)}, {len(faults)} faults")  # fmt: skip
    assert faults == []
    assert kept(before)
    assert broken_cases() == []
    assert came[2] > 300
    assert came[3] > 100
    assert came[4] > 500


def _fuzz(one: Round, name: str, atlas: Atlas, dice: Random, *, rounds: int) -> None:
    """Ask one address as one member: whom it is not for, once; who may, in every way."""
    wrong = hostile_url(name, dice)
    real = dice.choice(atlas.urls[name] or [wrong or reverse(name)])
    path = real.partition("?")[0]
    if not rounds:
        one.ask(dice.choice(("GET", "POST")), dice.choice((real, wrong or real)))
    for _ in range(rounds):
        one.ask("GET", real)
        asked = {dice.choice(atlas.names): dice.choice(HOSTILE) for _ in range(3)}
        one.ask("GET", path, asked)
        if wrong:
            one.ask("GET", wrong)
            one.ask("POST", wrong, {dice.choice(atlas.names): dice.choice(HOSTILE)})
        forms = atlas.forms[name]
        for spoil in (0.0, 0.1, 0.6) if forms else ():
            form = dice.choice(forms)
            sent = filled(form, dice, spoil=spoil)
            htmx = {"HTTP_HX_REQUEST": "true"} if dice.random() < 0.4 else {}
            if form.method == "post":
                one.ask("POST", form.url, sent, **htmx)
            else:
                one.ask("GET", form.url, sent, **htmx)
        one.ask("POST", path, {n: dice.choice(HOSTILE) for n in dice.sample(atlas.names, 6)})
        one.ask(dice.choice(OTHERS), path)


def test_no_form_is_taken_without_its_token(street):
    client = Client(enforce_csrf_checks=True)
    client.force_login(Member.objects.get(username="zuoxi01"))
    taken = []
    for one in addresses():
        url = hostile_url(one.name, Random(1)) or one.route.replace("^", "")
        answer = client.post(url, {"a": "1"})
        if answer.status_code not in {403, 404, 405}:
            taken.append((one.name, answer.status_code))

    assert taken == []
