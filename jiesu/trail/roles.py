"""The application's role in the database: it works, and cannot rewrite what is on record.

The owner migrates. The application may add to the trail and to the record of cases and read them, but
neither change nor remove a row of them, nor touch a table's shape or its triggers; links and head of the
chain it may only read, for they are made by the owner's triggers. One role for both is allowed on an own
server (no ``JIESU_OWNER_URL``), and then said.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from django.db import connection
from psycopg import sql

from jiesu.core import postgres

# what is on record is added to and no more; the chain over it is only read
GRANTS = """
REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC;
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
REVOKE UPDATE, DELETE ON trail_entry, cases_event,
    assessment_result, assessment_standingfact, assessment_frozen FROM {role};
REVOKE INSERT, UPDATE, DELETE ON trail_link, trail_head, django_migrations FROM {role};
REVOKE ALL ON trail_pending FROM {role};
GRANT EXECUTE ON FUNCTION trail_clear(integer), trail_redact_event(bigint, text, jsonb, bigint),
    trail_redact_events(bigint[], text[], jsonb[], bigint) TO {role};
"""
TOLD = (
    "SELECT note FROM trail_link WHERE source = 'writer' AND note <> '' ORDER BY seq DESC LIMIT 1"
)
GUARDED = (
    "cases_event_linked", "cases_event_only_added", "trail_entry_linked", "trail_entry_only_added",
    "trail_link_only_added", "trail_pending_joins", "trail_pending_ripens",
)  # fmt: skip
GUARDS = """
SELECT name FROM unnest(%s::text[]) AS name WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgname = name AND tgenabled IN ('O', 'A')
) ORDER BY name
"""
ONE_ROLE = (
    "提示：系统用数据库属主的账号运行，这个账号改得动留痕和案件记录（改了能被 jiesu audit verify 发现）。"
    "建议另建一个普通用户给系统用，属主写在 JIESU_OWNER_URL，见 docs/operating.md。"
)
NOBODY = "-"  # one role for all: who writes is not told apart any more


@contextmanager
def as_owner() -> Iterator[None]:
    """Work as the owner of the tables meanwhile, where there are two roles; not inside a transaction."""
    if not postgres.two_roles():
        yield
        return
    mine = dict(connection.settings_dict)
    theirs = postgres.settings(owner=True)
    connection.close()
    connection.settings_dict.update(
        {name: theirs[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS") if name in theirs}
    )  # fmt: skip
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(mine)


def grant() -> None:
    """Give the application's role what it may do with the tables as they are now. As the owner.

    Does nothing when that was done for these very tables already.
    """
    role = str(postgres.settings()["USER"]) if postgres.two_roles() else NOBODY
    with connection.cursor() as cursor:
        if role != NOBODY:
            _grant(cursor, role)
        cursor.execute(TOLD)
        told = cursor.fetchone()
        if (told[0] if told else NOBODY) != role:
            cursor.execute("SELECT trail_append('writer', '{}', '{}', NULL, %s)", [role])


def _grant(cursor: object, role: str) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT current_schema(), obj_description('trail_head'::regclass),"
        " (SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class"
        "  WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S'))"
    )
    schema, done, tables = cursor.fetchone()  # type: ignore[attr-defined]
    mark = sha256(f"{GRANTS}{role}{tables}".encode()).hexdigest()
    if done == mark:
        return
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    cursor.execute(sql.SQL(GRANTS).format(**names))  # type: ignore[attr-defined]
    cursor.execute(  # type: ignore[attr-defined]
        sql.SQL("COMMENT ON TABLE trail_head IS {}").format(sql.Literal(mark))
    )


def warnings() -> list[str]:
    """Say, in words for the operator, when the role that works could rewrite the record, or nothing guards it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(current_user, 'trail_link', 'UPDATE')")
        said = [ONE_ROLE] if cursor.fetchone()[0] else []
        cursor.execute(GUARDS, [list(GUARDED)])
        gone = [name for (name,) in cursor.fetchall()]
    if gone:
        said.append(f"提示：守着记录的触发器被停用或删除：{'、'.join(gone)}。请恢复，并核对留痕。")
    return said
