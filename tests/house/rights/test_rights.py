"""Every address × every role × own, assisted, foreign, missing and another street's, against ``table.csv``.

The table says what the contract wants, not what the code does: see README.md beside it. An address
without its rows fails.
"""

import csv
import difflib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import resolvers, reverse

from jiesu.desk.checks import addresses
from tests.house.rights.world import (
    KINDS,
    MARK,
    MISSING,
    OF_CASES,
    PHONE,
    Person,
    Thing,
    World,
    build,
    names_of,
    things_of,
)  # fmt: skip

TABLE = Path(__file__).with_name("table.csv")
PEOPLE = (
    "visitor", "disabled", "seat", "reviewer", "handler", "head", "leader", "analyst", "inspector",
    "system", "security", "auditor", "pending",
)  # fmt: skip
METHODS = ("GET", "POST")
pytestmark = pytest.mark.django_db
WORDS = {"ok", "still", "form", "login", "no", "none", "method"}
NOT_OURS = re.compile(r"^(trail_|org_sitting|org_slip)")  # who knocked may be noted, whoever it was
# the only forms of the house that do something for an inspector (合同 5.1: reads and copies)
INSPECTORS = {
    "service:take", "desk:logout", "desk:session_stay", "desk:passkey_new", "desk:passkey_ask",
}  # fmt: skip
Row = dict[str, str]


def read() -> list[Row]:
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


ROWS = read()
CALLS: Counter[str] = Counter()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The street, in one transaction that is undone when the walk is over."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


# ---- the table ----------------------------------------------------------------------------------


def test_every_address_has_its_rows():
    known = {(row["address"], row["method"]) for row in ROWS}
    asked = {(address.name, method) for address in addresses() for method in METHODS}

    missing = sorted(asked - known)
    said = "\n".join(f"  {name},{method},…" for name, method in missing)
    assert not missing, (
        f"addresses without a row. Add to {TABLE} (what each column means: README.md beside it):\n{said}"
    )
    assert not known - asked, f"rows in {TABLE} without an address: {sorted(known - asked)}"


def test_the_table_says_what_each_address_needs():
    needs = {address.name: address.right.value for address in addresses() if address.right}

    assert {r["address"]: r["needs"] for r in ROWS} == needs


def test_the_table_can_be_read():
    assert [n for n in ROWS[0] if n in PEOPLE] == list(PEOPLE)
    for row in ROWS:
        assert row["kind"] in KINDS, f"{row['address']}: no such kind as {row['kind']}"
        for person in PEOPLE:
            assert set(row[person].split()) <= WORDS, f"{row['address']}: {person}: {row[person]}"


def test_an_inspector_changes_nothing():
    done = {row["address"] for row in ROWS if row["method"] == "POST" and "ok" in row["inspector"]}

    assert done - INSPECTORS - LOOKS == set()


# POST addresses that answer with a page and keep nothing: the walk proves it
LOOKS: set[str] = set()


# ---- the walk -----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['address']} {r['method']} {r['sent']}".strip())  # fmt: skip
def test_walk(row: Row, world: World):
    wrong = []
    for person in world.people:
        if person.far and person.column not in {"seat", "handler"}:
            continue
        wrong += _knock(row, world, person)
    assert not wrong, "\n".join(["", *wrong, f"The table: {TABLE}"])


def _knock(row: Row, world: World, person: Person) -> Iterator[str]:
    """Say what is wrong with the answers that one person gets at one address."""
    told = row[person.column].split()
    things = list(things_of(world, row["kind"], person, row["stage"]))
    names = names_of(row["kind"])
    expected = dict(zip(names, told if len(told) > 1 else told * len(names), strict=True))
    hidden: dict[str, tuple[Any, ...]] = {}
    who = f"{row['address']} {row['method']} {person.column}{' of another street' if person.far else ''}"
    for name, thing in things:
        answer, body, written = _ask(row, person, thing)
        CALLS[row["method"]] += 1
        CALLS[person.column + (" elsewhere" if person.far else "")] += 1
        got = _word(row["method"], answer, written)
        if got != expected[name]:
            yield f"{who}, {name}: {got} (HTTP {answer.status_code}), the table says {expected[name]}"
        if got != "ok" and written:
            yield f"{who}, {name}: answered {got}, yet {written} changed"
        if person.column == "inspector" and row["method"] == "POST" and written and row["address"] not in INSPECTORS:  # fmt: skip
            yield f"{who}, {name}: an inspector changed {written}"
        yield from (f"{who}, {name}: {leak}" for leak in _leaks(world, person, thing, body))
        unknown = name == MISSING or expected[name] == "none" or (
            row["kind"] in OF_CASES and name not in person.sees
        )  # fmt: skip
        if unknown and MISSING in names:
            hidden[name] = _plain(answer, body, thing)
    for name, plain in hidden.items():
        if plain != hidden.get(MISSING, plain):
            yield f"{who}: {name} can be told from missing: {_difference(plain, hidden[MISSING])}"


