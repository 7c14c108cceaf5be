"""One row edited, removed, put in or moved by the owner of the database: each is found and named.

Against a product as an office runs it: its own server, the application as a role without ownership.
"""

import json
from collections.abc import Iterator

import psycopg
import pytest

from tests.journeys.served import Product, product

TABLES = ("trail_entry", "cases_event")
WORK = """
from jiesu.__main__ import connect
connect()
from django.utils import timezone
from jiesu.cases import transitions
from jiesu.cases.models import Case
from jiesu.org.models import Member
from jiesu.rules.workflow import Action
from jiesu.trail import actions
from jiesu.trail.models import Kind
seat = Member.objects.filter(role="seat").first()
for case in Case.objects.order_by("pk")[:8]:
    actions.leave(Kind.READ, actor=seat, case=case.pk, number=case.number)
    transitions.record(case, Action.NOTE, actor=None, at=timezone.now(), note=f"第 {case.pk} 件")
"""


@pytest.fixture(scope="module")
def street() -> Iterator[Product]:
    """The demo street, with something in its trail."""
    with product("demo") as served:
        served.python(WORK)
        assert verify(served)["faults"] == []
        yield served


def connect(served: Product, role: str = "postgres") -> psycopg.Connection:
    host = (served.folder / "pg" / "postmaster.pid").read_text().splitlines()[4].strip()
    return psycopg.connect(host=host, user=role, dbname="jiesu")


def verify(served: Product, *words: str) -> dict:
    ran = served.do("audit", "verify", "--json", *words, check=False)
    told = json.loads(ran.stdout.splitlines()[-1])
    assert ran.returncode == (0 if told["good"] else 1), ran.stderr
    return told


def named(told: dict) -> set[tuple[str, str, int | None]]:
    return {(fault["what"], fault["table"], fault["row"]) for fault in told["faults"]}


@pytest.fixture
def owner(street: Product) -> Iterator[psycopg.Connection]:
    """The owner, with every trigger out of the way; all of it is put back as it was."""
    with connect(street) as link:
        kept = {
            table: link.execute(f"SELECT * FROM {table}").fetchall()
            for table in (*TABLES, "trail_link", "trail_head")
        }
        link.execute("SET session_replication_role = replica")
        link.commit()
        yield link
        link.rollback()
        link.execute("SET session_replication_role = replica")
        for table, rows in kept.items():
            places = ", ".join(["%s"] * len(rows[0]))
            link.execute(f"DELETE FROM {table}")
            with link.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {table} VALUES ({places})",
                    [[json.dumps(v) if isinstance(v, dict) else v for v in row] for row in rows],
                )
        link.commit()


def middle(link: psycopg.Connection, table: str) -> tuple[int, int]:
    """Two neighbours in the middle of a table."""
    found = link.execute(
        f"SELECT id FROM {table} ORDER BY id OFFSET (SELECT count(*) / 2 FROM {table}) LIMIT 2"
    ).fetchall()
    return found[0][0], found[1][0]


def test_an_edited_row_is_named(street, owner):
    rows = {table: middle(owner, table)[0] for table in TABLES}
    for table, row in rows.items():
        owner.execute(f"UPDATE {table} SET at = at + interval '1 microsecond' WHERE id = %s", [row])
    owner.commit()

    assert named(verify(street)) == {("被改动", table, row) for table, row in rows.items()}


def test_a_removed_row_is_named(street, owner):
    rows = {table: middle(owner, table)[0] for table in TABLES}
    for table, row in rows.items():
        owner.execute(f"DELETE FROM {table} WHERE id = %s", [row])
    owner.commit()

    assert named(verify(street)) == {("被删除", table, row) for table, row in rows.items()}


PUT_IN = {
    "trail_entry": "INSERT INTO trail_entry (kind, facts) VALUES ('read', '{}') RETURNING id",
    "cases_event": "INSERT INTO cases_event (office_id, case_id, step, action, after, moved, at, note,"
    " facts) SELECT office_id, case_id, step, action, after, false, at, '', '{}' FROM cases_event"
    " LIMIT 1 RETURNING id",
}


