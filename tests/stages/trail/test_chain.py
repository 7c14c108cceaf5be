"""The chain as the database makes it: what it covers, what joins it and when, and what may leave."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from jiesu.cases.models import Event
from jiesu.core import postgres
from jiesu.dispatch import actions as dispatching
from jiesu.org.models import Unit
from jiesu.service import actions as service
from jiesu.trail import chain, roles
from jiesu.trail.actions import leave
from jiesu.trail.models import Entry, Head, Kind, Link
from jiesu.trail.report import SOURCES
from tests.factories.orders import make_case, signed

WATCHED = {"entry": Entry, "event": Event}


@contextmanager
def as_the_owner_pleases() -> Iterator[object]:
    """Every trigger out of the way."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = origin")


def named(report: chain.Report) -> list[tuple[str, str, int | None]]:
    return [(fault.wrong.label, fault.table, fault.row) for fault in report.faults]


@pytest.mark.parametrize("name", WATCHED)
def test_a_digest_covers_every_column_of_its_table(name):
    model, digest = WATCHED[name], SOURCES[name].digest.replace('"', "")
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]

    assert model._meta.db_table == SOURCES[name].table
    assert [column for column in columns if f"r.{column}" not in digest] == []


@pytest.mark.django_db(transaction=True)
def test_one_statement_is_one_link_however_many_rows(office):
    Entry.objects.bulk_create([Entry(kind=Kind.READ, username=f"u{n}") for n in range(500)])
    leave(Kind.READ, actor=None)

    links = Link.objects.filter(source="entry").order_by("-seq")[:2]
    assert [len(link.ids) for link in links] == [1, 500]
    assert Head.objects.get().seq == links[0].seq
    assert chain.verify().good


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_link_and_no_fault(office):
    before = Link.objects.count()
    with transaction.atomic():
        leave(Kind.READ, actor=None)
        transaction.set_rollback(True)
    with transaction.atomic():
        point = transaction.savepoint()
        leave(Kind.READ, actor=None)
        transaction.savepoint_rollback(point)
        leave(Kind.SEARCH, actor=None)

    assert Link.objects.count() == before + 1
    assert chain.verify().good


@pytest.mark.django_db(transaction=True)
def test_no_setting_of_a_session_changes_a_digest(office):
    with connection.cursor() as cursor:
        cursor.execute("SET TimeZone = 'America/New_York'")
        cursor.execute("SET DateStyle = 'German, DMY'")
        cursor.execute(
            "INSERT INTO trail_entry (kind, facts) VALUES ('read', %s)",
            ['{"q": "é\\u2028“,\\\\\\n", "n": 1.50, "a": {"b": null}}'],
        )
        cursor.execute("RESET ALL")

    assert chain.verify().good


@pytest.mark.django_db(transaction=True)
def test_a_link_altered_removed_or_moved_is_named(office):
    for _ in range(4):
        leave(Kind.READ, actor=None)
    seq = Link.objects.latest("seq").seq - 2

    def exchange(cursor):
        for old, new in ((seq, -1), (seq + 1, seq), (-1, seq + 1)):
            cursor.execute("UPDATE trail_link SET seq = %s WHERE seq = %s", [new, old])

    with as_the_owner_pleases() as cursor:
        cursor.execute("UPDATE trail_link SET role = role || '!' WHERE seq = %s", [seq])
        altered = named(chain.verify())
        cursor.execute("UPDATE trail_link SET role = rtrim(role, '!') WHERE seq = %s", [seq])
        exchange(cursor)
        moved = named(chain.verify())
        exchange(cursor)
        mended = chain.verify().good
        cursor.execute("DELETE FROM trail_link WHERE seq = %s", [seq])
        removed = named(chain.verify())

    assert altered == [("被改动", "trail_link", seq)]
    assert moved == [("次序被换", "trail_link", seq), ("次序被换", "trail_link", seq + 1)]
    assert mended
    assert ("被删除", "trail_link", seq) in removed


@pytest.mark.django_db(transaction=True)
def test_a_link_put_beyond_the_end_is_named_and_stops_nobody(office):
    leave(Kind.READ, actor=None)
    last = Link.objects.latest("seq")
    with as_the_owner_pleases() as cursor:
        cursor.execute(
            "INSERT INTO trail_link SELECT seq + 1, source, ids, digests, rows, at, role, program,"
            " certificate, note, previous, hash FROM trail_link WHERE seq = %s",
            [last.seq],
        )

    leave(Kind.READ, actor=None)

    assert [seq for _, table, seq in named(chain.verify()) if table == "trail_link"] == [
        last.seq + 1
    ]


@pytest.mark.django_db(transaction=True)
def test_a_walk_may_begin_in_the_middle(office):
    for _ in range(3):
        leave(Kind.READ, actor=None)
    last = Link.objects.latest("seq").seq

    found = chain.verify(first=last)

    assert (found.good, found.links, found.seq) == (True, 1, last)