def _ask(row: Row, person: Person, thing: Thing) -> tuple[HttpResponse, str, list[str]]:
    """Knock once; what it did is undone, what it wrote is told."""
    url = _url(row["address"], thing.asked)
    sent = dict(parse_qsl(row["sent"].format_map(thing.names), keep_blank_values=True)) if row["sent"] else {}  # fmt: skip
    if row["method"] == "POST":
        sent |= {"walk": "1"}  # a form that was sent, and says nothing
    client = person.client
    client.cookies = SimpleCookie(person.cookies)
    headers = {"HTTP_HX_REQUEST": "true"} if row["stage"] else {}
    before = _touched()
    mark = transaction.savepoint()
    try:
        ask = client.get if row["method"] == "GET" else client.post
        answer = ask(url, sent, **headers)
        body = _body(answer)
        after = _touched()
    finally:
        transaction.savepoint_rollback(mark)
    written = sorted(
        name for name, n in after.items() if n != before.get(name, 0) and not NOT_OURS.match(name)
    )
    return answer, body, written


def _url(address: str, asked: dict[str, Any]) -> str:
    """The address of a thing: it takes of what is known about it what stands in its route."""
    named = _parameters(address)
    return reverse(address, kwargs={name: asked[name] for name in named})


_PARAMETERS: dict[str, list[str]] = {}


def _parameters(address: str) -> list[str]:
    if not _PARAMETERS:
        for one in addresses():
            route = resolvers.RoutePattern(one.route.lstrip("/"))
            _PARAMETERS[one.name] = list(route.converters)
    return _PARAMETERS[address]


def _touched() -> dict[str, int]:
    """How many rows of each table this transaction has tried to write: PostgreSQL's own count."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED)
        return dict(cursor.fetchall())


TOUCHED = """
SELECT name, n FROM (
    SELECT relname AS name, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid) AS n
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
) AS counted WHERE n > 0
"""


def _body(answer: HttpResponse) -> str:
    """Everything that was sent, a workbook unpacked."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK" and len(content) > 2:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return content.decode("utf-8", "replace")


def _word(method: str, answer: HttpResponse, written: list[str]) -> str:
    status = answer.status_code
    to = answer.headers.get("Location") or answer.headers.get("HX-Redirect", "")
    if to.startswith("/login/"):
        return "login"
    if status in {403, 404, 405, 409, 400, 422}:
        return {403: "no", 404: "none", 405: "method", 409: "still"}.get(status, "form")
    if method == "POST" and not written and (status == 204 or 300 <= status < 400):
        return "still"
    assert status < 400 or status == 503, status  # 503: the live stream, without its server
    return "ok"


def _leaks(world: World, person: Person, thing: Thing, body: str) -> Iterator[str]:
    """What stands in an answer of which this person may know nothing."""
    asked = str(thing.asked.get("number", thing.names.get("number", "")))
    for whose, mark in MARK.items():
        if whose in person.sees:
            continue
        if mark in body:
            yield f"“{mark}” stands in the answer"
        for number in world.numbers(whose) - {asked}:
            if number in body:
                yield f"{number} ({whose}) stands in the answer"
    if re.search(PHONE + r"\d{6}", body):
        yield "a whole phone number stands in the answer"


def _difference(one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    lines = difflib.unified_diff(str(one[2]).splitlines(), str(other[2]).splitlines(), lineterm="", n=0)  # fmt: skip
    return f"{one[:2]} {other[:2]} " + " ".join(line.strip()[:160] for line in list(lines)[:8])


_TOKEN = re.compile(
    r'(name="(?:csrfmiddlewaretoken|once)"[^>]*value="|nonce="|name="(?:now|csrf-token|session-ends)" content=")[^"]*'
    r'|(datetime=")[^"]*|(错误编号 <b class="num">)[^<]*'
)


def _plain(answer: HttpResponse, body: str, thing: Thing) -> tuple[Any, ...]:
    """An answer without what was asked for and without its tokens."""
    for value in sorted({str(v) for v in (*thing.asked.values(), *thing.names.values())}, key=len):
        if len(value) > 2:
            body = body.replace(value, "…").replace(quote(value), "…")
    return answer.status_code, answer.headers.get("Content-Type"), _TOKEN.sub(r"\1\2\3", body)


def test_the_count(world: World):
    """How far the walk went; in the report with ``-rP``."""
    objects = sum(len(names_of(row["kind"])) for row in ROWS)
    names = {address.name for address in addresses()}
    print(
        f"{len(names)} addresses, {len(ROWS)} rows, {len(PEOPLE)} kinds of people and 2 of another street, "
        f"{objects} address-method-objects, {CALLS['GET']} GET and {CALLS['POST']} POST"
    )
    assert CALLS["GET"] + CALLS["POST"] > 10 * len(ROWS) or not CALLS