def test_a_row_put_in_by_hand_is_named_even_when_the_triggers_have_linked_it(street, owner):
    rows = {("多出来的", table, owner.execute(PUT_IN[table]).fetchone()[0]) for table in TABLES}
    owner.commit()
    owner.execute("SET session_replication_role = origin")
    rows |= {("多出来的", table, owner.execute(PUT_IN[table]).fetchone()[0]) for table in TABLES}
    owner.commit()

    assert named(verify(street)) == rows


def test_rows_that_changed_places_are_named(street, owner):
    pairs = {table: middle(owner, table) for table in TABLES}
    for table, (row, other) in pairs.items():
        for old, new in ((row, -1), (other, row), (-1, other)):
            owner.execute(f"UPDATE {table} SET id = %s WHERE id = %s", [new, old])
    owner.commit()

    assert named(verify(street)) == {
        ("次序被换", table, row) for table, pair in pairs.items() for row in pair
    }


def test_a_tail_cut_off_with_everything_that_told_of_it_is_found_by_the_anchor(
    street, owner, tmp_path
):
    kept = tmp_path / "anchors.jsonl"
    street.do("audit", "anchor", "--to", str(kept))
    (line,) = map(json.loads, kept.read_text().splitlines())
    before = verify(street, "--anchors", str(kept))
    seq, ids = owner.execute("SELECT seq, ids FROM trail_link ORDER BY seq DESC LIMIT 1").fetchone()
    owner.execute("DELETE FROM cases_event WHERE id = ANY(%s)", [ids])
    owner.execute("DELETE FROM trail_link WHERE seq = %s", [seq])
    owner.commit()
    by_its_head = named(verify(street))
    owner.execute(
        "UPDATE trail_head SET (seq, rows, hash) ="
        " (SELECT seq, rows, hash FROM trail_link ORDER BY seq DESC LIMIT 1)"
    )
    owner.commit()
    nothing_left_to_tell = verify(street)["good"]

    assert (line["seq"], line["hash"]) == (before["seq"], before["hash"]) == (seq, before["hash"])
    assert line["rows"] == sum(before["rows"].values())
    assert kept.stat().st_mode & 0o777 == 0o600
    assert before["good"]
    assert by_its_head == {("尾部被截断", "trail_link", None)}
    assert nothing_left_to_tell
    assert named(verify(street, "--anchors", str(kept))) == {("尾部被截断", "trail_link", seq)}


def test_a_lawful_erasure_is_counted_and_no_fault(street, owner):
    row, _ = middle(owner, "cases_event")
    with connect(street, "jiesu_app") as app:
        app.execute("SET application_name = 'jiesu'")
        app.execute("SELECT trail_redact_event(%s, '', '{}', 17)", [row])

    told = verify(street)

    assert (told["good"], told["erased"], told["certificates"]) == (True, 1, [17])
    owner.execute("UPDATE cases_event SET note = '又写了' WHERE id = %s", [row])
    owner.commit()
    assert named(verify(street)) == {("被改动", "cases_event", row)}


FORBIDDEN = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TABLE {table} CASCADE",
]
NOR = [
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "CREATE TABLE of_my_own (id int)",
    "INSERT INTO trail_link SELECT * FROM trail_link",
    "SELECT trail_append('writer', '{}', '{}', NULL, 'me')",
    "SELECT trail_pend('entry', '{1}', '{x}')",
    "CREATE OR REPLACE FUNCTION trail_ripens() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'",
]


def test_the_application_itself_is_refused(street):
    column = {"trail_link": "rows", "trail_head": "rows"}
    words = [
        each.format(table=table, column=column.get(table, "id"))
        for table in (*TABLES, "trail_link", "trail_head")
        for each in FORBIDDEN
    ]

    allowed = []
    with connect(street, "jiesu_app") as app:
        for each in words + NOR:
            try:
                app.execute(each)
                allowed.append(each)
            except psycopg.errors.InsufficientPrivilege:
                pass
            app.rollback()

    assert allowed == []


def test_the_application_works_as_that_role(street):
    with connect(street) as link:
        roles = link.execute("SELECT DISTINCT role, program FROM trail_link WHERE note = ''")

        assert roles.fetchall() == [("jiesu_app", "jiesu")]