@pytest.mark.django_db(transaction=True)
def test_eight_desks_at_once_neither_wait_for_ever_nor_break_the_chain(office, member):
    seat = member("seat")
    unit = Unit.objects.get(office=office, role_code="LIVELIHOOD")
    cases = [signed(make_case(office), seat) for _ in range(24)]
    failed: list[Exception] = []

    def work(mine):
        try:
            for case in mine:
                with transaction.atomic():
                    leave(Kind.READ, actor=seat, case=case.pk, number=case.number)
                    dispatching.dispatch(
                        case, unit=unit, actor=seat, at=timezone.now(),
                        due_at=timezone.now() + timedelta(days=1),
                    )  # fmt: skip
        except Exception as broken:
            failed.append(broken)
        finally:
            connections.close_all()

    desks = [threading.Thread(target=work, args=(cases[n::8],)) for n in range(8)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join(60)

    found = chain.verify()
    assert failed == []
    assert found.good
    assert found.links == found.seq


@pytest.mark.django_db(transaction=True)
def test_events_of_a_certificate_are_redacted_and_no_other_road_leads_there(office):
    case = make_case(office)
    event = case.events.get()
    with connection.cursor() as cursor:
        with pytest.raises(Exception, match="only ever added"):
            cursor.execute("UPDATE cases_event SET note = 'x' WHERE id = %s", [event.pk])
        cursor.execute("SELECT trail_redact_event(%s, '已清除', '{}', 7)", [event.pk])

    event.refresh_from_db()
    found = chain.verify()
    assert event.note == "已清除"
    assert (found.good, found.erased, found.certificates) == (True, 1, [7])


@pytest.mark.django_db(transaction=True)
def test_old_entries_go_when_they_may_and_not_a_day_before(settings):
    settings.TRAIL_DAYS = 365
    old = Entry.objects.create(kind=Kind.READ, at=timezone.now() - timedelta(days=400))
    link = Link.objects.latest("seq")
    with as_the_owner_pleases() as cursor:  # as if it had been linked then
        cursor.execute(
            "UPDATE trail_link SET at = at - interval '400 days' WHERE seq = %s", [link.seq]
        )
        again = chain.HASH.format(place=chain.sql.SQL("seq")).as_string(
            cursor.connection.connection
        )
        cursor.execute(f"UPDATE trail_link SET hash = {again} WHERE seq = %s", [link.seq])
        cursor.execute("UPDATE trail_head SET hash = (SELECT hash FROM trail_link WHERE seq = %s)", [link.seq])  # fmt: skip
    kept = leave(Kind.READ, actor=None)

    gone = service.clear_old()

    found = chain.verify()
    assert (gone, found.good, found.cleared) == (1, True, 1)
    assert not Entry.objects.filter(pk=old.pk).exists()
    assert Entry.objects.filter(pk=kept.pk).exists()
    with connection.cursor() as cursor, pytest.raises(Exception, match="180 days"):
        cursor.execute("SELECT trail_clear(179)")


@pytest.mark.django_db(transaction=True)
def test_an_entry_cleared_before_its_time_is_missing(settings):
    settings.TRAIL_DAYS = 365
    backdated = Entry.objects.create(kind=Kind.READ, at=timezone.now() - timedelta(days=400))

    service.clear_old()

    assert named(chain.verify()) == [("被删除", "trail_entry", backdated.pk)]


@pytest.mark.django_db(transaction=True)
def test_a_trigger_that_was_switched_off_is_told(office):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_event DISABLE TRIGGER cases_event_linked")
        said = chain.verify().warnings
        cursor.execute("ALTER TABLE cases_event ENABLE TRIGGER cases_event_linked")

    assert "cases_event_linked" in said[-1]
    assert "cases_event_linked" not in "".join(chain.verify().warnings)


@pytest.mark.django_db(transaction=True)
def test_an_own_server_has_two_roles_when_the_owner_is_named(office, monkeypatch, tmp_path):
    told = connection.settings_dict
    url = f"host={told['HOST']} dbname={told['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS jiesu_of_test")
        cursor.execute("CREATE ROLE jiesu_of_test LOGIN")
    try:
        monkeypatch.setenv("JIESU_OWNER_URL", f"{url} user={told['USER']}")
        monkeypatch.setenv("DATABASE_URL", f"{url} user=jiesu_of_test")
        with roles.as_owner():
            roles.grant()
        with psycopg.connect(f"{url} user=jiesu_of_test application_name=jiesu") as app:
            app.execute("INSERT INTO trail_entry (kind, facts) VALUES ('read', '{}')")
            app.commit()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("DELETE FROM trail_entry")

        assert postgres.settings()["USER"] == "jiesu_of_test"
        assert chain.verify().writers[-1]["role"] == "jiesu_of_test"
        assert chain.verify().good
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY jiesu_of_test; DROP ROLE jiesu_of_test")
            cursor.execute("COMMENT ON TABLE trail_head IS NULL")
